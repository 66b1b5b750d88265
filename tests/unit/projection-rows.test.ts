import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { table, type AnyProjection } from '../../projections/projection.ts';
import { ModelFile } from '../../server/read-models/model-file.ts';
import { TableRows } from '../../server/read-models/table-rows.ts';

type Cell = { place: string; number: number; colour: string; notes: string[] };

const projection: AnyProjection = {
  name: 'cells',
  version: 1,
  tables: {
    cells: table<Cell>({
      key: ['place', 'number'],
      columns: { place: 'TEXT', number: 'INTEGER', colour: 'TEXT', notes: 'JSON' },
      indexes: [['colour']],
    }),
    log: table<{ colour: string; times: number }>({
      key: [],
      columns: { colour: 'TEXT', times: 'INTEGER' },
      indexes: [['colour']],
    }),
  },
  on: {},
};

type Opened = Disposable & { file: ModelFile; cells: TableRows; log: TableRows };

function open(mode: 'create' | 'build', mostCached?: number): Opened {
  const file = ModelFile[mode](':memory:', projection);
  const [cells, log] = file.tables.map((schema) => new TableRows(file, schema, mostCached));
  return { file, cells: cells!, log: log!, [Symbol.dispose]: () => file.close() };
}

const cell = (place: string, number: number, colour: string, notes: string[] = []): Cell => ({
  place,
  number,
  colour,
  notes,
});
const stored = ({ file }: Opened, name: string) =>
  file.database
    .prepare(`SELECT * FROM ${name}`)
    .all()
    .map((row) => ({ ...row, ...('notes' in row ? { notes: JSON.parse(String(row['notes'])) } : {}) }));

describe('rows', () => {
  test('are found before and after they are flushed', () => {
    using opened = open('create');
    const { cells } = opened;
    cells.put(cell('a', 1, 'red', ['첫']));
    expect(cells.get('a', 1)).toEqual(cell('a', 1, 'red', ['첫']));
    expect(stored(opened, 'cells')).toEqual([]);
    cells.flush();
    expect(stored(opened, 'cells')).toEqual([cell('a', 1, 'red', ['첫'])]);
    expect(cells.get('a', 2)).toBeUndefined();
  });

  test('keys are not run together', () => {
    using opened = open('create');
    const { cells } = opened;
    cells.put(cell('1', 11, 'red'));
    cells.put(cell('11', 1, 'blue'));
    cells.put(cell('1:1', 1, 'green'));
    expect([cells.get('1', 11), cells.get('11', 1), cells.get('1:1', 1)].map((row) => row?.['colour'])).toEqual([
      'red',
      'blue',
      'green',
    ]);
  });

  test('a value a column does not take is refused with the column named', () => {
    using opened = open('create');
    opened.cells.put({ ...cell('a', 1, 'red'), colour: null });
    expect(() => opened.cells.flush()).toThrow('cells.colour');
  });

  test('a search needs an index', () => {
    using opened = open('create');
    expect(() => opened.cells.where('number', 1)).toThrow('cannot be found by "number"');
    expect(() => opened.cells.add(cell('a', 1, 'red'))).toThrow('has a key');
    expect(() => opened.log.put({ colour: 'red', times: 1 })).toThrow('has no key');
  });

  test('a flush says whether anything has changed, whatever was written before it', () => {
    using opened = open('create');
    const { cells, log } = opened;
    expect([cells.flush(), log.flush()]).toEqual([false, false]);
    cells.put(cell('a', 1, 'red'));
    cells.where('colour', 'red');
    for (let times = 0; times < 200; times += 1) log.add({ colour: 'red', times });
    expect([cells.flush(), log.flush()]).toEqual([true, true]);
    log.replace('colour', 'red', 'blue');
    cells.delete('a', 1);
    expect([cells.flush(), log.flush()]).toEqual([true, true]);
    expect([cells.flush(), log.flush()]).toEqual([false, false]);
  });

  test('what was not committed is forgotten by a reset', () => {
    using opened = open('create');
    const { cells, file, log } = opened;
    cells.put(cell('a', 1, 'red'));
    cells.flush();
    file.commit({ position: 1n, previous: null, eventId: 'x', events: 1 });
    cells.put(cell('a', 1, 'blue'));
    cells.replace('colour', 'blue', 'green');
    log.add({ colour: 'red', times: 1 });
    log.flush();
    file.rollback();
    cells.reset();
    log.reset();
    expect(cells.get('a', 1)).toEqual(cell('a', 1, 'red'));
    cells.flush();
    log.flush();
    expect(stored(opened, 'cells')).toEqual([cell('a', 1, 'red')]);
    expect(stored(opened, 'log')).toEqual([]);
  });
});

