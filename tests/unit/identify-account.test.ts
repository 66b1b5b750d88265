import { describe, expect, test } from 'vitest';
import { formerOf, identifyAccount, identifyLogin, type Account } from '../../domain/identify-account.ts';
import {
  emptyDirectory,
  evolveDirectory,
  holderOf,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
  type PersonEvent,
} from '../../domain/member.ts';

const idOf = ({ kind, value }: Identity) => `${kind}:${value}`;
const kim: Account = { id: 7, login: 'Garden-Kim', name: '김정원', emails: ['kim@example.org'] };

const registered = (memberId: string, handle = memberId, bot = false): MemberEvent => ({
  type: 'MemberRegistered',
  data: { memberId, handle, name: handle, bot },
});
const linked = (memberId: string, kind: Identity['kind'], value: string): MemberEvent => ({
  type: 'IdentityLinked',
  data: { memberId, kind, value },
});
/** By signing in as `into`. */
const merged = (memberId: string, into: string): MemberEvent => ({
  type: 'MemberMerged',
  data: { memberId, into, by: into },
});
const renamed = (memberId: string, name: string): MemberEvent => ({ type: 'MemberRenamed', data: { memberId, name } });
const at = '2026-11-21T12:00:00Z';
const invited = (memberId: string, login: string): PersonEvent => ({
  type: 'MemberInvited',
  data: { memberId, by: 'ada', at, role: 'owner', login },
});
const access = (
  type: 'AccessRequested' | 'AccessGranted' | 'AccessDeclined' | 'MemberDeactivated',
  memberId: string,
): PersonEvent => ({ type, data: { memberId, by: 'ada', at, role: 'member' } }) as PersonEvent;

/** Known by an account: its number, and its login then. */
const withAccount = (memberId: string, number: string, login: string): MemberEvent[] => [
  registered(memberId, login),
  linked(memberId, 'github-id', number),
  linked(memberId, 'github', login),
];

/** What is said when the account signs in; signing in again says nothing. */
function signingIn(history: readonly PersonEvent[], account: Account) {
  const directory = evolveDirectory(emptyDirectory, history);
  const identified = identifyAccount(directory, account, idOf);
  const after = evolveDirectory(directory, identified.events);
  expect(identifyAccount(after, account, idOf), 'the same sign-in again').toMatchObject({
    memberId: identified.memberId,
    events: [],
  });
  return { ...identified, after };
}

const isWholeOf = (directory: MemberDirectory, memberId: string, ...identities: Identity[]) => {
  for (const identity of identities) expect(holderOf(directory, identity)?.memberId).toBe(memberId);
};

describe('an account nobody knows', () => {
  test('is a new member, known by its number, its login and its verified addresses', () => {
    const { memberId, events } = signingIn([], kim);
    expect(memberId).toBe('github-id:7');
    expect(events).toEqual([
      { type: 'MemberRegistered', data: { memberId, handle: 'garden-kim', name: '김정원', bot: false } },
      linked(memberId, 'github-id', '7'),
      linked(memberId, 'github', 'garden-kim'),
      linked(memberId, 'email', 'kim@example.org'),
    ]);
  });
  test('without a name is called as its login', () => {
    const { events } = signingIn([], { ...kim, name: null });
    expect(events[0]?.data).toMatchObject({ name: 'garden-kim' });
  });
  test('brings GitHub’s no-reply addresses, which prove no more than the login, perhaps of somebody else now', () => {
    const { events } = signingIn(withAccount('bo', '8', 'former-login'), {
      ...kim,
      emails: ['7+garden-kim@users.noreply.github.com', 'former-login@users.noreply.github.com'],
    });
    expect(events.filter(({ type }) => type === 'IdentityLinked')).toHaveLength(2);
  });
});

