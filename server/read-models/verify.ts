import { DatabaseSync } from 'node:sqlite';
import type { AnyProjection } from '../../projections/projection.ts';
import { build, type BuildOptions } from './build.ts';
import { differences, type Difference } from './compare.ts';
import { removeDatabase } from './generations.ts';
import { META_TABLE, schemaOf } from './schema.ts';

export type Suspect = {
  readonly projection: AnyProjection;
  /** The file in use. */
  readonly path: string;
  /** Where it is folded afresh; removed in the end. */
  readonly fresh: string;
};

/**
 * Folds afresh and compares. The files in use are read as they are at this moment and may go on meanwhile.
 * @throws {Error} when a projection cannot be folded at all
 */
export async function verify(suspects: readonly Suspect[], options: BuildOptions): Promise<Difference[]> {
  const snapshots = suspects.map((suspect) => ({ ...suspect, ...snapshotOf(suspect.path) }));
  try {
    const targets = snapshots.map(({ projection, fresh, through }) => ({ projection, path: fresh, through }));
    for (const { name, error } of await build(targets, options))
      if (error !== null) throw new Error(`${name} cannot be folded: ${error}`);
    return snapshots.flatMap(({ projection, database, fresh }) => {
      database.prepare('ATTACH ? AS fresh').run(fresh);
      return differences(database, projection.name, schemaOf(projection));
    });
  } finally {
    for (const { database, fresh } of snapshots) {
      database.close();
      removeDatabase(fresh);
    }
  }
}

/** A transaction that sees the file as it is now until it is closed. */
function snapshotOf(path: string): { database: DatabaseSync; through: bigint | null } {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  database.exec('BEGIN');
  const statement = database.prepare(`SELECT position FROM ${META_TABLE}`);
  statement.setReadBigInts(true);
  return { database, through: (statement.get()?.['position'] ?? null) as bigint | null };
}
