import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AccessRefused } from '../../domain/access.ts';
import { eventRegistry, type AlmanacEvent } from '../../domain/event-registry.ts';
import { commitStream } from '../../domain/commit-history.ts';
import { memberStream } from '../../domain/member.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { StoreUnavailable, type EventStore, type RecordedEvent } from '../../server/event-store/event-store.ts';
import { beginExport } from '../../server/identity/export.ts';
import { readAddress } from '../../server/server-address.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startAlmanac, type Almanac, type Credentials, type Person } from '../support/signed-in.ts';
import { temporaryStore, type TemporaryStore } from '../support/temporary-store.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const AT = new Date(NOW).toISOString();
const codec = createCodec();
const HASH = 'ab'.repeat(32);

type Export = { memberId: string; exportedAt: string; events: { type: string; recordedAt: string; data: object }[] };
const commit = (memberId: string, number: number): AlmanacEvent => ({
  type: 'CommitObserved',
  data: {
    ...{ memberId, repositoryId: 'garden', sha: String(number).padStart(40, '0'), authorOffset: 540 },
    ...{ authoredAt: AT, committedAt: AT, observedAt: AT, message: `Commit ${number} of ${memberId}` },
  },
});
const asked = { memberId: 'kim', memberIds: new Set(['kim', 'kim-before']), by: 'kim' };
const piecesOf = (store: EventStore) => beginExport({ store, codec, now: () => NOW }, asked);

