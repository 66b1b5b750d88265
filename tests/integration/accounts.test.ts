import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AccessRefused, type AccessRefusal, type Actor } from '../../domain/access.ts';
import { challengeStream, everyDay, type ChallengeEvent } from '../../domain/challenge.ts';
import type { Account } from '../../domain/identify-account.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { memberStream, type MemberEvent } from '../../domain/member.ts';
import { accessOf, activeOwners, listAccess } from '../../projections/access.ts';
import { identitiesOf, listMembers } from '../../projections/members.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { Accounts } from '../../server/identity/accounts.ts';
import { openReadModels, type ReadModels } from '../../server/read-models/database.ts';
import { ReadModelsBehind } from '../../server/read-models/waiting.ts';
import { temporaryStore, type TemporaryStore } from '../support/temporary-store.ts';

const codec = createCodec();
const owner: Actor = { by: 'local', role: 'owner' };
const admin: Actor = { by: 'bo', role: 'admin' };
const nobodyAsked = { openChallenge: null };

let folder: TemporaryStore;
let models: ReadModels;
let accounts: Accounts;
let clock = Date.UTC(2026, 10, 21, 12);
let numbers = 0;

beforeAll(async () => {
  folder = await temporaryStore();
  models = await openReadModels({ directory: folder.directory, log: { kind: 'sqlite', directory: folder.directory } });
});
afterAll(async () => {
  await models.close();
  await folder[Symbol.asyncDispose]();
});
beforeEach(() => {
  accounts = open();
});

const open = (owners: readonly string[] = []) =>
  new Accounts({ store: folder.store, codec, models, now: () => (clock += 1_000), owners });

/** An account nobody has seen before; every test has its own people. */
const newAccount = (change: Partial<Account> = {}): Account => {
  numbers += 1;
  const login = `person-${numbers}`;
  return { id: numbers, login, name: `Person ${numbers}`, emails: [`${login}@example.org`], ...change };
};
const statusOf = (memberId: string) => accessOf(models.model('access'), memberId)?.status;
const roleOf = (memberId: string) => accessOf(models.model('access'), memberId)?.role;
const typesOf = async (memberId: string) =>
  (await folder.store.readStream(memberStream(memberId))).map(({ type }) => type);

async function say(stream: string, ...events: AlmanacEvent[]): Promise<void> {
  const appended = events.map((event) => codec.encode(event, crypto.randomUUID()));
  const { position } = await folder.store.append(stream, appended, { expectedRevision: 'any' });
  await models.waitFor(position);
}

const refusalOf = (asked: Promise<unknown>): Promise<AccessRefusal | null> =>
  asked.then(
    () => null,
    (error: unknown) => {
      if (error instanceof AccessRefused) return error.reason;
      throw error;
    },
  );

