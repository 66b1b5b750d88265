import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnavailable } from './event-store/event-store.ts';

/**
 * Makes the folder Almanac keeps everything in. It is nobody else's to read, and no part of the repository it may stand in. In a
 * folder that was there before, what git ignores is its owner's to say.
 * @throws {StoreUnavailable} saying why it cannot be made
 */
export function prepareDataDirectory(directory: string): void {
  try {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (made !== undefined) writeFileSync(join(directory, '.gitignore'), '*\n');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const message = `${directory} cannot be used as DATA_DIR: ${error.message}.`;
    throw new StoreUnavailable(message, { cause: error });
  }
}
