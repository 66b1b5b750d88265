import type { Recorded } from '../../domain/event-registry.ts';
import { expect } from 'vitest';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import type { AnyProjection, Projection, ReadModel, Rows, TableDefinition } from '../../projections/projection.ts';
import type { RecordedEvent } from '../../server/event-store/event-store.ts';
import { EventPage } from '../../server/read-models/event-page.ts';
import { Folding } from '../../server/read-models/folding.ts';
import { ModelFile } from '../../server/read-models/model-file.ts';

/** An event, and where it matters when it was recorded (milliseconds since the epoch) and in which stream. */
export type GivenEvent = AlmanacEvent & { readonly recordedAt?: number; readonly stream?: string };

type RowsByTable<Tables> = {
  [Name in keyof Tables]?: Tables[Name] extends TableDefinition<infer Row> ? readonly Row[] : never;
};

type Step = { readonly events: readonly GivenEvent[]; readonly numberOfTimes: number };

const FIRST_RECORDED_AT = Date.UTC(2025, 2, 10);

/**
 * `projectionSpec(members).given([…]).when([…], { numberOfTimes: 2 }).then({ members: […] })`
 *
 * The events are folded in several ways (flushed together, one by one, built afresh) that must agree, each is delivered as often
 * as wished, and neither events nor rows may be changed in place.
 */
export const projectionSpec = <Tables>(projection: Projection<Tables>): ProjectionSpec<Tables> =>
  new ProjectionSpec<Tables>(projection as unknown as AnyProjection, []);

class ProjectionSpec<Tables> {
  readonly #projection: AnyProjection;
  readonly #steps: readonly Step[];

  constructor(projection: AnyProjection, steps: readonly Step[]) {
    this.#projection = projection;
    this.#steps = steps;
  }

  given(events: readonly GivenEvent[]): ProjectionSpec<Tables> {
    return this.when(events);
  }

  /** @param options.numberOfTimes how often the log delivers them: each counts once all the same */
  when(events: readonly GivenEvent[], { numberOfTimes = 1 } = {}): ProjectionSpec<Tables> {
    return new ProjectionSpec(this.#projection, [...this.#steps, { events, numberOfTimes }]);
  }

  /** The rows of the tables named, in any order. */
  then(rows: RowsByTable<Tables>): void {
    for (const [name, expected] of Object.entries(rows) as [string, readonly object[]][])
      expect(sorted(this.rows()[name] ?? []), name).toEqual(sorted(expected));
  }

  /** What a query answers. */
  query<Answer>(ask: (model: ReadModel) => Answer): Answer {
    using folded = this.#folded('together');
    return ask(modelOf(folded.folding));
  }

  /** All rows of all tables; whichever way they were folded. */
  rows(): Record<string, object[]> {
    using folded = this.#folded('together');
    const rows = rowsOf(folded.folding);
    for (const way of ['one by one', 'built'] as const) {
      using other = this.#folded(way);
      expect(rowsOf(other.folding), way).toEqual(rows);
    }
    return rows;
  }

  #folded(way: Way) {
    return fold(this.#projection, this.#steps, way);
  }
}

type Way = 'together' | 'one by one' | 'built';

function fold(projection: AnyProjection, steps: readonly Step[], way: Way) {
  const frozen = withoutChangesInPlace(projection);
  const file = way === 'built' ? ModelFile.build(':memory:', frozen) : ModelFile.create(':memory:', frozen);
  const folding = new Folding(frozen, file);
  let delivered = 0;
  for (const { events, numberOfTimes } of steps) {
    const recorded = events.map((event, index) => record(event, delivered + index + 1));
    delivered += events.length;
    for (let time = 0; time < numberOfTimes; time += 1)
      for (const one of recorded) {
        const failure = folding.apply(new EventPage([one], (recorded) => recorded as unknown as Recorded));
        if (failure) throw failure.error;
        if (way === 'one by one') folding.flush();
      }
  }
  folding.flush();
  if (way === 'built') file.finish();
  return { folding, [Symbol.dispose]: () => folding.retire() };
}

function record({ recordedAt, stream, ...event }: GivenEvent, number: number): RecordedEvent {
  return deepFreeze({
    ...event,
    id: `00000000-0000-5000-8000-${String(number).padStart(12, '0')}`,
    stream: stream ?? 'stream-1',
    metadata: {},
    revision: BigInt(number - 1),
    position: BigInt(number) * 10n,
    recordedAt: recordedAt ?? FIRST_RECORDED_AT + number * 1_000,
  });
}

type AnyRows = Rows<Record<string, unknown>>;
type AnyHandler = (event: Recorded, rows: Readonly<Record<string, AnyRows>>) => void;

function withoutChangesInPlace(projection: AnyProjection): AnyProjection {
  const on = Object.entries(projection.on as Record<string, AnyHandler>).map(([type, handler]) => {
    const guarded: AnyHandler = (event, tables) =>
      handler(event, Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, frozenRows(rows)])));
    return [type, guarded] as const;
  });
  return { ...projection, on: Object.fromEntries(on) };
}

const frozenRows = (rows: AnyRows): AnyRows => ({
  get: (...key) => deepFreeze(rows.get(...key)),
  put: (row) => rows.put(deepFreeze(row)),
  delete: (...key) => rows.delete(...key),
  add: (row) => rows.add(deepFreeze(row)),
  where: (column, value) => deepFreeze(rows.where(column, value)),
  replace: (column, from, to) => rows.replace(column, from, to),
  overwrite: (column, value, where, is) => rows.overwrite(column, value, where, is),
});

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

function rowsOf({ file }: Folding): Record<string, object[]> {
  return Object.fromEntries(
    file.tables.map(({ name, json }) => {
      const rows = file.database.prepare(`SELECT * FROM ${name}`).all();
      const parsed = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [column, json.has(column) ? JSON.parse(String(value)) : value]),
        ),
      );
      return [name, sorted(parsed)];
    }),
  );
}

const sorted = <Row extends object>(rows: readonly Row[]): Row[] => {
  const text = (row: Row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
};

const modelOf = ({ file, position }: Folding): ReadModel => ({
  position,
  generation: 1,
  all: <Row>(sql: string, ...values: readonly (string | number | null)[]) =>
    file.database.prepare(sql).all(...values) as Row[],
  get: <Row>(sql: string, ...values: readonly (string | number | null)[]) =>
    file.database.prepare(sql).get(...values) as Row | undefined,
});
