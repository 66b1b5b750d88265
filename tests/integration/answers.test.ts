import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { loadSettings } from '../../server/config.ts';
import { openAlmanac } from '../../server/main.ts';
import { GitRepository } from '../support/git-repository.ts';

test('a read model that was built afresh is what answers are made of from then on', async () => {
  await using repository = await GitRepository.create();
  await repository.commit({ at: '2024-05-01T12:00:00+09:00' });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-answers-'));
  onTestFinished(() => rm(dataDirectory, { recursive: true }));
  const flags = { repo: [repository.path], dataDir: dataDirectory, logLevel: 'silent' };
  const almanac = await openAlmanac(loadSettings(flags, {}, tmpdir()), '0.0.0', false);
  onTestFinished(() => almanac.close());
  const { services } = almanac.app;
  await services.collectNow();
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

/** Rows that the log knows nothing of. */
async function tamper(directory: string): Promise<void> {
  const file = (await readdir(directory)).find((name) => /^attendance-book.*\.sqlite$/.test(name));
  using database = new DatabaseSync(join(directory, file ?? ''));
  database.exec('DELETE FROM years');
}