describe('the number of an account', () => {
  test('finds the member whatever the account is called by now', () => {
    const { memberId, events } = signingIn(withAccount('kim', '7', 'old-kim'), { ...kim, emails: [] });
    expect(memberId).toBe('kim');
    expect(events).toEqual([linked('kim', 'github', 'garden-kim'), renamed('kim', '김정원')]);
  });
  test('counts before the login: who has taken a login that was given up is somebody new', () => {
    const { memberId, events, after } = signingIn(withAccount('kim', '6', 'garden-kim'), kim);
    expect(memberId).toBe('github-id:7');
    expect(events[0]?.data).toMatchObject({ memberId, handle: 'garden-kim-2' });
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, memberId, { kind: 'github', value: 'garden-kim' });
    isWholeOf(after, 'kim', { kind: 'github-id', value: '6' });
  });
});

describe('the name of an account', () => {
  const known = withAccount('kim', '7', 'garden-kim');
  const quiet = { ...kim, emails: [] };
  test('is the member’s', () => expect(signingIn(known, quiet).events).toEqual([renamed('kim', '김정원')]));
  test('that is not told changes nothing', () => expect(signingIn(known, { ...quiet, name: null }).events).toEqual([]));
});

describe('a login', () => {
  test('that comes back is linked again: it is the last', () => {
    const history = [...withAccount('kim', '7', 'garden-kim'), linked('kim', 'github', 'zed')];
    const { events, after } = signingIn(history, { ...kim, name: null, emails: [] });
    expect(events).toEqual([linked('kim', 'github', 'garden-kim')]);
    expect(after.members.get('kim')?.logins).toEqual(['zed', 'garden-kim']);
  });
  test('that somebody has committed by and by nothing else: they are the member, and keep their handle', () => {
    const { memberId, events } = signingIn([registered('author'), linked('author', 'github', 'garden-kim')], kim);
    expect(memberId).toBe('author');
    expect(events.map(({ type }) => type)).not.toContain('MemberRegistered');
    expect(events).toContainEqual(linked('author', 'github-id', '7'));
  });
  test('of a program is nobody’s to sign in with', () => {
    const bot = [registered('bot', 'renovate', true), linked('bot', 'github', 'renovate')];
    const { memberId, events } = signingIn(bot, { ...kim, login: 'renovate' });
    expect(memberId).toBe('github-id:7');
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
  });
});

describe('who was invited', () => {
  const invitation: PersonEvent[] = [
    registered('guest'),
    linked('guest', 'github', 'garden-kim'),
    invited('guest', 'garden-kim'),
  ];
  const quiet = { ...kim, name: null, emails: [] };
  test('is who signs in with the login, which is proven then', () => {
    const { memberId, events } = signingIn(invitation, quiet);
    expect(memberId).toBe('guest');
    expect(events).toEqual([linked('guest', 'github-id', '7'), linked('guest', 'github', 'garden-kim')]);
  });
  test('and declined is who signs in with it, and stays declined', () =>
    expect(signingIn([...invitation, access('AccessDeclined', 'guest')], quiet).memberId).toBe('guest'));
  test('is nobody else, whatever commits have put down to them', () => {
    const { memberId, events } = signingIn([...invitation, linked('guest', 'email', 'mallory@evil.example')], {
      ...{ id: 66, login: 'mallory', name: 'bob' },
      emails: ['mallory@evil.example'],
    });
    expect(memberId).toBe('github-id:66');
    expect(events).not.toContainEqual(merged('guest', memberId));
    expect(events).toContainEqual(linked(memberId, 'email', 'mallory@evil.example'));
  });
  test('is who has an account under another login and has this one by now', () => {
    const history = [...withAccount('kim', '7', 'old-kim'), access('AccessRequested', 'kim'), ...invitation];
    const { memberId, events, after } = signingIn(history, quiet);
    expect(memberId).toBe('kim');
    expect(events).toEqual([linked('kim', 'github', 'garden-kim'), merged('guest', 'kim')].toSorted(byType));
    expect(formerOf(after, 'kim')).toEqual(['guest']);
    expect(formerOf(after, 'guest')).toEqual([]);
  });
  test.each(['AccessGranted', 'AccessDeclined', 'MemberDeactivated'] as const)(
    'stays who they are where that account could not take the invitation: %s',
    (decided) => {
      const history = [...withAccount('kim', '7', 'old-kim'), access(decided, 'kim'), ...invitation];
      const { events } = signingIn(history, quiet);
      expect(events).toEqual([linked('kim', 'github', 'garden-kim')]);
    },
  );
  test('and turned away stays so, though an account takes the login', () => {
    const history = [...withAccount('kim', '7', 'old-kim'), ...invitation, access('AccessDeclined', 'guest')];
    expect(signingIn(history, quiet).events).toEqual([linked('kim', 'github', 'garden-kim')]);
  });
});

