import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

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

function generationOf(path: string): Generation | undefined {
  const parts = FILE.exec(basename(path))?.groups;
  if (!parts) return undefined;
  const { projection = '', version, generation, kind } = parts;
  return { path, projection, version: Number(version), generation: Number(generation), building: kind === 'building' };
}

/** All generations in the folder, newest first; other files are none of ours. */
export const generationsIn = (directory: string): Generation[] =>
  readdirSync(directory)
    .flatMap((name) => generationOf(join(directory, name)) ?? [])
    .sort((a, b) => b.generation - a.generation);

/**
 * Where the next generation of a projection goes once it is complete.
 * @param inUse a file that still counts, though somebody may have deleted it: the next one must not take its name
 */
export function nextGeneration(
  directory: string,
  { name, version }: { readonly name: string; readonly version: number },
  inUse?: string,
): string {
  const known = generationsIn(directory).filter(({ projection }) => projection === name);
  const last = Math.max(0, generationOf(inUse ?? '')?.generation ?? 0, ...known.map(({ generation }) => generation));
  return join(directory, `${name}.v${version}.${last + 1}.sqlite`);
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