const places = ['a', 'b', 'ab', '가'];
const colours = ['red', 'green', 'blue'];
const place = fc.constantFrom(...places);
const number = fc.integer({ min: 0, max: 3 });
const colour = fc.constantFrom(...colours);
const row = fc.record({ place, number, colour, notes: fc.array(fc.string(), { maxLength: 2 }) });
const entry = fc.record({ colour, times: number });

/** One thing done to the rows and to what they should be. */
type Step = (opened: Opened, plain: PlainRows) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  row.map((row): Step => ({ cells }, plain) => {
    cells.put(row);
    plain.put(row);
  }),
  fc.tuple(place, number).map(([place, number]): Step => ({ cells }, plain) => {
    cells.delete(place, number);
    plain.delete(place, number);
  }),
  fc.tuple(place, number).map(([place, number]): Step => ({ cells }, plain) => {
    expect(cells.get(place, number)).toEqual(plain.get(place, number));
  }),
  colour.map((colour): Step => ({ cells }, plain) => {
    expect(inOrder(cells.where('colour', colour))).toEqual(inOrder(plain.of(colour)));
  }),
  fc.tuple(colour, colour).map(([from, to]): Step => ({ cells, log }, plain) => {
    cells.replace('colour', from, to);
    log.replace('colour', from, to);
    plain.recolour(from, to);
  }),
  fc.tuple(place, place).map(([from, to]): Step => ({ cells }, plain) => {
    if (!plain.canMove(from, to)) return;
    cells.replace('place', from, to);
    plain.move(from, to);
  }),
  entry.map((entry): Step => ({ log }, plain) => {
    log.add({ ...entry });
    plain.log.push({ ...entry });
  }),
  fc.constant<Step>(({ cells, log }) => {
    cells.flush();
    log.flush();
  }),
);

/** What rows are, without a database: a map and a list. */
class PlainRows {
  readonly cells = new Map<string, Cell>();
  readonly log: { colour: string; times: number }[] = [];
  readonly #at = (place: string, number: number) => `${place}/${number}`;

  get(place: string, number: number) {
    return this.cells.get(this.#at(place, number));
  }
  put(row: Cell) {
    this.cells.set(this.#at(row.place, row.number), row);
  }
  delete(place: string, number: number) {
    this.cells.delete(this.#at(place, number));
  }
  of(colour: string) {
    return [...this.cells.values()].filter((row) => row.colour === colour);
  }
  recolour(from: string, to: string) {
    for (const row of this.of(from)) this.put({ ...row, colour: to });
    for (const row of this.log) if (row.colour === from) row.colour = to;
  }
  canMove(from: string, to: string) {
    return from === to || ![0, 1, 2, 3].some((number) => this.get(from, number) && this.get(to, number));
  }
  move(from: string, to: string) {
    for (const row of [...this.cells.values()].filter((one) => one.place === from)) {
      this.delete(row.place, row.number);
      this.put({ ...row, place: to });
    }
  }
}

const inOrder = (rows: readonly object[]) =>
  rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted();

describe('any course of changes, flushed anywhere', () => {
  test.each([
    ['create', 1],
    ['create', undefined],
    ['build', 1],
    ['build', undefined],
  ] as const)('gives the rows it would give without a database (%s, %s rows cached)', (mode, mostCached) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        using opened = open(mode, mostCached);
        const plain = new PlainRows();
        for (const act of steps) act(opened, plain);
        opened.cells.flush();
        opened.log.flush();
        expect(inOrder(stored(opened, 'cells'))).toEqual(inOrder([...plain.cells.values()]));
        expect(inOrder(stored(opened, 'log'))).toEqual(inOrder(plain.log));
      }),
      { numRuns: 150 },
    );
  });
});