/** Mergers stand before links. */
const byType = (one: MemberEvent, other: MemberEvent) => other.type.localeCompare(one.type);

/** What makes a no-reply address of GitHub's somebody's: the number in it, not the login. */
describe('a no-reply address with the number of an account', () => {
  const committed = [
    registered('author'),
    linked('author', 'github', 'garden-kim'),
    linked('author', 'email', '7+garden-kim@users.noreply.github.com'),
  ];
  test('is proven by the account of this number, under whichever login', () => {
    expect(signingIn(committed, kim).memberId).toBe('author');
    const { memberId, after } = signingIn(committed.toSpliced(1, 1), { ...kim, login: 'zed' });
    expect([memberId, after.members.get(memberId)?.identities.length]).toEqual(['author', 4]);
  });
  test('is not proven by another account that has taken the login', () => {
    const { memberId, events, after } = signingIn(committed, { ...kim, id: 66, emails: [] });
    expect(memberId).toBe('github-id:66');
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, 'author', { kind: 'email', value: '7+garden-kim@users.noreply.github.com' });
  });
});

describe('a verified address', () => {
  const ADDRESS: Identity = { kind: 'email', value: 'kim@example.org' };
  const MINE = linked('author', 'email', ADDRESS.value);
  test('of somebody who wrote commits: they are the member', () => {
    const history = [registered('author'), linked('author', 'email', 'kim@example.org')];
    const { memberId, events, after } = signingIn(history, kim);
    expect(memberId).toBe('author');
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, memberId, { kind: 'email', value: 'kim@example.org' });
  });
  test('of several authors makes one person of them', () => {
    const history = ['home', 'work'].flatMap((place) => [
      registered(place),
      linked(place, 'email', `kim@${place}.org`),
    ]);
    const { memberId, after } = signingIn(history, { ...kim, emails: ['Kim@home.org', 'kim@work.org'] });
    expect([memberId, ...formerOf(after, memberId)]).toEqual(['home', 'work']);
  });
  test('of another account stays that account’s', () => {
    const history = [...withAccount('bo', '8', 'bo'), linked('bo', 'email', 'kim@example.org')];
    const { events, after } = signingIn(history, kim);
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, 'bo', { kind: 'email', value: 'kim@example.org' });
  });
  test('of a program joins nobody to it', () => {
    const history = [registered('bot', 'bot', true), linked('bot', 'email', 'bot@renovateapp.com')];
    const { events, after } = signingIn(history, { ...kim, emails: ['bot@renovateapp.com'] });
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, 'bot', { kind: 'email', value: 'bot@renovateapp.com' });
  });
  test('beats a name that anybody could write, and that made a program of somebody', () => {
    const history = [registered('poisoned', 'x [bot]', true), linked('poisoned', 'email', 'kim@example.org')];
    const { memberId, after } = signingIn(history, kim);
    expect(after.members.get(memberId)).toMatchObject({ bot: false, name: '김정원' });
    isWholeOf(after, memberId, { kind: 'email', value: 'kim@example.org' });
    expect(formerOf(after, memberId)).toEqual(['poisoned']);
  });
  test('that an admin’s merging put down to another account is not theirs', () => {
    const author = [registered('author'), linked('author', 'email', 'm@evil.example'), MINE];
    const history = [...withAccount('bo', '8', 'bo'), ...author, merged('author', 'bo')];
    const { memberId, after } = signingIn(history, kim);
    isWholeOf(after, memberId, ADDRESS);
  });
  test('that somebody had by commits when they signed in is proven then, and stays theirs', () => {
    const { memberId, after } = signingIn([registered('author'), MINE], kim);
    expect(after.members.get(memberId)?.addresses).toEqual(['kim@example.org']);
    const other: Account = { id: 8, login: 'bo', name: null, emails: ['kim@example.org'] };
    const { events } = identifyAccount(after, other, idOf);
    isWholeOf(evolveDirectory(after, events), memberId, ADDRESS);
  });
});

