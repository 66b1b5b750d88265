import { describe, expect, test } from 'vitest';
import {
  formerOf,
  hadAnotherAccount,
  identifyAccount,
  identifyLogin,
  type Account,
} from '../../domain/identify-account.ts';
import {
  emptyDirectory,
  evolveDirectory,
  holderOf,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
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
const merged = (memberId: string, into: string): MemberEvent => ({ type: 'MemberMerged', data: { memberId, into } });

/** Known by an account: its number, and its login then. */
const withAccount = (memberId: string, number: string, login: string): MemberEvent[] => [
  registered(memberId, login),
  linked(memberId, 'github-id', number),
  linked(memberId, 'github', login),
];

/** What is said when the account signs in; signing in again says nothing. */
function signingIn(history: readonly MemberEvent[], account: Account) {
  const directory = evolveDirectory(emptyDirectory, history);
  const identified = identifyAccount(directory, account, idOf);
  const after = evolveDirectory(directory, identified.events);
  expect(identifyAccount(after, account, idOf), 'the same sign-in again').toEqual({
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
    expect(events).toEqual([linked('kim', 'github', 'garden-kim')]);
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

describe('a login', () => {
  test('finds who was invited or has committed by it', () => {
    const { memberId, events } = signingIn([registered('kim'), linked('kim', 'github', 'garden-kim')], kim);
    expect(memberId).toBe('kim');
    expect(events).toEqual([linked('kim', 'github-id', '7'), linked('kim', 'email', 'kim@example.org')]);
  });
  test('finds whom its holder turned out to be', () => {
    const { memberId } = signingIn(
      [registered('a'), linked('a', 'github', 'garden-kim'), registered('b'), merged('a', 'b')],
      kim,
    );
    expect(memberId).toBe('b');
  });
  test('of a program is nobody’s to sign in with', () => {
    const bot = [registered('bot', 'garden-kim', true), linked('bot', 'github', 'garden-kim')];
    const { memberId, events } = signingIn(bot, kim);
    expect(memberId).toBe('github-id:7');
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
  });
  test('of somebody who has an account already under another login: both are one', () => {
    const history = [
      ...withAccount('kim', '7', 'old-kim'),
      registered('guest'),
      linked('guest', 'github', 'garden-kim'),
    ];
    const { memberId, events, after } = signingIn(history, { ...kim, emails: [] });
    expect(memberId).toBe('kim');
    expect(events).toEqual([merged('guest', 'kim')]);
    expect(formerOf(after, 'kim')).toEqual(['guest']);
    expect(formerOf(after, 'guest')).toEqual([]);
  });
});

describe('a verified address', () => {
  test('of somebody who wrote commits: they turn out to be the member', () => {
    const history = [registered('author'), linked('author', 'email', 'kim@example.org')];
    const { memberId, events, after } = signingIn(history, kim);
    expect(memberId).toBe('github-id:7');
    expect(events.at(-1)).toEqual(merged('author', memberId));
    isWholeOf(after, memberId, { kind: 'email', value: 'kim@example.org' });
  });
  test('of several authors makes one person of them', () => {
    const history = ['home', 'work'].flatMap((place) => [
      registered(place),
      linked(place, 'email', `kim@${place}.org`),
    ]);
    const { memberId, after } = signingIn(history, { ...kim, emails: ['Kim@home.org', 'kim@work.org'] });
    expect(formerOf(after, memberId)).toEqual(['home', 'work']);
  });
  test('of another account stays that account’s', () => {
    const history = [...withAccount('bo', '8', 'bo'), linked('bo', 'email', 'kim@example.org')];
    const { events, after } = signingIn(history, kim);
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, 'bo', { kind: 'email', value: 'kim@example.org' });
  });
  test('of a program joins nobody to it', () => {
    const history = [registered('bot', 'bot', true), linked('bot', 'email', 'kim@example.org')];
    const { events, after } = signingIn(history, kim);
    expect(events.map(({ type }) => type)).not.toContain('MemberMerged');
    isWholeOf(after, 'bot', { kind: 'email', value: 'kim@example.org' });
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
  const inviting = (login: string, ...invited: MemberEvent[]) =>
    identifyLogin(evolveDirectory(emptyDirectory, invited), login, idOf);
  test('registers a login nobody knows, and its account signs in as that member', () => {
    const { memberId, events } = inviting('Garden-Kim');
    expect(events).toEqual([registered(memberId, 'garden-kim'), linked(memberId, 'github', 'garden-kim')]);
    expect(signingIn(events, kim).memberId).toBe(memberId);
  });
  test('is for whoever holds the login', () => {
    expect(inviting('garden-kim', ...withAccount('kim', '7', 'garden-kim'))).toEqual({ memberId: 'kim', events: [] });
  });
});

describe('whether a login had another account before', () => {
  const had = (memberId: string, ...history: MemberEvent[]) =>
    hadAnotherAccount(evolveDirectory(emptyDirectory, history), 'Garden-Kim', memberId);
  test('is remembered after it has moved', () => {
    const before = withAccount('kim', '6', 'garden-kim');
    const { memberId, events } = signingIn(before, kim);
    expect(had(memberId, ...before, ...events)).toBe(true);
    expect(had('kim', ...before)).toBe(false);
  });
  test('is not so for who committed by it', () =>
    expect(had('kim', registered('author'), linked('author', 'github', 'garden-kim'))).toBe(false));
});
