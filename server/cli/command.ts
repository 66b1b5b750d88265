import type { Command } from 'commander';
import type { Flags, Settings } from '../config.ts';

/** What a command's file gets to declare itself with. */
export type CommandKit = {
  /** Adds the options for data and repositories. */
  withSettings(command: Command): Command;
  /** @throws {ConfigurationError} */
  settingsOf(command: Command, defaults?: Flags): Settings;
  readonly version: string;
};

/** A fault the person can mend: told in one sentence, without a stack. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** One JSON document, for programs. */
export const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, 2));
