import type { DatabaseSync } from 'node:sqlite';
import { quoted, type TableSchema } from './schema.ts';

/** How a table differs from what the log says. A row with another value counts as one missing and one unexpected. */
export type Difference = {
  readonly name: string;
  readonly table: string;
  /** Rows that should be there and are not. */
  readonly missing: number;
  /** Rows that are there and should not be. */
  readonly unexpected: number;
  readonly examples: string[];
};

const MOST_EXAMPLES = 3;

/**
 * Compares tables with those of the same name in the attached database `fresh`, whatever the order of their rows.
 * @returns those that differ
 */
export const differences = (database: DatabaseSync, name: string, tables: readonly TableSchema[]): Difference[] =>
  tables.flatMap((table) => {
    const missing = onlyIn(database, table, 'fresh', 'main');
    const unexpected = onlyIn(database, table, 'main', 'fresh');
    if (missing.count + unexpected.count === 0) return [];
    const examples = [
      ...missing.examples.map((row) => `missing ${row}`),
      ...unexpected.examples.map((row) => `unexpected ${row}`),
    ];
    return [{ name, table: table.name, missing: missing.count, unexpected: unexpected.count, examples }];
  });

function onlyIn(database: DatabaseSync, table: TableSchema, here: string, there: string) {
  const rowsOf = (schema: string) => {
    const columns = table.columns.map(quoted).join(', ');
    const from = `FROM ${schema}.${quoted(table.name)}`;
    // Without a key the same row may stand there twice, and EXCEPT alone would not see it.
    return table.key.length > 0
      ? `SELECT ${columns} ${from}`
      : `SELECT ${columns}, count(*) AS times ${from} GROUP BY ${columns}`;
  };
  const rows = `(${rowsOf(here)} EXCEPT ${rowsOf(there)})`;
  const count = Number(database.prepare(`SELECT count(*) AS count FROM ${rows}`).get()?.['count']);
  if (count === 0) return { count, examples: [] };
  const examples = database.prepare(`SELECT * FROM ${rows} LIMIT ${MOST_EXAMPLES}`).all();
  return { count, examples: examples.map((row) => JSON.stringify(row)) };
}