describe('signing in', () => {
  test('registers who is new and lets them wait, and says nothing the second time', async () => {
    const account = newAccount();
    const { memberId } = await accounts.signIn(account, nobodyAsked);
    expect(statusOf(memberId)).toBe('waiting');
    expect(listMembers(models.model('members'))).toContainEqual(
      expect.objectContaining({ id: memberId, handle: account.login, name: account.name }),
    );
    const said = await typesOf(memberId);
    expect(said).toEqual(['MemberRegistered', 'IdentityLinked', 'IdentityLinked', 'IdentityLinked', 'AccessRequested']);
    expect(await open().signIn(account, nobodyAsked)).toEqual({ memberId, status: 'waiting' });
    expect(await typesOf(memberId)).toEqual(said);
  });

  test('twice at once is one member', async () => {
    const account = newAccount();
    const both = await Promise.all([
      accounts.signIn(account, nobodyAsked),
      accounts.signIn(account, nobodyAsked),
      // Another server, which is told another name: its events are others, and come too late.
      open().signIn({ ...account, name: 'Otherwise' }, nobodyAsked),
    ]);
    const ids = new Set(both.map(({ memberId }) => memberId));
    expect(ids.size).toBe(1);
    const [memberId = ''] = ids;
    expect((await typesOf(memberId)).filter((type) => type === 'MemberRegistered')).toHaveLength(1);
    expect((await typesOf(memberId)).filter((type) => type === 'AccessRequested')).toHaveLength(1);
  });

  test('whoever wrote commits with a verified address and no other is the member', async () => {
    const account = newAccount();
    const author: MemberEvent[] = [
      {
        type: 'MemberRegistered',
        data: { memberId: `author-${account.id}`, handle: `a-${account.id}`, name: 'A', bot: false },
      },
      {
        type: 'IdentityLinked',
        data: { memberId: `author-${account.id}`, kind: 'email', value: account.emails[0] ?? '' },
      },
    ];
    await say(memberStream(`author-${account.id}`), ...author);
    const { memberId } = await accounts.signIn(account, nobodyAsked);
    expect(memberId).toBe(`author-${account.id}`);
    expect(identitiesOf(models.model('members'), memberId)).toContainEqual({ kind: 'email', value: account.emails[0] });
  });

  test('whom the configuration names is owner; another account that takes the login later is not', async () => {
    const account = newAccount({ login: 'The-Owner' });
    const configured = open(['the-owner']);
    const { memberId } = await configured.signIn(account, nobodyAsked);
    expect(roleOf(memberId)).toBe('owner');
    await configured.signIn({ ...account, login: 'renamed' }, nobodyAsked);
    const thief = newAccount({ login: 'the-owner' });
    for (const time of ['at first', 'and again']) {
      const taken = await configured.signIn(thief, nobodyAsked);
      expect(taken.memberId).not.toBe(memberId);
      expect(statusOf(taken.memberId), time).toBe('waiting');
    }
    await say(memberStream(memberId), {
      type: 'MemberDeactivated',
      data: { memberId, by: 'local', at: '2026-11-21T12:00:00Z' },
    });
  });

  test('an open challenge lets in who comes, and they take part in it; it does not take who was declined', async () => {
    const opened: ChallengeEvent = {
      type: 'ChallengeOpened',
      data: { challengeId: 'open', title: 't', timeZone: 'UTC', season: { kind: 'rolling', days: 7 }, rule: everyDay },
    };
    await say(challengeStream('open'), opened);
    const declined = await accounts.signIn(newAccount({ login: 'declined' }), nobodyAsked);
    await accounts.decline(declined.memberId, admin);
    const account = newAccount();
    const { memberId } = await accounts.signIn(account, { openChallenge: 'open' });
    await accounts.signIn(account, { openChallenge: 'open' });
    await accounts.signIn(newAccount({ login: 'declined', id: numbers - 1, emails: [] }), { openChallenge: 'open' });
    expect(roleOf(memberId)).toBe('member');
    expect(statusOf(declined.memberId)).toBe('declined');
    const joined = (await folder.store.readStream(challengeStream('open'))).flatMap(({ type, data }) =>
      type === 'MemberJoined' ? [data['memberId']] : [],
    );
    expect(joined).toEqual([memberId]);
  });
});

describe('an account', () => {
  test('is that of the member who signs in with it, whatever it is called', async () => {
    const account = newAccount();
    const { memberId } = await accounts.signIn(account, nobodyAsked);
    const other = await accounts.signIn(newAccount(), nobodyAsked);
    expect(accounts.isAccountOf(memberId, account)).toBe(true);
    expect(accounts.isAccountOf(other.memberId, account)).toBe(false);
    expect(accounts.isAccountOf(memberId, newAccount({ login: account.login }))).toBe(false);
  });
  test('of somebody deactivated is told so, and stays out', async () => {
    const account = newAccount();
    const { memberId } = await accounts.signIn(account, nobodyAsked);
    await accounts.approve(memberId, 'member', owner);
    await accounts.deactivate(memberId, owner);
    expect(await accounts.signIn(account, nobodyAsked)).toEqual({ memberId, status: 'deactivated' });
  });
});

describe('an invitation', () => {
  test('registers the login, and its account comes in with the role', async () => {
    const account = newAccount();
    const { memberId } = await accounts.invite({ login: account.login, role: 'admin' }, owner);
    expect(statusOf(memberId)).toBe('invited');
    expect(await accounts.signIn(account, nobodyAsked)).toEqual({ memberId, status: 'active' });
    expect(accessOf(models.model('access'), memberId)).toMatchObject({ status: 'active', role: 'admin' });
  });
  test('that is refused registers nobody', async () => {
    const { login } = newAccount();
    expect(await refusalOf(accounts.invite({ login, role: 'owner' }, admin))).toBe('not-allowed');
    expect(listMembers(models.model('members')).filter(({ handle }) => handle === login)).toEqual([]);
  });
  test('lets in who waits', async () => {
    const account = newAccount();
    const { memberId } = await accounts.signIn(account, nobodyAsked);
    await accounts.invite({ login: account.login, role: 'member' }, admin);
    expect(statusOf(memberId)).toBe('active');
  });
  test('to a new login is good for whoever has an account under the old one', async () => {
    const account = newAccount();
    const { memberId } = await accounts.signIn(account, nobodyAsked);
    const renamed = { ...account, login: `${account.login}-renamed` };
    const invited = await accounts.invite({ login: renamed.login, role: 'admin' }, owner);
    expect(invited.memberId).not.toBe(memberId);
    expect(await accounts.signIn(renamed, nobodyAsked)).toEqual({ memberId, status: 'active' });
    expect(accessOf(models.model('access'), memberId)).toMatchObject({ status: 'active', role: 'admin' });
    expect(listAccess(models.model('access')).map((one) => one.memberId)).not.toContain(invited.memberId);
  });
});

