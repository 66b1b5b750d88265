import { displayName, handleFor, identityOf, isOfProgram, numberedAddressOf } from './identity.ts';
import {
  applyTo,
  draftOf,
  everybodyWhoIs,
  hasAccount,
  holderOf,
  identityKey,
  isSettled,
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
export type IdentifiedLogin = { readonly memberId: string; readonly events: readonly MemberEvent[] };
export type IdentifiedAccount = IdentifiedLogin & {
  /** The login was another account's before: what was said of whoever has it may have been meant for that one. */
  readonly hadAnotherAccount: boolean;
  /** Whoever had this account was kept out when they were erased, and has not been let in since. */
  readonly barred: boolean;
};

/**
 * Says which member signs in, and what is new about them. Only what GitHub says at sign-in is proven; what commits say is not:
 * - the account's number is the member; else its login, where somebody was invited by it; else whoever is known by commits and by
 *   nothing that is not proven, who keeps their handle so; else they are new;
 * - everybody else who is known by nothing but what is proven turns out to be this member. Of others only what is proven is this
 *   member's from now on, and the rest stays where it was: an admin can join the two;
 * - an address that somebody else's account has proven stays theirs, one that was only put down to it does not; a login is the
 *   account's that has it now;
 * - the name is the account's.
 * @param idOf the id of a member registered for an identity
 */
export function identifyAccount(directory: MemberDirectory, account: Account, idOf: IdOf): IdentifiedAccount {
  const number: Identity = { kind: 'github-id', value: String(account.id) };
  const login: Identity = { kind: 'github', value: account.login.toLowerCase() };
  // GitHub's own no-reply addresses carry logins, perhaps former ones: they prove no more than the login does.
  const addresses = account.emails.flatMap((address) => identityOf('', address) ?? []);
  const emails = addresses.filter(({ kind }) => kind === 'email');
  const saying = new Saying(directory, [number, login, ...emails]);
  const { draft } = saying;
  const memberId =
    holderOf(draft, number)?.memberId ??
    invitedBy(draft, login)?.memberId ??
    saying.adoptable()?.memberId ??
    saying.register(login, account.name ?? '', freeId(draft, number, idOf));
  if (holderOf(draft, number)?.memberId !== memberId) saying.link(memberId, number);
  saying.takeIn(memberId);
  // Said also where they held it by an invitation or by commits, or had another one in between: now it is proven.
  if (draft.members.get(memberId)?.logins.at(-1) !== login.value) saying.link(memberId, login);
  for (const email of emails) if (isFree(holderOf(draft, email), email)) saying.link(memberId, email);
  saying.rename(memberId, account.name ?? '');
  return {
    memberId,
    events: saying.events,
    hadAnotherAccount: hadAnotherAccount(directory, { number, login, memberId }, idOf),
    barred: directory.barred.has(idOf(number)),
  };
}

/**
 * Whom an invitation to a GitHub login is for: whose account has it, as far as is known; else whoever was invited by it before, or has
 * committed by nothing but this login; else somebody new.
 */
export function identifyLogin(directory: MemberDirectory, name: string, idOf: IdOf): IdentifiedLogin {
  const login: Identity = { kind: 'github', value: name.toLowerCase() };
  const holder = holderOf(directory, login);
  const known = holder?.logins.at(-1) === login.value ? holder : (invitedBy(directory, login) ?? onlyBy(holder, login));
  const saying = new Saying(directory, []);
  if (known) {
    // What commits call them is not what an admin has vouched for.
    if (!isSettled(known)) saying.rename(known.memberId, login.value);
    return { memberId: known.memberId, events: saying.events };
  }
  const memberId = saying.register(login, '', freeId(directory, login, idOf));
  saying.link(memberId, login);
  return { memberId, events: saying.events };
}

/** Whoever was invited by exactly this login and has not signed in; an invitation that was taken back is theirs, too. */
const invitedBy = ({ members }: MemberDirectory, login: Identity): KnownMember | undefined =>
  members.values().find((one) => one.invitedAs === login.value && one.mergedInto === null && !hasAccount(one));

/** Somebody known by this login alone, with or without a number: commits have put nothing else down to them. */
const onlyBy = (holder: KnownMember | undefined, login: Identity): KnownMember | undefined =>
  holder && !holder.bot && holder.identities.every((one) => loginIn(one) === login.value) ? holder : undefined;

const loginIn = ({ kind, value }: Identity): string | undefined =>
  kind === 'github' ? value : kind === 'email' ? numberedAddressOf(value)?.login.value : undefined;

/** An address is nobody's, or somebody's whose account has not proven it. A program's own stays the program's. */
const isFree = (holder: KnownMember | undefined, { value }: Identity): boolean =>
  !holder || !(isProgram(holder) || holder.addresses.includes(value));

/** A program by its address or login; by its name alone anybody could have made one of somebody. */
export const isProgram = ({ bot, identities }: KnownMember): boolean => bot && identities.some(isOfProgram);

/** A login can be given up and taken by somebody else: whether another account has proven it, perhaps one erased since. */
function hadAnotherAccount(
  { members, erasedAccounts }: MemberDirectory,
  { number, login, memberId }: { number: Identity; login: Identity; memberId: string },
  idOf: IdOf,
): boolean {
  const [loginId, numberId] = [idOf(login), idOf(number)];
  return (
    members.values().some((other) => other.memberId !== memberId && hasProven(other, login)) ||
    erasedAccounts.values().some((ids) => ids.includes(loginId) && !ids.includes(numberId))
  );
}

/** In logs from before, an account may hold a login by its invitation alone, which it was proven for. */
const hasProven = (account: KnownMember, login: Identity): boolean =>
  account.logins.includes(login.value) ||
  (account.logins.length === 0 &&
    hasAccount(account) &&
    account.identities.some((one) => identityKey(one) === identityKey(login)));

/** Everybody who turned out to be this member. */
export const formerOf = (directory: MemberDirectory, memberId: string): string[] =>
  everybodyWhoIs(directory, memberId)
    .map((one) => one.memberId)
    .filter((id) => id !== memberId);

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
  /** Keys of all that this sign-in proves. */
  readonly #proven: ReadonlySet<string>;

  constructor(directory: MemberDirectory, proven: readonly Identity[]) {
    this.draft = draftOf(directory);
    this.#proven = new Set(proven.map(identityKey));
  }

  register(login: Identity, name: string, memberId: string): string {
    const handle = handleFor([login], name, this.draft.handles);
    this.#say({ type: 'MemberRegistered', data: { memberId, handle, name: displayName(name) || handle, bot: false } });
    return memberId;
  }

  link(memberId: string, identity: Identity): void {
    this.#say({ type: 'IdentityLinked', data: { memberId, ...identity } });
  }

  /** Somebody known by commits who is nobody but whoever signs in. */
  adoptable(): KnownMember | undefined {
    return this.draft.members.values().find((one) => one.access === 'none' && !one.bot && this.#isNobodyBut('', one));
  }

  /** Whoever is nobody but this member turns out to be them. */
  takeIn(memberId: string): void {
    const others = [...this.draft.members.values()].filter(
      (other) => other.memberId !== memberId && this.#isNobodyBut(memberId, other),
    );
    for (const other of others)
      this.#say({ type: 'MemberMerged', data: { memberId: other.memberId, into: memberId, by: memberId } });
  }

  rename(memberId: string, name: string): void {
    const shown = displayName(name);
    if (shown !== '' && this.draft.members.get(memberId)?.name !== shown)
      this.#say({ type: 'MemberRenamed', data: { memberId, name: shown } });
  }

  /**
   * Nothing is known of the other that this sign-in does not prove. All they ever held counts: their commits stay theirs when an
   * address moves on. A name that stands in for an address cannot be proven.
   */
  #isNobodyBut(memberId: string, other: KnownMember): boolean {
    const { identities, mergedInto } = other;
    if (identities.length === 0 || isProgram(other) || mergedInto !== null || hasAccount(other)) return false;
    return identities.every((one) => this.#proves(one)) && this.#mayTake(memberId, other);
  }

  /** A no-reply address with a number is the account's of this number, whoever has the login in it. */
  #proves(identity: Identity): boolean {
    const { number } = (identity.kind === 'email' && numberedAddressOf(identity.value)) || {};
    return this.#proven.has(identityKey(number ?? identity));
  }

  /** An invitation goes over to whoever can take it now; where it cannot be taken, or was taken back, it stays where it is. */
  #mayTake(memberId: string, { access, invitedAs }: KnownMember): boolean {
    if (access === 'none') return true;
    const own = this.draft.members.get(memberId)?.access ?? 'none';
    const isProven = invitedAs !== null && this.#proven.has(identityKey({ kind: 'github', value: invitedAs }));
    return access === 'invited' && isProven && (own === 'none' || own === 'waiting' || own === 'invited');
  }

  #say(event: MemberEvent): void {
    this.events.push(event);
    applyTo(this.draft, event);
  }
}