describe('somebody known by commits, of whom not all is proven', () => {
  const OLD = linked('author', 'email', 'kim@old.org');
  const history = [registered('author'), linked('author', 'email', 'kim@example.org'), OLD];
  const signedIn = () => signingIn(history, kim);

  test('stays who they are; what is proven is the account’s from now on', () => {
    const { memberId, events, after } = signedIn();
    expect(events).not.toContainEqual(merged('author', memberId));
    isWholeOf(after, memberId, { kind: 'email', value: 'kim@example.org' });
    isWholeOf(after, 'author', { kind: 'email', value: 'kim@old.org' });
  });
  test('is the account’s as soon as the rest is proven', () => {
    const { memberId, after } = signedIn();
    const proven = { ...kim, emails: [...kim.emails, 'kim@old.org'] };
    expect(identifyAccount(after, proven, idOf).events).toContainEqual(merged('author', memberId));
  });
  test('is not had by whoever proves what is left: the commits are of all they ever signed with', () => {
    const { after } = signedIn();
    const mallory: Account = { id: 66, login: 'mallory', name: null, emails: ['kim@old.org'] };
    const { memberId, events } = identifyAccount(after, mallory, idOf);
    expect(events).not.toContainEqual(merged('author', memberId));
  });
  test.each([
    ['a login', linked('author', 'github', 'garden-kim-2')],
    ['a name in the place of an address', linked('author', 'name', 'Kim')],
  ])('%s not proven is enough', (_what, more) => {
    const { memberId, events } = signingIn([...history.slice(0, 2), more], kim);
    expect(events).not.toContainEqual(merged('author', memberId));
  });
});

describe('somebody erased', () => {
  const erased = (memberId: string, ...identityIds: string[]): MemberEvent => ({
    type: 'MemberErased',
    data: { memberId, identityIds, by: 'ada', at: '2026-11-21T12:00:00Z' },
  });
  const id = 'github-id:7';
  const history = [...withAccount(id, '7', 'garden-kim'), erased(id, id, 'github:garden-kim', 'email:kim@example.org')];
  test('who signs in again is somebody new, each time they come back', () => {
    const { memberId, events, after } = signingIn(history, kim);
    expect(memberId).toBe('github-id:7 2');
    expect(events[0]).toMatchObject({ type: 'MemberRegistered', data: { memberId, handle: 'garden-kim' } });
    const gone = evolveDirectory(after, [erased(memberId)]);
    expect(identifyAccount(gone, kim, idOf).memberId).toBe('github-id:7 3');
  });
  test('may be invited again, as somebody new', () => {
    const directory = evolveDirectory(emptyDirectory, history);
    expect(identifyLogin(directory, 'garden-kim', idOf).memberId).toBe('github:garden-kim 2');
  });
});