describe('deciding', () => {
  test('is shown when it is over', async () => {
    const { memberId } = await accounts.signIn(newAccount(), nobodyAsked);
    await accounts.decline(memberId, admin);
    expect(statusOf(memberId)).toBe('declined');
    await accounts.approve(memberId, 'member', admin);
    expect(statusOf(memberId)).toBe('active');
    await accounts.changeRole(memberId, 'admin', owner);
    expect(roleOf(memberId)).toBe('admin');
    await accounts.deactivate(memberId, owner);
    expect(statusOf(memberId)).toBe('deactivated');
    await accounts.reactivate(memberId, owner);
    expect(accessOf(models.model('access'), memberId)).toMatchObject({ status: 'active', role: 'admin' });
  });
  test('about nobody is refused and writes nothing', async () => {
    expect(await refusalOf(accounts.approve('nobody', 'member', owner))).toBe('never-asked');
    await expect(folder.store.readStream(memberStream('nobody'))).rejects.toThrow('does not exist');
  });
});

describe('the last owner', () => {
  async function owners(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { memberId } = await accounts.signIn(newAccount(), nobodyAsked);
      await accounts.approve(memberId, 'owner', owner);
      ids.push(memberId);
    }
    for (const before of activeOwners(models.model('access')))
      if (!ids.includes(before)) await accounts.deactivate(before, owner);
    return ids;
  }

  test('is neither demoted, nor deactivated, nor erased', async () => {
    const [ada = ''] = await owners(1);
    let acted = false;
    const act = async () => void (acted = true);
    expect(await refusalOf(accounts.changeRole(ada, 'member', owner))).toBe('last-owner');
    expect(await refusalOf(accounts.deactivate(ada, owner))).toBe('last-owner');
    expect(await refusalOf(accounts.keepingAnOwner(ada, act))).toBe('last-owner');
    expect(acted).toBe(false);
    await accounts.changeRole(ada, 'owner', owner);
    expect(activeOwners(models.model('access'))).toEqual([ada]);
  });
  test('is one of two who would take each other’s role at once', async () => {
    const [ada = '', bo = ''] = await owners(2);
    const refusals = await Promise.all([
      refusalOf(accounts.changeRole(ada, 'member', { by: bo, role: 'owner' })),
      refusalOf(accounts.deactivate(bo, { by: ada, role: 'owner' })),
    ]);
    expect(refusals).toEqual([null, 'last-owner']);
    expect(activeOwners(models.model('access'))).toEqual([bo]);
  });
  test('is not asked for while what is shown lags behind what was decided', async () => {
    const [ada = '', bo = ''] = await owners(2);
    const shown = (await folder.store.head()) ?? 0n;
    const before = models.model('access').all('SELECT * FROM people');
    const lagging = new Accounts({
      ...{ store: folder.store, codec, now: () => (clock += 1_000), owners: [] },
      models: {
        model: () => ({ position: shown, generation: 0, all: <Row>() => before as Row[], get: () => undefined }),
        waitFor: async (position) => {
          if (position > shown) throw new ReadModelsBehind('The read models are not up to date.');
        },
      },
    });
    // It is decided, but cannot be shown yet; whoever comes next is asked to wait.
    await expect(lagging.changeRole(ada, 'member', owner)).rejects.toThrow(ReadModelsBehind);
    await expect(lagging.deactivate(bo, owner)).rejects.toThrow(ReadModelsBehind);
    await expect(lagging.keepingAnOwner(bo, () => Promise.resolve())).rejects.toThrow(ReadModelsBehind);
    await models.waitFor((await folder.store.head()) ?? 0n);
    expect(activeOwners(models.model('access'))).toEqual([bo]);
  });
  test('is known when the erasing of another is over', async () => {
    const [ada = '', bo = ''] = await owners(2);
    const data = { memberId: ada, identityIds: [], by: ada, at: '2026-11-21T12:00:00Z' };
    const erasing = codec.encode({ type: 'MemberErased', data }, crypto.randomUUID());
    await accounts.keepingAnOwner(ada, () =>
      folder.store.append(memberStream(ada), [erasing], { expectedRevision: 'any' }),
    );
    expect(activeOwners(models.model('access'))).toEqual([bo]);
  });
  test('is who is left when the other is erased meanwhile', async () => {
    const [ada = '', bo = ''] = await owners(2);
    const erase = () =>
      folder.store
        .append(
          memberStream(ada),
          [
            codec.encode(
              { type: 'MemberErased', data: { memberId: ada, identityIds: [], by: ada, at: '2026-11-21T12:00:00Z' } },
              crypto.randomUUID(),
            ),
          ],
          { expectedRevision: 'any' },
        )
        .then(() => 'erased');
    const [erased, refusal] = await Promise.all([
      accounts.keepingAnOwner(ada, erase),
      refusalOf(accounts.deactivate(bo, owner)),
    ]);
    expect([erased, refusal]).toEqual(['erased', 'last-owner']);
  });
});