describe('an export', () => {
  let folder: TemporaryStore;
  beforeEach(async () => {
    folder = await temporaryStore();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const say = (stream: string, ...events: AlmanacEvent[]) =>
    folder.store.append(
      stream,
      events.map((event) => codec.encode(event, crypto.randomUUID())),
      { expectedRevision: 'any' },
    );
  const exported = async (): Promise<Export> =>
    JSON.parse((await Array.fromAsync(await piecesOf(folder.store))).join('')) as Export;

  test('of somebody of whom nothing is known tells that it was made', async () => {
    const { events, ...about } = await exported();
    expect(about).toEqual({ memberId: 'kim', exportedAt: AT });
    expect(events).toEqual([
      { type: 'DataExported', recordedAt: expect.any(String), data: { memberId: 'kim', by: 'kim', at: AT } },
    ]);
  });

  test('holds what was said of them, and of whoever turned out to be them, in the order of the log', async () => {
    await say(commitStream('kim-before', '2026-11'), commit('kim-before', 1));
    await say(commitStream('lee', '2026-11'), commit('lee', 2));
    await say(memberStream('kim-before'), { type: 'MemberMerged', data: { memberId: 'kim-before', into: 'kim' } });
    await say(commitStream('kim', '2026-11'), commit('kim', 3));
    await say(memberStream('kim'), {
      type: 'AccessGranted',
      data: { memberId: 'kim', by: 'lee', at: AT, role: 'member' },
    });
    // What they did to others is said of the others.
    await say(memberStream('lee'), {
      type: 'AccessGranted',
      data: { memberId: 'lee', by: 'kim', at: AT, role: 'member' },
    });
    const { events } = await exported();
    expect(events.map(({ type, data }) => [type, 'message' in data ? data.message : null])).toEqual([
      ['CommitObserved', 'Commit 1 of kim-before'],
      ['MemberMerged', null],
      ['CommitObserved', 'Commit 3 of kim'],
      ['AccessGranted', null],
      ['DataExported', null],
    ]);
    expect(JSON.stringify(events)).not.toContain('"memberId":"lee"');
  });

  test('that is refused is refused before there is anything to hand out', async () => {
    const erased = { memberId: 'kim', identityIds: [], by: 'kim', at: AT };
    await say(memberStream('kim'), { type: 'MemberErased', data: erased });
    await expect(piecesOf(folder.store)).rejects.toThrow(AccessRefused);
    const away = { ...folder.store, readStream: () => Promise.reject(new StoreUnavailable('It is away.')) };
    await expect(piecesOf(away as EventStore)).rejects.toThrow(StoreUnavailable);
  });

  test('leaves out what proves a session or a key', async () => {
    const session = { sessionId: 's', memberId: 'kim', at: AT };
    await say('session-s', { type: 'SessionStarted', data: { ...session, refreshHash: HASH, client: 'a browser' } });
    const key = { keyId: 'k', memberId: 'kim', name: 'a program', scopes: ['read' as const], at: AT, by: 'kim' };
    const limits = { expiresAt: null, requestsPerMinute: null };
    await say('apiKey-k', { type: 'ApiKeyIssued', data: { ...key, ...limits, hash: HASH } });
    const text = JSON.stringify(await exported());
    expect(text).toContain('a program');
    expect(text).toContain('a browser');
    expect(text).not.toContain(HASH);
  });

  test('leaves out every field of any event that is called after a secret', () => {
    const fields = Object.values(eventRegistry).flatMap(({ schema }) => Object.keys((schema as z.ZodObject).shape));
    // How much a model was asked and answered is counted in tokens.
    const counted = (field: string) => field === 'tokens';
    const secrets = new Set(
      fields.filter((field) => /hash|secret|token|password|key$/i.test(field) && !counted(field)),
    );
    expect([...secrets].toSorted()).toEqual(['hash', 'refreshHash']);
  });
});

describe('an export of 100,000 events', () => {
  const [PAGE, PAGES] = [1_000, 100];
  /** A log that counts the pages read of it. */
  async function longLog(failsAt = Infinity) {
    const log = { pages: 0, ended: false };
    async function* readAll(): AsyncGenerator<readonly RecordedEvent[]> {
      try {
        for (let page = 0; page < PAGES; page += 1) {
          if (page === failsAt) throw new StoreUnavailable('It is away.');
          log.pages += 1;
          yield Array.from({ length: PAGE }, (_, index) => recorded(page * PAGE + index));
        }
      } finally {
        log.ended = true;
      }
    }
    const store = { readAll, readStream: async () => [], append: async () => ({ revision: 0n, position: 0n }) };
    return { log, body: ReadableStream.from(await piecesOf(store as unknown as EventStore)) };
  }
  const recorded = (number: number): RecordedEvent => ({
    ...codec.encode(commit(number % 2 === 0 ? 'kim' : 'lee', number), crypto.randomUUID()),
    ...{ stream: 'commits-kim-2026-11', revision: BigInt(number), position: BigInt(number + 1), recordedAt: NOW },
  });

  test('is all of them', async () => {
    const { body, log } = await longLog();
    const { events } = JSON.parse((await Array.fromAsync(body)).join('')) as Export;
    expect(events).toHaveLength((PAGE * PAGES) / 2);
    expect(log).toEqual({ pages: PAGES, ended: true });
  });

  test('is read as it is taken: no more than a page waits in memory', async () => {
    const { body, log } = await longLog();
    const reader = body.getReader();
    for (let taken = 0; taken < 10; taken += 1) {
      await reader.read();
      // What the reader does not ask for is not read, however long that takes.
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(log.pages).toBeLessThanOrEqual(taken + 1);
    }
    await reader.cancel();
    expect(log.ended).toBe(true);
  });

  test('breaks off where the log does, and is no JSON then', async () => {
    const { body } = await longLog(3);
    let text = '';
    const taking = (async () => {
      for await (const piece of body) text += piece;
    })();
    await expect(taking).rejects.toThrow(StoreUnavailable);
    expect(text).toContain('Commit 0 of kim');
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });
});

describe('GET /api/users/{id}/export', () => {
  let repository: GitRepository;
  let almanac: Almanac;
  const people: Record<string, Person> = {};
  beforeAll(async () => {
    repository = await GitRepository.create();
    await repository.commits([
      { author: 'Kim <kim@example.org>', at: '2024-05-01T12:00:00+09:00', message: 'Dig as Kim' },
      { author: 'Kim of old <old@example.org>', at: '2024-05-02T12:00:00+09:00', message: 'Sow as somebody else' },
      { author: 'Lee <lee@example.org>', at: '2024-05-02T13:00:00+09:00', message: 'Water as Lee' },
    ]);
    await repository.write('.mailmap', 'Kim <kim@example.org> <old@example.org>\n');
    almanac = await startAlmanac({ repositories: [repository.path], env: { API_AUTH_TOKEN: 'the-single-token' } });
    for (const login of ['kim', 'lee', 'ada', 'wim'])
      almanac.github.addUser({ login, emails: [{ email: `${login}@example.org`, verified: true, primary: true }] });
    for (const login of ['kim', 'lee', 'ada', 'wim']) people[login] = await almanac.signIn(login);
    const approve = (login: string, role: string) =>
      almanac.mutate(almanac.owner.bearer, 'users.approve', { id: person(login).id, role });
    for (const [login, role] of [
      ['kim', 'member'],
      ['lee', 'member'],
      ['ada', 'admin'],
    ] as const)
      await approve(login, role);
    await almanac.mutate(almanac.owner.bearer, 'status.collectNow');
    // What the mailmap says of the author proves nothing about the account: an admin joins the two.
    const { data } = await almanac.query(almanac.owner.bearer, 'users.list');
    const users = data as { id: string; github_id: string; github_profile_url: string | null }[];
    const author = users.find((one) => one.github_id === 'kim' && one.github_profile_url === null);
    await almanac.mutate(almanac.owner.bearer, 'users.merge', { id: author?.id, into: person('kim').id });
  });
  afterAll(async () => {
    await almanac?.[Symbol.asyncDispose]();
    await repository?.[Symbol.asyncDispose]();
  });

  const person = (login: string) => people[login] ?? almanac.owner;
  const ask = (id: string, headers: Credentials, method = 'GET') =>
    almanac.ask(`/api/users/${id}/export`, { headers, method });
  const operator = () => ({ authorization: `Bearer ${readAddress(almanac.server.dataDirectory)?.token}` });

  test('is everything of one’s own, under whichever name it was done, opened, and nothing of others', async () => {
    const answer = await ask('me', person('kim').browser);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="almanac-export.json"');
    const text = await answer.text();
    const { memberId, events } = JSON.parse(text) as Export;
    expect(memberId).toBe(person('kim').id);
    for (const own of ['Dig as Kim', 'Sow as somebody else', 'old@example.org', 'SessionStarted', 'MemberMerged'])
      expect(text).toContain(own);
    for (const others of ['Water as Lee', 'lee@example.org', person('lee').id, 'refreshHash'])
      expect(text).not.toContain(others);
    expect(events.at(-1)).toMatchObject({ type: 'DataExported', data: { by: person('kim').id } });
  });

  test('is the same by one’s id, and for who waits to be let in', async () => {
    const { id, bearer } = person('wim');
    const [mine, byId] = [await ask('me', bearer), await ask(id, bearer)];
    expect([mine.status, byId.status]).toEqual([200, 200]);
    expect(((await mine.json()) as Export).memberId).toBe(id);
    expect(((await byId.json()) as Export).memberId).toBe(id);
  });

  test('is refused to anybody else, whatever their role, and to keys', async () => {
    const { id } = person('kim');
    expect((await ask(id, {})).status).toBe(401);
    const others = ['lee', 'ada', 'wim', 'the-owner'].map((login) => person(login).bearer);
    const keys = [await almanac.keyOf(almanac.owner, ['read', 'admin']), await almanac.keyOf(person('kim'), ['read'])];
    for (const headers of [
      ...others,
      ...keys.map(({ bearer }) => bearer),
      { authorization: 'Bearer the-single-token' },
    ]) {
      const answer = await ask(id, headers);
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ error: { code: 'FORBIDDEN' } });
    }
  });

  test('is anybody’s for who can read the disk: the operator', async () => {
    const answer = await ask(person('lee').id, operator());
    expect(await answer.text()).toContain('Water as Lee');
    expect((await ask('me', operator())).status).toBe(404);
    expect((await ask('nobody-of-this-id', operator())).status).toBe(404);
  });

  test('is noted when it was given, and not when it was only asked whether it could be', async () => {
    const noted = async () => {
      const { data } = await almanac.query(almanac.owner.bearer, 'audit.list', { limit: 200 });
      return (data as { action: string }[]).filter(({ action }) => action === 'DataExported').length;
    };
    const before = await noted();
    expect((await ask('me', person('kim').bearer, 'HEAD')).status).toBe(200);
    expect(await noted()).toBe(before);
    await (await ask('me', person('kim').bearer)).text();
    await expect.poll(noted).toBe(before + 1);
  });
});
