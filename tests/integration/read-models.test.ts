import { openSync, closeSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openReadModels, type Change } from '../../server/read-models/database.ts';
import { POISON, registered, renamed } from '../support/toy-projections.ts';
import { ReadModelsHarness } from './read-models-harness.ts';

const many = (count: number, first = 0) => Array.from({ length: count }, (_, index) => registered(`m${first + index}`));
const countTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('read models', () => {
  test('show what was written once its position was waited for', async () => {
    await using harness = await ReadModelsHarness.open();
    for (let index = 1; index <= 20; index += 1) {
      await harness.write(registered(`m${index}`));
      expect(harness.names()).toHaveLength(index);
    }
    expect(harness.models.model('names').position).toBe(20n);
    expect(harness.positions()).toEqual(countTo(20));
  });

  test('tell whose rows have changed', async () => {
    await using harness = await ReadModelsHarness.open();
    const changes: Change[] = [];
    const end = harness.models.onChange((change) => changes.push(change));
    await harness.write(registered('a'));
    expect(changes).toEqual([{ position: 1n, projections: ['names', 'entries'] }]);
    end();
    await harness.write(registered('b'));
    expect(changes).toHaveLength(1);
  });

  test('waiting ends by time and by signal', async () => {
    await using harness = await ReadModelsHarness.open();
    await expect(harness.models.waitFor(99n, { timeout: 20 })).rejects.toMatchObject({ name: 'ReadModelsBehind' });
    const abort = new AbortController();
    const waiting = harness.models.waitFor(99n, { signal: abort.signal });
    abort.abort(new Error('The client left.'));
    await expect(waiting).rejects.toThrow('The client left.');
    await expect(harness.models.waitFor(99n, { signal: abort.signal })).rejects.toThrow('The client left.');
  });

  test('say where they are', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(3));
    const live = { version: 1, position: 3n, head: 3n, behind: false, state: 'live', error: null, done: 3, total: 3 };
    await expect
      .poll(() => harness.models.status())
      .toMatchObject([
        { name: 'names', ...live },
        { name: 'entries', ...live },
      ]);
    expect(await harness.models.list()).toEqual([
      { name: 'names', version: 1, state: 'live', position: '3', error: null },
      { name: 'entries', version: 1, state: 'live', position: '3', error: null },
    ]);
  });

  test('one that is parked is not waited for, and says why', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'));
    await harness.store.append('members', [renamed('a', POISON)], { expectedRevision: 'any' });
    await harness.untilNotice('entries', 'Cannot cope with a.');
    await harness.write(registered('b'));
    expect(harness.positions()).toEqual([1]);
    expect(harness.models.status()).toMatchObject([
      { name: 'names', state: 'live', behind: false },
      { name: 'entries', state: 'parked', behind: true, position: 1n, error: 'Cannot cope with a.' },
    ]);
  });

  test('a name that does not exist is a programming error', async () => {
    await using harness = await ReadModelsHarness.open();
    expect(() => harness.models.model('nams')).toThrow(TypeError);
    await expect(harness.models.rebuild(['nams'])).rejects.toThrow('There is no read model "nams"; there are names');
    await expect(harness.models.verify(['nams'])).rejects.toThrow(TypeError);
  });

  test('only one process keeps those of a folder', async () => {
    await using harness = await ReadModelsHarness.open();
    const { directory } = harness;
    const again = openReadModels({ directory, log: { kind: 'sqlite', directory } });
    await expect(again).rejects.toMatchObject({ name: 'DataDirectoryInUse' });
    await harness.write(registered('a'));
    expect(harness.names()).toHaveLength(1);
  });

  test('go on after a restart, with no journal left behind', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(100));
    await harness.models.close();
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.1.sqlite']);
    await harness.restart();
    await harness.write(...many(100, 100));
    expect(harness.positions()).toEqual(countTo(200));
    expect(harness.notices).toEqual([]);
  });

  test('of a new version are folded afresh at the start; what nobody knows any more is removed', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'), renamed('a', 'b'));
    await harness.restart('[{ ...names, version: 2 }]');
    await harness.models.waitFor(2n);
    expect(harness.names()).toEqual([{ member_id: 'a', name: 'b', changes: 2 }]);
    await expect.poll(() => harness.files('names')).toEqual(['names.v2.2.sqlite']);
    await expect.poll(() => harness.files('entries')).toEqual([]);
  });
});

