import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import { listMembers } from '../../projections/members.ts';
import { Estate } from '../support/estate.ts';
import { GitRepository } from '../support/git-repository.ts';

test('what was moved from one person to another in the log is shown as nothing, and told', async () => {
  await using repository = await GitRepository.create();
  await repository.commits([
    { author: 'Kim <kim@example.org>', at: '2024-05-01T12:00:00+09:00' },
    { author: 'Lee <lee@example.org>', at: '2024-05-01T12:00:00+09:00' },
  ]);
  await using estate = new Estate();
  {
    await using running = await estate.start();
    await running.collect(repository.path);
    const names = listMembers(running.readModels.model('members')).map(({ name }) => name);
    expect(names).toEqual(['Kim', 'Lee']);
  }
  {
    using log = new DatabaseSync(estate.path('events.sqlite'));
    const names = log
      .prepare(`SELECT position, data ->> 'name' AS name FROM events WHERE type = 'MemberRegistered'`)
      .all();
    const [one, other] = names;
    log
      .prepare(`UPDATE events SET data = json_set(data, '$.name', ?) WHERE position = ?`)
      .run(String(one?.['name']), Number(other?.['position']));
  }
  rmSync(estate.path('read-models'), { recursive: true });
  await using running = await estate.start();
  const names = listMembers(running.readModels.model('members')).map(({ name }) => name);
  expect(names.filter((name) => name === '')).toHaveLength(1);
  await vi.waitFor(() => expect(running.troubles).toContainEqual(expect.stringContaining('MemberRegistered.name')));
});
