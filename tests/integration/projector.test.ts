import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { POISON, entries, names, registered, renamed } from '../support/toy-projections.ts';
import { ProjectorHarness } from './projector-harness.ts';

const many = (count: number, first = 0) => Array.from({ length: count }, (_, index) => registered(`m${first + index}`));

describe('the projector', () => {
  test('folds what there is, says so, then what comes', async () => {
    await using harness = new ProjectorHarness();
    const positions = await harness.append(registered('kim', '김'), renamed('kim', '김정원'));
    harness.start();
    await harness.untilState('names', 'live');
    expect(harness.names()).toEqual([{ member_id: 'kim', name: '김정원', changes: 2 }]);
    positions.push(...(await harness.append(renamed('kim', 'Kim'))));
    await harness.untilFolded();
    expect(harness.names()).toEqual([{ member_id: 'kim', name: 'Kim', changes: 3 }]);
    expect(harness.positions()).toEqual(positions);
  });

  test('goes on where it stopped, and folds nothing twice', async () => {
    await using harness = new ProjectorHarness();
    const positions: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      positions.push(...(await harness.append(...many(7, round * 7))));
      harness.start();
      await harness.untilFolded();
      positions.push(...(await harness.append(renamed('m0', `round ${round}`))));
      await harness.untilFolded();
      await harness.stop();
    }
    expect(harness.positions()).toEqual(positions);
    expect(harness.names().find((row) => row.member_id === 'm0')).toMatchObject({ name: 'round 3', changes: 5 });
    expect(harness.files('names')).toEqual(['names.v1.1.sqlite']);
  });

  test('tells whose rows have changed', async () => {
    await using harness = new ProjectorHarness();
    harness.start({ projections: [names, { ...entries, on: {} }] });
    await harness.append(registered('kim'));
    await harness.untilFolded();
    const changes = harness.messages.flatMap((message) => (message.kind === 'advanced' ? message.changed : []));
    expect(changes).toEqual(['names']);
  });

  test('passes over events it does not know', async () => {
    await using harness = new ProjectorHarness();
    const unknown = { ...registered('x'), type: 'SomethingOfTomorrow' };
    const [first, , last] = await harness.append(registered('a'), unknown, registered('b'));
    harness.start();
    await harness.untilFolded();
    expect(harness.positions()).toEqual([first, last]);
  });

  test('one whose file was deleted is folded afresh beside the others', async () => {
    await using harness = new ProjectorHarness();
    const positions = await harness.append(...many(500));
    harness.start();
    await harness.untilFolded();
    await harness.stop();
    rmSync(harness.file('entries'));
    positions.push(...(await harness.append(registered('later'))));
    harness.start();
    await harness.untilFolded();
    expect(harness.positions()).toEqual(positions);
    expect(harness.names()).toHaveLength(501);
    // The other one went on from where it was.
    const folded = harness.messages.filter((message) => message.kind === 'advanced');
    const first = folded.flatMap(({ models }) => models).find(({ name }) => name === 'names');
    expect(first?.events).toBe(501);
  });
});

describe('a handler that throws', () => {
  test('parks its projection before the event; the others go on', async () => {
    await using harness = new ProjectorHarness();
    const before = await harness.append(registered('a'), registered('b'));
    await harness.append(renamed('a', POISON), renamed('b', 'c'));
    harness.start();
    const parked = await harness.untilState('entries', 'parked');
    expect(parked.error).toBe('Cannot cope with a.');
    await harness.untilFolded('names');
    expect(harness.positions()).toEqual(before);
    expect(harness.names().map(({ name }) => name)).toEqual([POISON, 'c']);
    await harness.append(registered('d'));
    await harness.untilFolded('names');
    expect(harness.positions()).toEqual(before);
  });

  test('parks it while live, too', async () => {
    await using harness = new ProjectorHarness();
    harness.start();
    await harness.untilState('entries', 'live');
    const before = await harness.append(registered('a'), registered('b'));
    await harness.append(renamed('a', POISON));
    await harness.untilState('entries', 'parked');
    await harness.untilFolded('names');
    expect(harness.positions()).toEqual(before);
  });

  test('is given another chance by a start with better code', async () => {
    await using harness = new ProjectorHarness();
    const positions = await harness.append(registered('a'), renamed('a', POISON), registered('b'));
    harness.start();
    await harness.untilState('entries', 'parked');
    await harness.stop();
    const { MemberRegistered: mended } = entries.on as Record<string, never>;
    harness.start({ projections: [names, { ...entries, on: { MemberRegistered: mended!, MemberRenamed: mended! } }] });
    await harness.untilFolded();
    expect(harness.positions()).toEqual(positions);
  });

  test('a row the table does not take parks it at the last checkpoint', async () => {
    await using harness = new ProjectorHarness();
    const careless = ((_event: unknown, rows: { entries: { add(row: object): void } }) =>
      rows.entries.add({})) as never;
    harness.start({ projections: [names, { ...entries, on: { MemberRegistered: careless } }] });
    await harness.append(registered('a'));
    expect((await harness.untilState('entries', 'parked')).error).toContain('entries.position');
    await harness.untilFolded('names');
    expect(harness.positions()).toEqual([]);
  });
});

describe('faults that pass', () => {
  test('a file that cannot be written is tried again, and each event counts once', async () => {
    await using harness = new ProjectorHarness();
    harness.start();
    const positions = await harness.append(registered('a'));
    await harness.untilFolded();
    using other = new DatabaseSync(harness.file('entries'));
    other.exec('BEGIN IMMEDIATE');
    positions.push(...(await harness.append(...many(3))));
    await harness.until('trouble', ({ of, message }) => of === 'entries' && message.includes('locked'));
    await harness.untilFolded('names');
    positions.push(...(await harness.append(registered('b'))));
    await harness.untilFolded('names');
    expect(harness.positions()).toEqual(positions.slice(0, 1));
    other.exec('ROLLBACK');
    await harness.untilFolded('entries');
    expect(harness.positions()).toEqual(positions);
  });

  test('a log that cannot be opened yet is tried again', async () => {
    await using harness = new ProjectorHarness();
    await harness.append(registered('a'));
    let tries = 0;
    harness.start({
      openLog: async () => {
        tries += 1;
        if (tries < 4) throw new StoreUnavailable('Not yet.');
        return harness.store;
      },
    });
    await harness.untilFolded();
    expect(tries).toBe(4);
    expect(harness.names()).toHaveLength(1);
  });

  test('a subscription that breaks off is taken up again', async () => {
    await using harness = new ProjectorHarness();
    const { store } = harness;
    let breaks = 0;
    const positions = await harness.append(...many(250));
    harness.start({
      openLog: async () => ({
        readAll: (options) => store.readAll(options),
        head: () => store.head(),
        close: () => store.close(),
        async *subscribeToAll(options) {
          for await (const message of store.subscribeToAll(options)) {
            yield message;
            breaks += 1;
            if (breaks <= 3) throw new StoreUnavailable('The connection broke.');
          }
        },
      }),
    });
    await harness.untilFolded();
    positions.push(...(await harness.append(registered('later'))));
    await harness.untilFolded();
    expect(harness.positions()).toEqual(positions);
    expect(harness.messages.filter(({ kind }) => kind === 'trouble')).toHaveLength(3);
  });
});
