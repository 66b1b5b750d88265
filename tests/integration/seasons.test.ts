import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, dayOf } from '../../domain/calendar.ts';
import { startAlmanac, type Almanac, type Person } from '../support/signed-in.ts';

const today = dayOf(Date.now() / 1000, 'Asia/Seoul');
const start = addDays(today, -9);

let almanac: Almanac;
let kim: Person;
let lee: Person;
let season = '';

beforeAll(async () => {
  almanac = await startAlmanac();
  kim = await almanac.join('kim');
  lee = await almanac.join('lee');
});
afterAll(() => almanac[Symbol.asyncDispose]());

const ask = async (
  as: Readonly<Record<string, string>>,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await almanac.ask(path, {
    method,
    headers: { ...as, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

/** `p` and `a` by day, oldest first. */
const statesOf = async (login: string): Promise<string[]> => {
  const { body } = await ask(kim.bearer, 'GET', `/api/attendance/stats?challenge=${season}`);
  const users = body['users'] as { github_id: string; states: string[] }[];
  return users.find(({ github_id }) => github_id === login)?.states ?? [];
};

const newSeason = { title: '정원사들 시즌10', start_date: start, days: 20, excused_days: 1 };

describe('a season', () => {
  test('is opened by an admin, with everybody who has access, and is what people mean from then on', async () => {
    expect(await ask(kim.bearer, 'POST', '/api/admin/challenges', newSeason)).toMatchObject({ status: 403 });
    const opened = await ask(almanac.owner.bearer, 'POST', '/api/admin/challenges', newSeason);
    expect(opened.status).toBe(201);
    season = String(opened.body['challenge']);
    const { body } = await ask(kim.bearer, 'GET', '/api/attendance/stats');
    expect(body).toMatchObject({ start_date: start, total_days: 20, days_completed: 10 });
    expect((body['users'] as { github_id: string }[]).map(({ github_id }) => github_id).toSorted()).toEqual([
      'kim',
      'lee',
      'the-owner',
    ]);
  });

  test('is not opened twice by a form that was sent twice', async () =>
    expect(await ask(almanac.owner.bearer, 'POST', '/api/admin/challenges', newSeason)).toMatchObject({ status: 409 }));

  test.each([
    ['no title', { title: ' ' }, 'title'],
    ['a day that does not exist', { start_date: '2025-02-29' }, 'start_date'],
    ['no day at all', { days: 0 }, 'days'],
    ['a zone nobody knows', { time_zone: 'Asia/Gotham' }, 'time_zone'],
    ['a week of days off', { excluded_weekdays: [1, 2, 3, 4, 5, 6, 7] }, 'excluded_weekdays'],
    ['repositories where none is read', { title: 'x', counts: 'repositories' }, 'counts'],
  ])('with %s is refused, naming the field', async (_what, fault, field) => {
    const { status, body } = await ask(almanac.owner.bearer, 'POST', '/api/admin/challenges', {
      ...newSeason,
      ...fault,
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { issues: [{ path: field }] } });
  });

  test('nobody who was never read is absent from it', async () =>
    expect(new Set(await statesOf('kim'))).toEqual(new Set(['unknown'])));

  test('gets other days and another rule', async () => {
    const path = `/api/admin/challenges/${season}`;
    const other = { title: '정원사들', start_date: addDays(start, 1), days: 30, excused_days: 1 };
    expect(await ask(almanac.owner.bearer, 'PUT', path, other)).toMatchObject({ status: 200 });
    const { data } = await almanac.query(kim.bearer, 'challenges.season', { challenge: season });
    expect(data).toMatchObject({
      season: { title: '정원사들', days: 30, excusedDays: 1, state: 'running', own: { from: null } },
    });
    expect(await ask(almanac.owner.bearer, 'PUT', path, newSeason)).toMatchObject({ status: 200 });
    expect(await ask(almanac.owner.bearer, 'PUT', '/api/admin/challenges/none', other)).toMatchObject({ status: 404 });
  });

  test('takes who joins by themselves only while it is open to them', async () => {
    await almanac.mutate(kim.bearer, 'challenges.leave', { challenge: season });
    expect(await statesOf('kim')).toEqual([]);
    const choi = await almanac.join('choi');
    const join = ({ bearer } = kim) => almanac.mutate(bearer, 'challenges.join', { challenge: season, from: 'today' });
    expect(await join()).toMatchObject({ status: 409 });
    await almanac.mutate(almanac.owner.bearer, 'challenges.setJoining', { challenge: season, open: true });
    expect(await join()).toMatchObject({ status: 200 });
    // Back from where they were: nobody gets rid of what they missed by leaving.
    expect((await statesOf('kim'))[0]).toBe('unknown');
    expect(await join(choi)).toMatchObject({ status: 200 });
    expect((await statesOf('choi')).slice(0, 9)).toEqual(new Array(9).fill('outside'));
    const whole = await ask(almanac.owner.bearer, 'PUT', `/api/admin/challenges/${season}/members/choi`, {});
    expect(whole.status).toBe(200);
    expect((await statesOf('choi'))[0]).toBe('unknown');
  });
});

describe('a day', () => {
  const correct = (body: object, as = almanac.owner.bearer) => ask(as, 'POST', '/api/admin/corrections', body);
  const excuse = (as: Readonly<Record<string, string>>, date: string, login = 'kim') =>
    almanac.mutate(as, 'corrections.excuse', { challenge: season, github_id: login, date, reason: '예비군' });

  test('is decided by an admin with a reason, and decided again', async () => {
    const day = { challenge: season, github_id: 'kim', date: start, verdict: 'present', reason: '오프라인' };
    expect(await correct(day, kim.bearer)).toMatchObject({ status: 403 });
    expect(await correct({ ...day, reason: ' ' })).toMatchObject({ status: 400 });
    expect(await correct(day)).toMatchObject({ status: 201, body: { github_id: 'kim', date: start } });
    expect((await statesOf('kim'))[0]).toBe('present');
    expect(await correct({ ...day, verdict: 'absent' })).toMatchObject({ status: 201 });
    expect((await statesOf('kim'))[0]).toBe('absent');
  });

  test('that has not come, is outside the season, or of a stranger is refused', async () => {
    const day = { challenge: season, github_id: 'kim', verdict: 'present', reason: 'x' };
    expect(await correct({ ...day, date: addDays(today, 1) })).toMatchObject({ status: 400 });
    expect(await correct({ ...day, date: addDays(start, -1) })).toMatchObject({ status: 404 });
    expect(await correct({ ...day, github_id: 'park', date: start })).toMatchObject({ status: 404 });
  });

  test('is excused within the budget, by oneself from yesterday on, and given back', async () => {
    expect(await excuse(kim.bearer, addDays(today, -5))).toMatchObject({ status: 400 });
    expect(await excuse(lee.bearer, today)).toMatchObject({ status: 403 });
    expect(await excuse(kim.bearer, today)).toMatchObject({ status: 200 });
    expect((await statesOf('kim')).at(-1)).toBe('excused');
    expect(await excuse(kim.bearer, addDays(today, 1))).toMatchObject({ status: 409 });
    const give = { challenge: season, github_id: 'kim', date: today };
    expect(await almanac.mutate(kim.bearer, 'corrections.withdrawExcuse', give)).toMatchObject({ status: 200 });
    expect((await statesOf('kim')).at(-1)).not.toBe('excused');
    expect(await excuse(kim.bearer, addDays(today, 1))).toMatchObject({ status: 200 });
  });

  test('of a season that was closed stays as it is', async () => {
    const { body } = await ask(almanac.owner.bearer, 'POST', '/api/admin/challenges', { ...newSeason, title: 'short' });
    const closed = String(body['challenge']);
    expect(await ask(almanac.owner.bearer, 'POST', `/api/admin/challenges/${closed}/close`, {})).toMatchObject({
      status: 200,
    });
    const day = { challenge: closed, github_id: 'kim', date: start, verdict: 'present', reason: 'x' };
    expect(await correct(day)).toMatchObject({ status: 409 });
    const other = { title: 'y', start_date: start, days: 3 };
    expect(await ask(almanac.owner.bearer, 'PUT', `/api/admin/challenges/${closed}`, other)).toMatchObject({
      status: 409,
    });
    expect(await almanac.mutate(kim.bearer, 'challenges.leave', { challenge: closed })).toMatchObject({ status: 409 });
    const out = await ask(almanac.owner.bearer, 'DELETE', `/api/admin/challenges/${closed}/members/kim`);
    expect(out.status).toBe(409);
  });
});
