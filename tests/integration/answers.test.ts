import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { addDays } from '../../domain/calendar.ts';
import { bookOf, requireChallenge } from '../../server/api/book.ts';
import { loadSettings } from '../../server/config.ts';
import { openAlmanac } from '../../server/main.ts';
import { GitRepository } from '../support/git-repository.ts';

test('a read model that was built afresh is what answers are made of from then on', async () => {
  const { almanac, dataDirectory } = await readOnce();
  const { services } = almanac.app;
  const present = async () => {
    const answer = await almanac.fetch(new Request('http://localhost/api/attendance/stats'));
    return ((await answer.json()) as { total_present: number }).total_present;
  };
  expect(await present()).toBe(1);

  await tamper(join(dataDirectory, 'read-models'));
  await services.projections.rebuild(['members'], () => undefined);
  expect(await present()).toBe(0);
  await services.projections.rebuild(['attendance-book'], () => undefined);
  expect(await present()).toBe(1);
});

test('the book that is looked at all the time stays, whatever else is looked at meanwhile', async () => {
  const { almanac } = await readOnce();
  const { services } = almanac.app;
  const challenge = requireChallenge(services);
  const { start } = challenge.bounds;
  const upTo = (days: number) => bookOf(services, challenge, { from: start, to: addDays(start, days) });
  const whole = bookOf(services, challenge);
  const firstDay = upTo(0);
  for (let days = 1; days < 40; days += 1) {
    upTo(days);
    expect(bookOf(services, challenge)).toBe(whole);
  }
  expect(upTo(0)).not.toBe(firstDay);
});

/** Almanac over a repository of one commit that was read. */
async function readOnce() {
  await using repository = await GitRepository.create();
  await repository.commit({ at: '2024-05-01T12:00:00+09:00' });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-answers-'));
  onTestFinished(() => rm(dataDirectory, { recursive: true }));
  const flags = { repo: [repository.path], dataDir: dataDirectory, logLevel: 'silent' };
  const almanac = await openAlmanac(loadSettings(flags, {}, tmpdir()), '0.0.0', false);
  onTestFinished(() => almanac.close());
  await almanac.app.services.collectNow();
  return { almanac, dataDirectory };
}

/** Rows that the log knows nothing of. */
async function tamper(directory: string): Promise<void> {
  const file = (await readdir(directory)).find((name) => /^attendance-book.*\.sqlite$/.test(name));
  using database = new DatabaseSync(join(directory, file ?? ''));
  database.exec('DELETE FROM years');
}
