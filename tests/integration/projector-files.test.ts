import {
  copyFileSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { table, type AnyProjection } from '../../projections/projection.ts';
import { entries, names, registered, renamed } from '../support/toy-projections.ts';
import { ProjectorHarness } from './projector-harness.ts';

const many = (count: number) => Array.from({ length: count }, (_, index) => registered(`m${index}`));

/** Overwrites everything from the middle of the file on, where rows and indexes are. */
function damageMiddle(file: string): void {
  const { size } = statSync(file);
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(size / 2, 0x5a), 0, size / 2, size / 2);
  closeSync(descriptor);
}

const inAnotherFile = (file: string, sql: string) => {
  rmSync(file);
  using database = new DatabaseSync(file);
  database.exec(sql);
};

const DAMAGES: Record<string, (file: string) => void> = {
  'is no database': (file) => writeFileSync(file, 'What is this? '.repeat(1000)),
  'is empty': (file) => truncateSync(file, 0),
  'was cut off': (file) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096),
  'has malformed pages': damageMiddle,
  'belongs to another program': (file) => inAnotherFile(file, 'CREATE TABLE songs (title TEXT)'),
  'holds another read model': (file) => copyFileSync(join(file, '..', 'names.v1.1.sqlite'), file),
  'lost its checkpoint': (file) => inAnotherFile(file, 'CREATE TABLE entries ("position" INTEGER NOT NULL) STRICT'),
};

describe('a file that', () => {
  test.each(Object.entries(DAMAGES))('%s is noticed at the start and folded afresh', async (_, damage) => {
    await using harness = new ProjectorHarness();
    const positions = await harness.append(...many(3_000));
    harness.start();
    await harness.untilFolded();
    await harness.stop();
    damage(harness.file('entries'));
    positions.push(...(await harness.append(registered('later'))));
    harness.start();
    await harness.until('opened', ({ name, why }) => name === 'entries' && why !== null);
    await harness.untilState('entries', 'live');
    await harness.untilFolded();
    expect(harness.positions()).toEqual(positions);
    expect(harness.names()).toHaveLength(3_001);
  });

  test('is deleted while in use is reported lost', async () => {
    await using harness = new ProjectorHarness();
    harness.start();
    await harness.append(registered('a'));
    await harness.untilFolded();
    const file = harness.file('entries');
    rmSync(file);
    const lost = await harness.until('lost');
    expect(lost).toMatchObject({ name: 'entries', path: file });
    await harness.append(registered('b'));
    await harness.untilFolded('names');
  });

  test('loses its journal while in use is reported lost', async () => {
    await using harness = new ProjectorHarness();
    harness.start();
    await harness.append(registered('a'));
    await harness.untilFolded();
    rmSync(`${harness.file('entries')}-wal`);
    expect(await harness.until('lost')).toMatchObject({ name: 'entries' });
  });

  test('another folder was put in place of is reported lost', async () => {
    await using harness = new ProjectorHarness();
    harness.start();
    await harness.append(registered('a'));
    await harness.untilFolded();
    const file = harness.file('names');
    copyFileSync(file, `${file}.restored`);
    renameSync(`${file}.restored`, file);
    expect(await harness.until('lost')).toMatchObject({ name: 'names' });
  });
});

describe('a read model', () => {
  const next = { ...names, version: 2 };
  const wider: AnyProjection = {
    ...names,
    tables: {
      names: table<{ member_id: string; name: string; changes: number; extra: string | null }>({
        key: ['member_id'],
        columns: { member_id: 'TEXT', name: 'TEXT', changes: 'INTEGER', extra: 'TEXT NULL' },
      }),
    },
  };

  test.each([
    ['of another version', next, 'names.v2.2.sqlite'],
    ['with other tables', wider, 'names.v1.2.sqlite'],
  ])('%s is folded afresh, and its former file removed', async (_, changed, file) => {
    await using harness = new ProjectorHarness();
    await harness.append(registered('a'), renamed('a', 'b'));
    harness.start();
    await harness.untilFolded();
    await harness.stop();
    harness.start({ projections: [changed, entries] });
    await harness.untilFolded();
    expect(harness.files('names')).toEqual([file]);
    expect(harness.names()).toEqual([{ member_id: 'a', name: 'b', changes: 2 }]);
  });

  test.each([
    ['replaced by another one', 5],
    ['replaced by a longer one', 200],
    ['emptied', 0],
  ])('notices that its log was %s', async (_, count) => {
    await using harness = new ProjectorHarness();
    await harness.append(...many(20));
    harness.start();
    await harness.untilFolded();
    await harness.stop();
    harness.replaceLog();
    const positions = await harness.append(
      ...Array.from({ length: count }, (_, index) => registered(`other ${index}`)),
    );
    harness.start();
    for (const name of ['names', 'entries'])
      await harness.until('opened', (message) => message.name === name && message.why !== null);
    await harness.untilFolded();
    await harness.untilState('names', 'live');
    expect(harness.positions()).toEqual(positions);
    expect(harness.names()).toHaveLength(count);
  });

  test('notices that its log was restored from a backup and went on differently', async () => {
    await using harness = new ProjectorHarness();
    const history = many(20);
    await harness.append(...history);
    harness.start();
    await harness.untilFolded();
    await harness.stop();
    harness.replaceLog();
    const positions = await harness.append(...history.slice(0, 15), ...many(5));
    harness.start();
    await harness.until('opened', ({ name, why }) => name === 'entries' && why !== null);
    await harness.untilState('entries', 'live');
    expect(harness.positions()).toEqual(positions);
  });

  test('keeps its rows when the log was only moved', async () => {
    await using harness = new ProjectorHarness();
    const history = many(20);
    await harness.append(...history);
    harness.start();
    await harness.untilFolded();
    await harness.stop();
    harness.replaceLog();
    await harness.append(...history, registered('later'));
    harness.start();
    await harness.untilFolded();
    expect(harness.messages.some((message) => message.kind === 'opened' && message.why !== null)).toBe(false);
    expect(harness.names()).toHaveLength(21);
  });
});

test('the newest generation is used, older ones are removed', async () => {
  await using harness = new ProjectorHarness();
  await harness.append(registered('a'));
  harness.start();
  await harness.untilFolded();
  await harness.stop();
  const file = harness.file('names');
  copyFileSync(file, file.replace('.1.sqlite', '.10.sqlite'));
  copyFileSync(file, file.replace('.1.sqlite', '.9.sqlite'));
  harness.start();
  await harness.untilFolded();
  expect(harness.files('names')).toEqual(['names.v1.10.sqlite']);
});
