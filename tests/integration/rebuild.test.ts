import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { POISON, registered, renamed } from '../support/toy-projections.ts';
import { ReadModelsHarness } from './read-models-harness.ts';

const many = (count: number) => Array.from({ length: count }, (_, index) => registered(`m${index}`));

describe('rebuilding', () => {
  test('loses and repeats nothing while events come and queries are asked', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(2_000));
    await harness.write(...many(2_000).map(({ data }) => renamed(String(data['memberId']), 'renamed')));
    const rebuilding = harness.models.rebuild();
    let done = false;
    void rebuilding.finally(() => (done = true));
    let written = 4_000;
    while (!done) {
      written = Number(await harness.write(registered(`later ${written}`)));
      expect(harness.positions()).toHaveLength(written);
      await setImmediate();
    }
    const { events, swapMilliseconds } = await rebuilding;
    expect(events).toBeGreaterThanOrEqual(4_000);
    expect(swapMilliseconds).toBeLessThan(100);
    await harness.write(registered('last'));
    expect(harness.positions()).toEqual(Array.from({ length: written + 1 }, (_, index) => index + 1));
    expect(harness.names().find((row) => row.member_id === 'm7')).toEqual({
      member_id: 'm7',
      name: 'renamed',
      changes: 2,
    });
    expect(await harness.models.verify()).toEqual([]);
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.2.sqlite']);
    await expect.poll(() => harness.files('entries')).toEqual(['entries.v1.2.sqlite']);
  });

  test('only what was asked for, with progress', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(3_000));
    const reports: { name: string; done: number; total: number }[] = [];
    await harness.models.rebuild(['names'], (progress) => reports.push(progress));
    expect(new Set(reports.map(({ name }) => name))).toEqual(new Set(['names']));
    expect(reports.at(-1)?.done).toBeLessThanOrEqual(3_000);
    expect(reports.every(({ done, total }) => done <= total)).toBe(true);
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.2.sqlite']);
    await expect.poll(() => harness.files('entries')).toEqual(['entries.v1.1.sqlite']);
  });

  test('asked for twice at once is done once', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(1_000));
    const both = [harness.models.rebuild(), harness.models.rebuild(['names'])];
    expect(harness.models.status().map(({ state }) => state)).toEqual(['rebuilding', 'rebuilding']);
    await Promise.all(both);
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.2.sqlite']);
    expect(harness.models.status().map(({ state }) => state)).toEqual(['live', 'live']);
  });

  test('anew does not join what began before: it waits for that, and folds once more', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(1_000));
    const before = harness.models.rebuild(['names']);
    const reported: string[] = [];
    await harness.models.rebuildAnew(({ name }) => reported.push(name));
    await before;
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.3.sqlite']);
    await expect.poll(() => harness.files('entries')).toEqual(['entries.v1.2.sqlite']);
    expect(new Set(reported)).toEqual(new Set(['names', 'entries']));
  });

  test('anew is done, whatever became of what began before', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'));
    await harness.store.append('members', [renamed('a', POISON)], { expectedRevision: 'any' });
    await harness.untilNotice('entries', 'parked');
    const both = [harness.models.rebuild(), harness.models.rebuildAnew()];
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.3.sqlite']);
  });

  test('and verifying at once do not disturb each other', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(1_000));
    const [differences] = await Promise.all([
      harness.models.verify(),
      harness.models.rebuild(),
      harness.models.verify(),
    ]);
    expect(differences).toEqual([]);
    expect(await harness.models.verify()).toEqual([]);
  });

  test('of an empty log gives empty rows', async () => {
    await using harness = await ReadModelsHarness.open();
    expect(await harness.models.rebuild()).toMatchObject({ events: 0 });
    await harness.write(registered('a'));
    expect(harness.names()).toHaveLength(1);
  });

  test('what cannot be folded keeps its old rows and says why; the others are rebuilt', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(registered('a'));
    await harness.store.append('members', [renamed('a', POISON)], { expectedRevision: 'any' });
    await harness.untilNotice('entries', 'parked');
    await expect(harness.models.rebuild()).rejects.toThrow('entries could not be rebuilt: Cannot cope with a.');
    expect(harness.positions()).toEqual([1]);
    await expect.poll(() => harness.files('entries')).toEqual(['entries.v1.1.sqlite']);
    await expect.poll(() => harness.files('names')).toEqual(['names.v1.2.sqlite']);
    await harness.write(registered('b'));
    expect(harness.names()).toHaveLength(2);
  });

  test('what is under way when Almanac stops leaves nothing behind', async () => {
    await using harness = await ReadModelsHarness.open();
    await harness.write(...many(2_000));
    const rebuilding = harness.models.rebuild();
    const verifying = harness.models.verify();
    const outcomes = Promise.allSettled([rebuilding, verifying]);
    await harness.models.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(readdirSync(harness.folder).filter((file) => file.includes('building'))).toEqual([]);
    await harness.restart();
    expect(harness.names()).toHaveLength(2_000);
  });
});
