import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays, dayOf } from '../../domain/calendar.ts';
import { startAlmanac, type Almanac, type Person } from '../support/signed-in.ts';

const today = dayOf(Date.now() / 1000, 'Asia/Seoul');
const yesterday = addDays(today, -1);

let almanac: Almanac;
let kim: Person;
let lee: Person;

beforeAll(async () => {
  almanac = await startAlmanac();
  kim = await almanac.join('kim');
  lee = await almanac.join('lee');
  const season = { title: '정원사들', start_date: addDays(today, -5), days: 100 };
  const headers = { ...almanac.owner.bearer, 'content-type': 'application/json' };
  await almanac.ask('/api/admin/challenges', { method: 'POST', headers, body: JSON.stringify(season) });
});
afterAll(() => almanac[Symbol.asyncDispose]());

async function check(as: Person, path = ''): Promise<{ status: number; results: Record<string, unknown>[] }> {
  const headers = { ...as.bearer, 'content-type': 'application/json' };
  const answer = await almanac.ask(`/api/attendance/check${path}`, { method: 'POST', headers, body: '{}' });
  const { results = [] } = (await answer.json()) as { results?: Record<string, unknown>[] };
  return { status: answer.status, results };
}

/** A commit of that day in Seoul, pushed. */
function push(login: string, date: string): void {
  const { github } = almanac;
  const repository = github.addRepository({ owner: login, name: `garden-of-${date}` });
  const at = { name: login, email: `${login}@example.org`, date: `${date}T00:30:00+09:00`, login };
  github.addCommit(repository, { author: at, message: 'Plant' });
}

test('reads now what somebody has pushed, and tells their day', async () => {
  push('kim', yesterday);
  push('lee', yesterday);
  expect(await check(kim, `/kim?check_date=${yesterday}`)).toEqual({
    status: 200,
    results: [{ github_id: 'kim', commit_count: 1, is_attended: true, state: 'present' }],
  });
});

test('reads everybody for an admin', async () => {
  const { status, results } = await check(almanac.owner, `?check_date=${yesterday}`);
  expect(status).toBe(200);
  expect(results).toContainEqual({ github_id: 'lee', commit_count: 1, is_attended: true, state: 'present' });
  const ofToday = await check(almanac.owner);
  expect(ofToday.results).toContainEqual({ github_id: 'lee', commit_count: 0, is_attended: false, state: 'not yet' });
});

test('is refused to members for others and for all, for strangers, and for days outside the season', async () => {
  expect(await check(lee, '/kim')).toMatchObject({ status: 403 });
  expect(await check(lee)).toMatchObject({ status: 403 });
  expect(await check(almanac.owner, '/park')).toMatchObject({ status: 404 });
  expect(await check(lee, `/lee?check_date=${addDays(today, -6)}`)).toMatchObject({ status: 404 });
  expect((await almanac.ask('/api/attendance/check', { method: 'POST' })).status).toBe(401);
});