describe('an invitation', () => {
  const inviting = (login: string, ...known: PersonEvent[]) =>
    identifyLogin(evolveDirectory(emptyDirectory, known), login, idOf);
  test('registers a login nobody knows, and its account signs in as that member', () => {
    const { memberId, events } = inviting('Garden-Kim');
    expect(events).toEqual([registered(memberId, 'garden-kim'), linked(memberId, 'github', 'garden-kim')]);
    expect(signingIn([...events, invited(memberId, 'garden-kim')], kim).memberId).toBe(memberId);
  });
  test('is for the account that has the login', () => {
    expect(inviting('garden-kim', ...withAccount('kim', '7', 'garden-kim'))).toEqual({ memberId: 'kim', events: [] });
  });
  test('is not for an account that had the login once, and has another now', () => {
    const renamedSince = [...withAccount('kim', '7', 'garden-kim'), linked('kim', 'github', 'zed')];
    expect(inviting('garden-kim', ...renamedSince).memberId).toBe('github:garden-kim');
  });
  test('is for who was invited by it before', () => {
    const before = [registered('guest'), linked('guest', 'github', 'garden-kim'), invited('guest', 'garden-kim')];
    expect(inviting('garden-kim', ...before)).toEqual({ memberId: 'guest', events: [] });
  });
  test('is for who has committed by the login and nothing else', () => {
    const number = linked('author', 'email', '7+garden-kim@users.noreply.github.com');
    const author = [registered('author', 'garden-kim'), linked('author', 'github', 'garden-kim'), number];
    expect(inviting('garden-kim', ...author)).toEqual({ memberId: 'author', events: [] });
  });
  test('calls whom it finds by the login, not as commits do', () => {
    const author = [registered('author', 'ADMIN approves'), linked('author', 'github', 'garden-kim')];
    expect(inviting('garden-kim', ...author).events).toEqual([renamed('author', 'garden-kim')]);
  });
  test('is for nobody to whom commits have put down more than the login', () => {
    const zed = [registered('zed'), linked('zed', 'email', 'm@evil.example'), linked('zed', 'github', 'garden-kim')];
    const { memberId, events } = inviting('garden-kim', ...zed);
    expect(memberId).toBe('github:garden-kim');
    expect(events).toContainEqual(linked(memberId, 'github', 'garden-kim'));
  });
  test('is not for an account to which an admin has joined who committed by the login', () => {
    const author = [registered('author'), linked('author', 'github', 'garden-kim')];
    const joined = [...withAccount('zed', '66', 'zed'), ...author, merged('author', 'zed')];
    expect(inviting('garden-kim', ...joined).memberId).toBe('github:garden-kim');
  });
});

describe('whether a login had another account before', () => {
  const had = (account: Account, ...history: PersonEvent[]) =>
    identifyAccount(evolveDirectory(emptyDirectory, history), account, idOf).hadAnotherAccount;
  const erased = (...accountIds: string[]): MemberEvent => ({
    type: 'MemberErased',
    data: {
      memberId: 'gone',
      identityIds: ['github:garden-kim'],
      by: 'ada',
      at,
      ...(accountIds.length && { accountIds }),
    },
  });
  test('is remembered after it has moved', () => {
    const before = withAccount('kim', '6', 'garden-kim');
    expect(had(kim, ...before)).toBe(true);
    expect(had(kim, ...before, ...signingIn(before, kim).events)).toBe(true);
    expect(had({ ...kim, id: 6 }, ...before)).toBe(false);
  });
  test('is not so for who committed by it, nor for an account that an admin joined them to', () => {
    const author = [registered('author'), linked('author', 'github', 'garden-kim')];
    expect(had(kim, ...author)).toBe(false);
    expect(had(kim, ...withAccount('zed', '66', 'zed'), ...author, merged('author', 'zed'))).toBe(false);
  });
  test('is so where an account of a log from before holds it by its invitation', () => {
    const guest = [registered('boss'), linked('boss', 'github', 'garden-kim'), linked('boss', 'github-id', '1')];
    expect(had(kim, ...guest)).toBe(true);
  });
  test('is remembered of somebody erased, by account: the same account may come back', () => {
    expect(had(kim, erased('github-id:6', 'github:garden-kim'))).toBe(true);
    expect(had(kim, erased('github-id:7', 'github:garden-kim'))).toBe(false);
  });
  test('is not so for who was erased and known by commits only', () => expect(had(kim, erased())).toBe(false));
});

test('an account that was kept out when it was erased is known again', () => {
  const gone = (barred: boolean): MemberEvent => ({
    type: 'MemberErased',
    data: { memberId: 'gone', identityIds: [], by: 'gone', at, accountIds: ['github-id:7'], barred },
  });
  const barred = (...history: PersonEvent[]) =>
    identifyAccount(evolveDirectory(emptyDirectory, history), kim, idOf).barred;
  expect([barred(), barred(gone(false)), barred(gone(true)), barred(gone(true), gone(false))]).toEqual([
    ...[false, false, true, false],
  ]);
});
