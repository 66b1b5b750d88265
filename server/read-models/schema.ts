import type { AnyProjection, ColumnType } from '../../projections/projection.ts';

/** A table as SQLite is told of it. */
export type TableSchema = {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns whose values are stored as JSON text. */
  readonly json: ReadonlySet<string>;
  /** Empty: append-only. */
  readonly key: readonly string[];
  readonly create: string;
  readonly indexes: readonly { readonly first: string; readonly create: string }[];
};

export const META_TABLE = 'meta';
const NAME = /^[a-z][a-z0-9_]*$/;

export const quoted = (name: string): string => `"${name}"`;
const listOf = (names: readonly string[]) => names.map(quoted).join(', ');

/**
 * Tables and indexes of a projection. The statements are compared with what a file holds: a changed definition is noticed without a new version.
 * @throws {TypeError} for a definition that cannot be: a programming error
 */
export const schemaOf = (projection: AnyProjection): TableSchema[] =>
  Object.entries(projection.tables).map(([name, { columns, key, indexes = [] }]) => {
    const names = Object.keys(columns);
    const refuse = (reason: string) => new TypeError(`Table "${name}" of projection "${projection.name}" ${reason}.`);
    if (name === META_TABLE) throw refuse('has a name the engine uses itself');
    for (const one of [name, ...names]) if (!NAME.test(one)) throw refuse(`has a name that is no snake_case: "${one}"`);
    for (const one of [...key, ...indexes.flat()]) if (!names.includes(one)) throw refuse(`has no column "${one}"`);
    const clauses = Object.entries(columns).map(([column, type]) => `${quoted(column)} ${sqlType(type)}`);
    if (key.length > 0) clauses.push(`PRIMARY KEY (${listOf(key)})`);
    return {
      name,
      columns: names,
      json: new Set(names.filter((column) => columns[column] === 'JSON')),
      key,
      create: `CREATE TABLE ${quoted(name)} (${clauses.join(', ')}) STRICT${key.length > 0 ? ', WITHOUT ROWID' : ''}`,
      indexes: indexes.map((of) => ({
        first: of[0] ?? '',
        create: `CREATE INDEX ${quoted([name, 'by', ...of].join('_'))} ON ${quoted(name)} (${listOf(of)})`,
      })),
    };
  });

function sqlType(type: ColumnType): string {
  const base = type.startsWith('INTEGER') ? 'INTEGER' : 'TEXT';
  return type.endsWith(' NULL') ? base : `${base} NOT NULL`;
}
