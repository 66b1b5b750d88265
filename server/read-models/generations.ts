import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files of read models: `<projection>.v<version>.<generation>.sqlite`, and `….building` while one is built beside the one in use.
 * The highest generation is the one in use. Every file may be deleted at any time.
 */
export type Generation = {
  readonly path: string;
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  readonly building: boolean;
};

const FILE = /^(?<projection>[a-z0-9-]+)\.v(?<version>\d+)\.(?<generation>\d+)\.(?<kind>sqlite|building)$/;
/** What SQLite keeps beside a database. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/** All generations in the folder, newest first; other files are none of ours. */
export function generationsIn(directory: string): Generation[] {
  const found = readdirSync(directory).flatMap((name): Generation[] => {
    const parts = FILE.exec(name)?.groups;
    if (!parts) return [];
    const { projection = '', version, generation, kind } = parts;
    const numbers = { version: Number(version), generation: Number(generation) };
    return [{ path: join(directory, name), projection, ...numbers, building: kind === 'building' }];
  });
  return found.sort((a, b) => b.generation - a.generation);
}

/** Where the next generation of a projection goes once it is complete. */
export function nextGeneration(directory: string, projection: { readonly name: string; readonly version: number }) {
  const [newest] = generationsIn(directory).filter((one) => one.projection === projection.name);
  return join(directory, `${projection.name}.v${projection.version}.${(newest?.generation ?? 0) + 1}.sqlite`);
}

export const whileBuilding = (path: string): string => path.replace(/\.sqlite$/, '.building');

export function removeDatabase(path: string): void {
  for (const companion of COMPANIONS) rmSync(path + companion, { force: true });
}

/** Removes what a crash in the middle of a rebuild left, and read models nobody knows any more. */
export function removeLeftovers(directory: string, known: readonly string[]): void {
  for (const { path, projection, building } of generationsIn(directory))
    if (building || !known.includes(projection)) removeDatabase(path);
}