describe('while it is in use', () => {
  test('a deleted file is noticed and made anew; nothing is missing meanwhile', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(2_000));
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(harness.folder, `names.v1.1.sqlite${suffix}`));
    expect(harness.names()).toHaveLength(2_000);
    await harness.untilNotice('names', 'deleted');
    expect(harness.names()).toHaveLength(2_000);
    await harness.write(registered('later'));
    expect(harness.names()).toHaveLength(2_001);
    await expect.poll(() => harness.files('names')).toEqual([expect.stringMatching(/^names\.v1\.\d\.sqlite$/)]);
    await harness.restart();
    await harness.models.waitFor(2_001n);
    expect(harness.names()).toHaveLength(2_001);
  });

  test('a folder that is gone as a whole is made anew', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(100));
    rmSync(harness.folder, { recursive: true });
    await harness.untilNotice('names', 'deleted');
    await harness.untilNotice('entries', 'deleted');
    await harness.write(registered('later'));
    expect(harness.positions()).toEqual(countTo(101));
    await harness.restart();
    expect(harness.positions()).toEqual(countTo(101));
  });

  test('a damaged file is found by a query, refused, and made anew', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(5_000));
    await harness.restart();
    const file = join(harness.folder, 'names.v1.1.sqlite');
    const { size } = statSync(file);
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(size - 8192, 0x5a), 0, size - 8192, 8192);
    closeSync(descriptor);
    expect(() => harness.names()).toThrow(expect.objectContaining({ name: 'ReadModelUnavailable' }));
    // Whether the query or the check of all pages after a start comes first is chance.
    await harness.untilNotice('names', 'It is ');
    await harness.write(registered('later'));
    expect(harness.names()).toHaveLength(5_001);
  });

  test('a mistake in a query is not taken for a damaged file', async () => {
    await using harness = await ReadModelsHarness.open();
    expect(() => harness.models.model('names').all('SELECT no_such FROM names')).toThrow('no such column: no_such');
    expect(harness.models.status()[0]).not.toMatchObject({ state: 'rebuilding' });
  });

  test('queries read only', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'));
    expect(() => harness.models.model('names').all('DELETE FROM names')).toThrow();
    expect(harness.names()).toHaveLength(1);
  });
});

describe('verifying', () => {
  test('finds nothing where nothing is wrong, also while events come', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(2_000));
    const verifying = harness.models.verify();
    let done = false;
    void verifying.finally(() => (done = true));
    for (let index = 0; !done; index += 1) {
      await harness.write(registered(`later ${index}`));
      await setImmediate();
    }
    expect(await verifying).toEqual([]);
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.1.sqlite']);
  });

  test('names rows that are missing, that are too many, and that are others', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'), registered('b'), registered('c'));
    using other = new DatabaseSync(join(harness.folder, 'names.v1.1.sqlite'));
    other.exec(`DELETE FROM names WHERE member_id = 'a'; UPDATE names SET changes = 7 WHERE member_id = 'b'`);
    using twice = new DatabaseSync(join(harness.folder, 'entries.v1.1.sqlite'));
    twice.exec('INSERT INTO entries SELECT * FROM entries WHERE position = 2');
    expect(await harness.models.verify()).toEqual([
      {
        name: 'names',
        table: 'names',
        missing: 2,
        unexpected: 1,
        examples: [
          'missing {"member_id":"a","name":"a","changes":1}',
          'missing {"member_id":"b","name":"b","changes":1}',
          'unexpected {"member_id":"b","name":"b","changes":7}',
        ],
      },
      {
        name: 'entries',
        table: 'entries',
        missing: 1,
        unexpected: 1,
        examples: ['missing {"position":2,"times":1}', 'unexpected {"position":2,"times":2}'],
      },
    ]);
    await harness.models.rebuild();
    expect(await harness.models.verify()).toEqual([]);
  });

  test('one that is parked is compared as far as it is', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'));
    await harness.store.append('members', [renamed('a', POISON)], { expectedRevision: 'any' });
    await harness.untilNotice('entries', 'Cannot cope');
    expect(await harness.models.verify(['entries'])).toEqual([]);
  });
});
