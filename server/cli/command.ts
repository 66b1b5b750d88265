import type { Command } from 'commander';
import type { Flags, Settings } from '../config.ts';
import { printable } from '../printable.ts';

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

/**
 * Flags given on the command line that a running server has settled for itself. Asked, it would show its own book whatever
 * they say.
 */
export function flagsSettledByServer(command: Command): string[] {
  return command.options
    .filter((option) => SETTLED.has(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long ?? '');
}

const SETTLED: ReadonlySet<string> = new Set<keyof Flags>(['repo', 'timeZone', 'eventStoreUrl']);

/** A line for people. */
export const print = (text: string): void => console.log(printable(text));

/** One JSON document, for programs. */
export const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, 2));
