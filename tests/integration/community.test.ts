import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  CheersView,
  GoalsView,
  InsightsView,
  SharedView,
  SharingView,
  WrapUpView,
} from '../../server/api/community-views.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';
import { startAlmanac, type Almanac, type Credentials, type Person } from '../support/signed-in.ts';

let repository: GitRepository;
let almanac: Almanac;
let kim: Person;
let lee: Person;
const daysAgo = (days: number) => `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}Z`;
beforeAll(async () => {
  repository = await GitRepository.create({ name: 'garden' });
  for (const day of [3, 2, 1, 0])
    await repository.commit({
      at: daysAgo(day),
      message: `Day ${day}`,
      author: 'Kim <1+kim@users.noreply.github.com>',
    });
  almanac = await startAlmanac({ repositories: [repository.path], env: { TIME_ZONE: 'UTC' } });
  almanac.github.addUser({ login: 'kim', id: 1 });
  kim = await almanac.signIn('kim');
  await almanac.mutate(almanac.owner.bearer, 'users.approve', { id: kim.id });
  lee = await almanac.join('lee');
  await almanac.mutate(almanac.owner.bearer, 'status.collectNow');
});
afterAll(async () => {
  await almanac?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

const ask = async <Answer>(as: Credentials, procedure: string, input: unknown) => {
  const { data, code, message } = await almanac.query(as, procedure, input);
  if (code !== undefined) throw new Error(`${procedure}: ${code} ${message}`);
  return data as Answer;
};
const goalsOf = (as: Credentials, handle = 'kim') => ask<GoalsView>(as, 'goals.of', { handle });
const cheersOf = (as: Credentials, handle = 'kim') => ask<CheersView>(as, 'cheers.of', { handle });
const streak = { kind: 'streak', target: 3, text: null };

describe('goals', () => {
  test('are set, measured by the book, seen by members, and dropped by whoever set them', async () => {
    const { data } = await almanac.mutate(kim.bearer, 'goals.set', streak);
    await almanac.mutate(kim.bearer, 'goals.set', { kind: 'other', target: null, text: '책 한 권' });
    expect((await goalsOf(lee.bearer)).own).toBe(false);
    expect((await goalsOf(kim.bearer)).own).toBe(true);
    const { goals } = await goalsOf(lee.bearer);
    expect(goals.map(({ text, value, status }) => [text, value, status])).toEqual([
      ['책 한 권', null, 'open'],
      [null, 4, 'reached'],
    ]);
    const inWords = goals[0]?.id;
    expect((await almanac.mutate(lee.bearer, 'goals.drop', { id: inWords })).code).toBe('NOT_FOUND');
    expect((await almanac.mutate(kim.bearer, 'goals.reach', { id: inWords })).status).toBe(200);
    expect((await goalsOf(kim.bearer)).goals.map(({ status }) => status)).toEqual(['reached', 'reached']);
    const { id } = data as { id: string };
    await almanac.mutate(kim.bearer, 'goals.drop', { id });
    expect((await goalsOf(kim.bearer)).goals.map((goal) => goal.id)).toEqual([inWords]);
  });

  test('say which field is at fault', async () => {
    const refused = await almanac.mutate(kim.bearer, 'goals.set', { ...streak, target: 0 });
    expect([refused.status, refused.message]).toEqual([400, 'Expected a whole number from 1 to 3660.']);
    expect((await almanac.mutate(kim.bearer, 'goals.set', { ...streak, due: '2020-01-01' })).code).toBe('BAD_REQUEST');
  });

  test('are set by nobody for somebody else, not even by an owner', async () => {
    const asOwner = await almanac.mutate(almanac.owner.bearer, 'goals.set', { ...streak, handle: 'kim' });
    expect(asOwner.code).toBe('FORBIDDEN');
  });
});

describe('cheers', () => {
  test('are written to somebody else, read by members, and taken away by those whom they are about', async () => {
    const give = (as: Person, handle: string, text: string) =>
      almanac.mutate(as.bearer, 'cheers.give', { handle, text, emoji: '🌱' });
    expect((await give(kim, 'kim', 'me')).code).toBe('BAD_REQUEST');
    expect((await give(lee, 'kim', '  ')).code).toBe('BAD_REQUEST');
    expect((await give(lee, 'nobody-there', 'hi')).code).toBe('NOT_FOUND');
    for (const text of ['하나', '둘', '셋']) expect((await give(lee, 'kim', text)).status).toBe(200);
    const seen = await cheersOf(almanac.owner.bearer);
    expect([seen.total, seen.writing, seen.cheers.map(({ text }) => text)]).toEqual([
      3,
      'possible',
      ['셋', '둘', '하나'],
    ]);
    expect(seen.cheers.map(({ from, removable }) => [from.handle, removable])).toEqual([
      ['lee', true],
      ['lee', true],
      ['lee', true],
    ]);
    const [three, two] = seen.cheers;
    const stranger = await almanac.join('mallory');
    expect((await cheersOf(stranger.bearer)).cheers.map(({ removable }) => removable)).toEqual([false, false, false]);
    const withdraw = (as: Person, id: string | undefined) => almanac.mutate(as.bearer, 'cheers.withdraw', { id });
    expect((await withdraw(stranger, three?.id)).code).toBe('FORBIDDEN');
    expect((await withdraw(kim, three?.id)).status).toBe(200);
    expect((await withdraw(lee, two?.id)).status).toBe(200);
    expect((await withdraw(almanac.owner, two?.id)).code).toBe('NOT_FOUND');
    expect((await cheersOf(kim.bearer)).cheers.map(({ text }) => text)).toEqual(['하나']);
    expect((await cheersOf(kim.bearer)).writing).toBe('own');
  });

  test('are not written to who waits to be let in', async () => {
    almanac.github.addUser({ login: 'wim' });
    await almanac.signIn('wim');
    const refused = await almanac.mutate(lee.bearer, 'cheers.give', { handle: 'wim', text: 'hello' });
    expect([refused.code, refused.message]).toEqual(['CONFLICT', 'They do not take part here.']);
  });
});

describe('what the book says', () => {
  test('are badges for everybody to see, and feedback for the member alone', async () => {
    const own = await ask<InsightsView>(kim.bearer, 'profiles.insights', { handle: 'kim' });
    expect(own.badges.map(({ id }) => id)).toEqual(['first-commit']);
    expect(own.missing).toContain('streak-7');
    expect(own.feedback).toContainEqual(expect.objectContaining({ kind: 'at-best', days: 4 }));
    expect((await ask<InsightsView>(lee.bearer, 'profiles.insights', { handle: 'kim' })).feedback).toBeNull();
  });

  test('is summed up for everybody', async () => {
    const wrapUp = await ask<WrapUpView>(lee.bearer, 'wrapUp.of', {});
    expect(wrapUp).toMatchObject({
      over: false,
      totals: { commits: 4, present: 4 },
      streaks: [{ handle: 'kim', days: 4 }],
    });
    expect(wrapUp.hours.reduce((sum, one) => sum + one)).toBe(4);
    expect(wrapUp.badges).toContainEqual({ id: 'first-commit', members: 1 });
  });
});

describe('a profile', () => {
  const sharing = () => ask<SharingView>(kim.bearer, 'profiles.sharing', {});
  test('is seen by nobody outside until it is published, and by nobody after it was taken back', async () => {
    expect((await sharing()).published).toBeNull();
    await almanac.mutate(kim.bearer, 'profiles.publish', { name: '<b>정원사</b>' });
    const token = (await sharing()).published?.token ?? '';
    const shared = await ask<SharedView>({}, 'profiles.shared', { token });
    expect(shared).toMatchObject({ name: '<b>정원사</b>', attended: 4, badges: [{ id: 'first-commit' }] });
    expect(JSON.stringify(shared)).not.toContain('kim');
    expect((await almanac.query({}, 'profiles.shared', { token: `${token}x` })).code).toBe('NOT_FOUND');
    await almanac.mutate(kim.bearer, 'profiles.unpublish', {});
    expect((await almanac.query({}, 'profiles.shared', { token })).code).toBe('NOT_FOUND');
    expect((await sharing()).published).toBeNull();
  });

  test('goes with somebody who is erased, as do their words', async () => {
    const gone = await almanac.join('gone');
    await almanac.mutate(gone.bearer, 'cheers.give', { handle: 'kim', text: 'goodbye' });
    await almanac.mutate(gone.bearer, 'goals.set', { kind: 'other', target: null, text: 'stay' });
    expect((await cheersOf(lee.bearer)).cheers.map(({ text }) => text)).toContain('goodbye');
    await almanac.mutate(almanac.owner.bearer, 'users.erase', { id: gone.id, confirm: 'gone' });
    expect((await cheersOf(lee.bearer)).cheers.map(({ text }) => text)).not.toContain('goodbye');
  });
});

describe('a season that is over', () => {
  test('has finishers, a final ranking, and takes no new goals', async () => {
    const opened = await almanac.mutate(almanac.owner.bearer, 'challenges.open', {
      ...{ title: '짧은 시즌', start_date: daysAgo(3).slice(0, 10), days: 3, time_zone: 'UTC' },
      counts: 'repositories',
    });
    const { challenge: id } = opened.data as { challenge: string };
    const wrapUp = () => ask<WrapUpView>(lee.bearer, 'wrapUp.of', { challenge: id });
    await expect.poll(async () => (await wrapUp()).totals.present, { timeout: 15_000 }).toBe(3);
    const { over, totals, ranking, bestDay } = await wrapUp();
    expect([over, totals.finished]).toEqual([true, 1]);
    expect(ranking[0]).toMatchObject({
      handle: 'kim',
      rank: 1,
      rate: 100,
      badges: [{ id: 'first-commit' }, { id: 'finisher' }],
    });
    expect(bestDay).toMatchObject({ present: 1 });
    const refused = await almanac.mutate(kim.bearer, 'goals.set', { ...streak, challenge: id });
    expect([refused.code, refused.message]).toMatchObject(['CONFLICT', expect.stringMatching(/^The season ended on/)]);
  });
});

test('the profile of somebody who was shown out is shown to nobody while they are', async () => {
  await almanac.mutate(kim.bearer, 'profiles.publish', { name: 'Kim' });
  const { published } = await ask<SharingView>(kim.bearer, 'profiles.sharing', {});
  const status = async () => (await almanac.query({}, 'profiles.shared', { token: published?.token })).status;
  expect(await status()).toBe(200);
  const { bearer } = almanac.owner;
  await almanac.mutate(bearer, 'users.update', { id: kim.id, active: false });
  expect(await status()).toBe(404);
  await almanac.mutate(bearer, 'users.update', { id: kim.id, active: true });
  expect(await status()).toBe(200);
});

test('the person at the keyboard sets goals for whose profile it is, and writes no cheers', async () => {
  await using server = await startServer({ repositories: [repository.path], env: { TIME_ZONE: 'UTC' } });
  await server.ready();
  const { client } = server;
  await expect(client.goals.set.mutate(streak as never)).rejects.toThrow('say whose it is by "handle"');
  await client.goals.set.mutate({ kind: 'streak', target: 3, text: null, handle: 'kim' });
  expect(await client.goals.of.query({ handle: 'kim' })).toMatchObject({ own: true, goals: [{ status: 'reached' }] });
  await expect(client.cheers.give.mutate({ handle: 'kim', text: 'me' })).rejects.toThrow('has an account to write');
  expect((await client.cheers.of.query({ handle: 'kim' })).writing).toBe('no-account');
});
