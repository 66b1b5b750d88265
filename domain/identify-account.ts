import { displayName, handleFor, identityOf } from './identity.ts';
import {
  applyTo,
  draftOf,
  everybodyWhoIs,
  holderOf,
  identityKey,
  type DirectoryDraft,
  type Identity,
  type KnownMember,
  type MemberDirectory,
  type MemberEvent,
} from './member.ts';

/** Somebody as GitHub knows them, who has proven to be them by signing in there. */
export type Account = {
  /** Stays when the login changes; is never given to anybody else. */
  readonly id: number;
  readonly login: string;
  /** null: they have not said. */
  readonly name: string | null;
  /** Those GitHub has verified. */
  readonly emails: readonly string[];
};

type IdOf = (identity: Identity) => string;
export type IdentifiedAccount = { readonly memberId: string; readonly events: readonly MemberEvent[] };

/**
 * Says which member signs in, and what is new about them:
 * - the account's number is the member; else its login, where its holder has no other account; else they are new.
 *   A login that another account had before leads to a new member, never to that one;
 * - who wrote commits under the login or a verified address, and has no account, turns out to be this member;
 * - an address of somebody else's account stays theirs.
 * @param idOf the id of a member registered for an identity
 */
export function identifyAccount(directory: MemberDirectory, account: Account, idOf: IdOf): IdentifiedAccount {
  const number: Identity = { kind: 'github-id', value: String(account.id) };
  const login: Identity = { kind: 'github', value: account.login.toLowerCase() };
  const saying = new Saying(directory);
  const { draft } = saying;
  const memberId =
    holderOf(draft, number)?.memberId ??
    withoutAccount(holderOf(draft, login)) ??
    saying.register(login, account.name ?? '', freeId(draft, number, idOf));
  if (holderOf(draft, number)?.memberId !== memberId) saying.link(memberId, number);
  saying.claim(memberId, login);
  for (const address of account.emails) {
    const identity = identityOf('', address);
    // GitHub's own no-reply addresses carry logins, perhaps former ones: they prove no more than the login does.
    if (identity?.kind === 'email') saying.claim(memberId, identity);
  }
  return { memberId, events: saying.events };
}

/** Whom an invitation to a GitHub login is for: the person who holds it, or somebody new. */
export function identifyLogin(directory: MemberDirectory, login: string, idOf: IdOf): IdentifiedAccount {
  const identity: Identity = { kind: 'github', value: login.toLowerCase() };
  const holder = holderOf(directory, identity);
  if (holder && !holder.bot) return { memberId: holder.memberId, events: [] };
  const saying = new Saying(directory);
  const memberId = saying.register(identity, '', freeId(directory, identity, idOf));
  saying.link(memberId, identity);
  return { memberId, events: saying.events };
}

/** A login can be given up and taken by somebody else: whether another account had it before this member's. */
export const hadAnotherAccount = ({ members }: MemberDirectory, login: string, memberId: string): boolean => {
  const key = identityKey({ kind: 'github', value: login.toLowerCase() });
  return [...members.values()].some(
    (other) =>
      other.memberId !== memberId &&
      hasAccount(other) &&
      other.identities.some((identity) => identityKey(identity) === key),
  );
};

/** Everybody who turned out to be this member. */
export const formerOf = (directory: MemberDirectory, memberId: string): string[] =>
  everybodyWhoIs(directory, memberId)
    .map((one) => one.memberId)
    .filter((id) => id !== memberId);

const hasAccount = ({ identities }: KnownMember): boolean => identities.some(({ kind }) => kind === 'github-id');

const withoutAccount = (holder: KnownMember | undefined): string | undefined =>
  holder && !holder.bot && !hasAccount(holder) ? holder.memberId : undefined;

/** Who was erased and comes back is somebody new: their former id, like their key, is never used again. */
function freeId({ members, erased }: MemberDirectory, identity: Identity, idOf: IdOf): string {
  for (let life = 1; ; life += 1) {
    const id = idOf(life === 1 ? identity : { ...identity, value: `${identity.value} ${life}` });
    if (!members.has(id) && !erased.has(id)) return id;
  }
}

/** What one sign-in says, each event heard by the next decision. */
class Saying {
  readonly draft: DirectoryDraft;
  readonly events: MemberEvent[] = [];

  constructor(directory: MemberDirectory) {
    this.draft = draftOf(directory);
  }

  register(login: Identity, name: string, memberId: string): string {
    const handle = handleFor([login], name, this.draft.handles);
    this.#say({ type: 'MemberRegistered', data: { memberId, handle, name: displayName(name) || handle, bot: false } });
    return memberId;
  }

  link(memberId: string, identity: Identity): void {
    this.#say({ type: 'IdentityLinked', data: { memberId, ...identity } });
  }

  /** The identity is proven to be this member's: so is whoever held it, unless they have an account of their own. */
  claim(memberId: string, identity: Identity): void {
    const holder = holderOf(this.draft, identity);
    if (holder?.memberId === memberId) return;
    const author = withoutAccount(holder);
    if (author !== undefined) this.#say({ type: 'MemberMerged', data: { memberId: author, into: memberId } });
    // A login is one account's at a time, so it has moved; an address may be in two accounts' lists.
    else if (!holder || identity.kind === 'github') this.link(memberId, identity);
  }

  #say(event: MemberEvent): void {
    this.events.push(event);
    applyTo(this.draft, event);
  }
}
