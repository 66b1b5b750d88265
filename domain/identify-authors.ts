import { displayName, handleFor, isBot, numberedAddressOf, type Author } from './identity.ts';
import {
  applyTo,
  draftOf,
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
import { signedBy, type Signed } from './signed-identity.ts';

export type Identified = {
  /** Per author, in the order given; null: the author signs with neither an address nor a name. */
  readonly memberIds: readonly (string | null)[];
  /** Per author, in the order given: whether they were erased. Who was erased is not registered again, nor linked to anybody. */
  readonly erased: readonly boolean[];
  readonly events: readonly MemberEvent[];
};

/** Everything signed with one identity, and what the commits that carry it say themselves. */
type Signature = {
  readonly identity: Identity;
  /** Of the newest commit; may be empty. */
  name: string;
  bot: boolean;
  /** Identities the mailmap replaced by this one, and by no other. */
  readonly raw: Map<string, Identity>;
};

/** Makes a member's id from the identity it is registered for: the same identity, the same id. */
type IdOf = (identity: Identity) => string;
type Say = (event: MemberEvent) => void;

/**
 * Says who the authors of a reading are and what is new about them. One member per person:
 * - an address is one person; a GitHub login is one person, whichever of GitHub's no-reply addresses carries it, as long as they name
 *   no two accounts by their numbers (`signedBy`);
 * - a login and an ordinary address are one person when exactly one of each has that very name. A shared name alone never
 *   joins two ordinary addresses, nor two logins: people may be called the same;
 * - an address that the mailmap replaces is linked too, so that a mailmap written later joins members known apart. Where others
 *   still sign as the member who held the address, it had been put down to the wrong person: then only the address moves.
 *
 * All of this is attributed: anybody can write a commit and a mailmap. So it holds among those who are known by commits only. Whoever
 * has an account, or was invited, is neither linked, nor joined, nor renamed by it; their own addresses and logins still credit
 * commits to them, also where a mailmap says that they are another's.
 * @param signed each once, in the order of their newest commits, oldest first
 */
export function identifyAuthors(directory: MemberDirectory, signed: readonly Author[], idOf: IdOf): Identified {
  const authors = signedBy(directory, signed);
  const draft = draftOf(directory);
  const events: MemberEvent[] = [];
  const say = (event: MemberEvent) => {
    events.push(event);
    applyTo(draft, event);
  };
  const erased = erasedAmong(directory, authors, idOf);
  const others = authors.filter((author) => !erased.has(author));
  const signatures = signaturesOf(others);
  adoptReplacedAddresses(draft, signatures, say);
  registerUnknown(draft, signatures, idOf, say);
  linkReplacedAddresses(draft, signatures, say);
  rememberNumbers(draft, others, say);
  rename(draft, others, say);
  const memberIds = authors.map((author) => (erased.has(author) ? null : (memberOf(draft, author)?.memberId ?? null)));
  return { memberIds, erased: authors.map((author) => erased.has(author)), events };
}

/**
 * Whoever signs as somebody erased, or as somebody the mailmap has taken them for. Nobody knows an address that a mailmap gives
 * them later: that is theirs, too. What an account has by now is not somebody's who was erased.
 */
function erasedAmong(directory: MemberDirectory, authors: readonly Signed[], idOf: IdOf): ReadonlySet<Signed> {
  if (directory.erased.size === 0) return new Set();
  const isErased = (identity: Identity | null, email: string) => {
    const holder = identity && holderOf(directory, identity);
    if (!identity || (holder && hasAccount(holder))) return false;
    const { number, address } = numberedAddressOf(email) ?? {};
    // The login may have been of another account, which was erased.
    if (address && holderOf(directory, address)) return false;
    return [identity, number, address].some((one) => one && directory.erased.has(idOf(one)));
  };
  const erased = new Set<Signed>();
  const given = new Set<string>();
  for (const author of authors) {
    const { identity, email, rawIdentity, rawEmail } = author;
    if (!isErased(identity, email) && !isErased(rawIdentity, rawEmail)) continue;
    erased.add(author);
    if (identity && !holderOf(directory, identity)) given.add(identityKey(identity));
  }
  for (const author of authors) if (author.identity && given.has(identityKey(author.identity))) erased.add(author);
  return erased;
}

const memberOf = (directory: MemberDirectory, { identity }: Signed): KnownMember | undefined =>
  identity ? holderOf(directory, identity) : undefined;

function signaturesOf(authors: readonly Signed[]): Signature[] {
  const signatures = new Map<string, Signature>();
  const signedAs = new Map<string, Set<string>>();
  const note = (raw: string, key: string) => signedAs.set(raw, (signedAs.get(raw) ?? new Set()).add(key));
  for (const author of authors) {
    const { identity, rawIdentity: raw } = author;
    if (!identity) continue;
    const key = identityKey(identity);
    const signature = signatures.get(key) ?? { identity, name: '', bot: true, raw: new Map<string, Identity>() };
    signatures.set(key, signature);
    signature.name = displayName(author.name) || signature.name;
    // One commit that calls somebody a program makes nobody one.
    signature.bot &&= isBot(author);
    note(key, key);
    if (!raw || identityKey(raw) === key) continue;
    signature.raw.set(identityKey(raw), raw);
    note(identityKey(raw), key);
  }
  // An address that leads to two people, by their names, belongs to neither.
  for (const { raw } of signatures.values())
    for (const key of raw.keys()) if ((signedAs.get(key)?.size ?? 0) > 1) raw.delete(key);
  return [...signatures.values()];
}

const holdersOf = (draft: DirectoryDraft, signatures: readonly Signature[]): Set<string> =>
  new Set(signatures.flatMap(({ identity }) => holderOf(draft, identity)?.memberId ?? []));

const link = (memberId: string, identity: Identity): MemberEvent => ({
  type: 'IdentityLinked',
  data: { memberId, ...identity },
});

/** The mailmap names a new address for somebody known, and nobody signs as that member any more: it is their new address. */
function adoptReplacedAddresses(draft: DirectoryDraft, signatures: readonly Signature[], say: Say): void {
  const signing = holdersOf(draft, signatures);
  for (const { identity, raw } of signatures) {
    if (holderOf(draft, identity)) continue;
    for (const replaced of raw.values()) {
      const holder = holderOf(draft, replaced);
      if (!holder || signing.has(holder.memberId)) continue;
      signing.add(holder.memberId);
      say(link(holder.memberId, identity));
      break;
    }
  }
}

function registerUnknown(draft: DirectoryDraft, signatures: readonly Signature[], idOf: IdOf, say: Say): void {
  const unknown = signatures.filter(({ identity }) => !holderOf(draft, identity));
  const pairs = pairsByName(draft, unknown);
  for (const signature of unknown) {
    if (holderOf(draft, signature.identity)) continue; // registered together with its pair
    const pair = pairs.get(signature);
    if (pair && 'memberId' in pair) {
      say(link(pair.memberId, signature.identity));
      continue;
    }
    // The ordinary address comes first: it is what the member is registered for.
    const together = [signature, ...(pair ? [pair] : [])].sort((a, b) => rank(a) - rank(b));
    register(draft, together, idOf, say);
  }
}

const rank = ({ identity }: Signature) => (isOrdinary(identity) ? 0 : 1);

/** An address that is not one of GitHub's for a login. */
const isOrdinary = ({ kind, value }: Identity): boolean => kind === 'email' && numberedAddressOf(value) === null;
const isOfLogin = (identity: Identity): boolean =>
  identity.kind === 'github' || (identity.kind === 'email' && !isOrdinary(identity));

function register(draft: DirectoryDraft, signatures: readonly Signature[], idOf: IdOf, say: Say): void {
  const [first] = signatures;
  if (!first) return;
  const identities = signatures.flatMap(({ identity, raw }) => [identity, ...raw.values()]);
  const memberId = idOf(first.identity);
  const handle = handleFor(identities, first.name, draft.handles);
  say({ type: 'MemberRegistered', data: { memberId, handle, name: first.name || handle, bot: first.bot } });
  for (const { identity } of signatures) say(link(memberId, identity));
}

/** Who of one name: a login without an address, or somebody with ordinary addresses (and perhaps a login). */
type Namesake = { readonly who: Signature | KnownMember; readonly address: boolean; readonly login: boolean };

/** Where exactly one login and exactly one person with ordinary addresses have a name, each is the other's pair. */
function pairsByName(draft: DirectoryDraft, unknown: readonly Signature[]): Map<Signature, Signature | KnownMember> {
  const pairs = new Map<Signature, Signature | KnownMember>();
  for (const [a, b, ...others] of namesakes(draft, unknown).values()) {
    if (!a || !b || others.length > 0 || a.address === b.address || a.login === b.login) continue;
    if ('raw' in a.who) pairs.set(a.who, b.who);
    if ('raw' in b.who) pairs.set(b.who, a.who);
  }
  return pairs;
}

function namesakes(draft: DirectoryDraft, unknown: readonly Signature[]): Map<string, Namesake[]> {
  const named = new Map<string, Namesake[]>();
  for (const signature of unknown) {
    const { identity } = signature;
    if (signature.bot || signature.name === '' || identity.kind === 'name') continue;
    const namesake = { who: signature, address: isOrdinary(identity), login: isOfLogin(identity) };
    const others = named.get(signature.name);
    if (others) others.push(namesake);
    else named.set(signature.name, [namesake]);
  }
  for (const member of draft.members.values()) {
    const others = named.get(member.name);
    if (!others || member.bot || member.mergedInto !== null || isSettled(member)) continue;
    const [address, login] = [member.identities.some(isOrdinary), member.identities.some(isOfLogin)];
    if (address || login) others.push({ who: member, address, login });
  }
  return named;
}

function linkReplacedAddresses(draft: DirectoryDraft, signatures: readonly Signature[], say: Say): void {
  const signing = holdersOf(draft, signatures);
  for (const { identity, raw } of signatures) {
    for (const replaced of raw.values()) {
      const member = holderOf(draft, identity);
      const holder = holderOf(draft, replaced);
      if (!member || isSettled(member) || holder?.memberId === member.memberId) continue;
      if (!holder || signing.has(holder.memberId)) say(link(member.memberId, replaced));
      else say({ type: 'MemberMerged', data: { memberId: holder.memberId, into: member.memberId } });
    }
  }
}

/** Which account a login was when somebody committed by it: whoever takes the login later has proven none of those commits. */
function rememberNumbers(draft: DirectoryDraft, authors: readonly Signed[], say: Say): void {
  for (const { identity, email, rawIdentity, rawEmail } of authors)
    for (const [signed, by] of [
      [identity, email],
      [rawIdentity, rawEmail],
    ] as const) {
      const address = signed?.kind === 'github' ? numberedAddressOf(by)?.address : undefined;
      const holder = signed && address && holderOf(draft, signed);
      if (!holder || isSettled(holder) || holderOf(draft, address)?.memberId === holder.memberId) continue;
      say(link(holder.memberId, address));
    }
}

/** The name of the newest commit is the member's name, until an account says another. */
function rename(draft: DirectoryDraft, authors: readonly Signed[], say: Say): void {
  const newest = new Map<string, string>();
  for (const author of authors) {
    const member = memberOf(draft, author);
    const name = displayName(author.name);
    if (member && !isSettled(member) && name !== '' && !author.outdatedName) newest.set(member.memberId, name);
  }
  for (const [memberId, name] of newest)
    if (draft.members.get(memberId)?.name !== name) say({ type: 'MemberRenamed', data: { memberId, name } });
}
