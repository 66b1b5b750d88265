import { z } from 'zod';
import type { AccessEvent } from './access.ts';
import { isKeptOut, statusAfter, type AccessStatus } from './access-status.ts';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';

/**
 * What proves that a commit or an account is a member's: an e-mail address, a GitHub login, the number of a GitHub account (a login can
 * be given up and taken by somebody else), or (where a commit has no address) the signature's name.
 */
export const identitySchema = z.object({
  kind: z.enum(['email', 'github', 'github-id', 'name']),
  /** Lower-case address, lower-case login, the account's number in digits, or the name as written. */
  value: z.string().min(1),
});
export type Identity = z.infer<typeof identitySchema>;

/** Who did something: a member's id, `local` (the person at the keyboard), `operator` (the command line), `key:<id>`, or `api-auth-token`. */
export const actorSchema = z.string().min(1);

export const memberEvents = {
  MemberRegistered: defineEvent(
    z.object({
      memberId: z.string(),
      /** Unique, short, fit for an address: GitHub login where known, else from the e-mail address or the name. */
      handle: z.string(),
      name: z.string(),
      /** A program (CI, dependency updates): its commits are shown apart and attend nothing. */
      bot: z.boolean(),
    }),
    { personal: ['handle', 'name'] },
  ),
  MemberRenamed: defineEvent(z.object({ memberId: z.string(), name: z.string() }), { personal: ['name'] }),
  IdentityLinked: defineEvent(
    z.object({ memberId: z.string(), kind: identitySchema.shape.kind, value: identitySchema.shape.value }),
    { personal: ['value'] },
  ),
  /**
   * Two members turned out to be one person: everything of `memberId` is `into`'s from now on. `by`: the admin who said so, or the
   * member who proved it by signing in; absent: a mailmap says it.
   */
  MemberMerged: defineEvent(z.object({ memberId: z.string(), into: z.string(), by: actorSchema.optional() })),
  /**
   * The key of a person is destroyed: nothing personal of theirs can be read any more, here or in a copy of the log.
   * Said of everybody who was merged into them, too.
   */
  MemberErased: defineEvent(
    z.object({
      memberId: z.string(),
      /** The ids that members registered for their identities would have: whoever signs so is not registered again. */
      identityIds: z.array(z.string()),
      by: actorSchema,
      at: instantSchema,
      /** Those among them of their account's number and of the logins it has proven; absent: they had no account. */
      accountIds: z.array(z.string()).optional(),
      /** They were declined or deactivated, and are not let in as somebody new; absent: they had no account. */
      barred: z.boolean().optional(),
    }),
  ),
};
export type MemberEvent = EventsOf<typeof memberEvents>;

/** What is left to call somebody by who was erased. */
export const erasedHandle = (memberId: string) => `erased-${memberId.slice(0, 8)}`;

export const memberStream = (memberId: string) => `member-${memberId}`;

export type KnownMember = {
  readonly memberId: string;
  readonly handle: string;
  readonly name: string;
  readonly bot: boolean;
  /** The first is the one the member was registered for. */
  readonly identities: readonly Identity[];
  readonly mergedInto: string | null;
  /** Nothing else is known of them then. */
  readonly erased: boolean;
  readonly access: AccessStatus;
  /** The GitHub login they were invited by, in lower case, whatever has become of the invitation; null: nobody invited them. */
  readonly invitedAs: string | null;
  /** Logins that GitHub has said are their account's, the one it said last at the end. Commits cannot add to them. */
  readonly logins: readonly string[];
  /** Addresses that GitHub has verified as their account's. What commits or an admin put down to them is not among them. */
  readonly addresses: readonly string[];
};

/** What is said of people in their streams, and makes the directory. */
export type PersonEvent = MemberEvent | AccessEvent;

/** Everybody the log knows, folded from all member streams: whose a commit is, is a question about all of them. */
export type MemberDirectory = {
  readonly members: ReadonlyMap<string, KnownMember>;
  /** Who holds an identity (by its key); the last link stands. */
  readonly holders: ReadonlyMap<string, string>;
  readonly handles: ReadonlySet<string>;
  /** `identityIds` of everybody erased. */
  readonly erased: ReadonlySet<string>;
  /** `accountIds` of everybody erased who had an account, by their member id. */
  readonly erasedAccounts: ReadonlyMap<string, readonly string[]>;
  /** `accountIds` of whoever was kept out when they were erased, and has not been let in since. */
  readonly barred: ReadonlySet<string>;
};

export const emptyDirectory: MemberDirectory = {
  members: new Map(),
  holders: new Map(),
  handles: new Set(),
  erased: new Set(),
  erasedAccounts: new Map(),
  barred: new Set(),
};

/** Identities are compared as text: `email kim@example.org`. */
export const identityKey = ({ kind, value }: Identity): string => `${kind} ${value}`;

/** The directory after these events; many at once, since it is copied once for all of them. */
export function evolveDirectory(directory: MemberDirectory, events: Iterable<PersonEvent>): MemberDirectory {
  const draft = draftOf(directory);
  for (const event of events) applyTo(draft, event);
  return draft;
}

/** A copy of the directory to write to, while one decision says several things that build on each other. */
export type DirectoryDraft = {
  readonly members: Map<string, KnownMember>;
  readonly holders: Map<string, string>;
  readonly handles: Set<string>;
  readonly erased: Set<string>;
  readonly erasedAccounts: Map<string, readonly string[]>;
  readonly barred: Set<string>;
};

export const draftOf = (directory: MemberDirectory): DirectoryDraft => ({
  members: new Map(directory.members),
  holders: new Map(directory.holders),
  handles: new Set(directory.handles),
  erased: new Set(directory.erased),
  erasedAccounts: new Map(directory.erasedAccounts),
  barred: new Set(directory.barred),
});

const nothingKnown = { identities: [], logins: [], addresses: [], invitedAs: null } as const;

export function applyTo(draft: DirectoryDraft, { type, data }: PersonEvent): void {
  const { members, handles } = draft;
  const member = members.get(data.memberId);
  if (type === 'MemberErased') return forget(draft, data);
  if (type === 'MemberRegistered') {
    if (!member)
      members.set(data.memberId, { ...data, ...nothingKnown, mergedInto: null, erased: false, access: 'none' });
    handles.add(data.handle);
    return;
  }
  if (!member) return;
  if (type === 'MemberRenamed') members.set(data.memberId, { ...member, name: data.name });
  else if (type === 'MemberMerged') {
    members.set(data.memberId, { ...member, mergedInto: data.into });
    const into = members.get(data.into);
    if (into) members.set(data.into, withIdentities(into, member.identities));
  } else if (type === 'IdentityLinked') link(draft, member, { kind: data.kind, value: data.value });
  else if (!member.erased)
    members.set(data.memberId, {
      ...member,
      access: statusAfter[type] ?? member.access,
      invitedAs: type === 'MemberInvited' ? data.login : member.invitedAs,
    });
}

function link({ members, holders }: DirectoryDraft, member: KnownMember, identity: Identity): void {
  holders.set(identityKey(identity), member.memberId);
  const { value } = identity;
  // Nothing but signing in links anything to who has an account.
  const proven = (kind: Identity['kind'], known: readonly string[]) =>
    identity.kind === kind && hasAccount(member) ? [...known.filter((one) => one !== value), value] : known;
  const [logins, addresses] = [proven('github', member.logins), proven('email', member.addresses)];
  members.set(member.memberId, { ...withIdentities(member, [identity]), logins, addresses });
}

/** Whether somebody has signed in as this member. */
export const hasAccount = ({ identities }: KnownMember): boolean => identities.some(({ kind }) => kind === 'github-id');

/**
 * Whether anything is proven or decided about a member: they have an account, or were invited. What commits and mailmaps say changes
 * nothing about who they are, since anybody can write it.
 */
export const isSettled = (member: KnownMember): boolean => member.access !== 'none' || hasAccount(member);

type Erased = Extract<MemberEvent, { type: 'MemberErased' }>['data'];

function forget(draft: DirectoryDraft, { memberId, identityIds, accountIds = [], barred = false }: Erased) {
  const { members, holders, handles } = draft;
  for (const id of identityIds) draft.erased.add(id);
  if (accountIds.length > 0) draft.erasedAccounts.set(memberId, accountIds);
  for (const id of accountIds)
    if (barred) draft.barred.add(id);
    else draft.barred.delete(id);
  const member = members.get(memberId);
  if (!member) return;
  members.set(memberId, { ...member, ...nothingKnown, handle: '', name: '', erased: true, access: 'erased' });
  handles.delete(member.handle);
  for (const key of member.identities.map(identityKey)) if (holders.get(key) === memberId) holders.delete(key);
}

function withIdentities(member: KnownMember, more: readonly Identity[]): KnownMember {
  const known = new Set(member.identities.map(identityKey));
  return {
    ...member,
    identities: [...member.identities, ...more.filter((identity) => !known.has(identityKey(identity)))],
  };
}

/**
 * Who a member is now, through any number of mergers. Mergers that go round in a circle end where they began.
 * @param mergedInto whom a member turned out to be; nobody for most
 */
export function personOf(memberId: string, mergedInto: (memberId: string) => string | null | undefined): string {
  const seen = new Set([memberId]);
  let person = memberId;
  for (let into = mergedInto(person); into !== null && into !== undefined; into = mergedInto(person)) {
    if (seen.has(into)) return memberId;
    seen.add((person = into));
  }
  return person;
}

/** The member somebody is now: one who turned out to be another leads to that one. */
export const presentMember = ({ members }: MemberDirectory, memberId: string): KnownMember | undefined =>
  members.get(personOf(memberId, (one) => members.get(one)?.mergedInto));

/** Whom an identity proves to have written a commit; undefined when nobody is known by it. */
export function holderOf(directory: MemberDirectory, identity: Identity): KnownMember | undefined {
  const memberId = directory.holders.get(identityKey(identity));
  return memberId === undefined ? undefined : presentMember(directory, memberId);
}

/** A member, and everybody who turned out to be them. */
export const everybodyWhoIs = (directory: MemberDirectory, memberId: string): KnownMember[] =>
  [...directory.members.values()].filter((one) => presentMember(directory, one.memberId)?.memberId === memberId);

/**
 * Erases a person: whoever they were known as before is erased with them. Erasing them again says nothing.
 * @param input.by the actor @param input.at ISO instant @param idOf the id that a member registered for an identity would have
 */
export function eraseMember(
  input: { readonly memberId: string; readonly by: string; readonly at: string },
  directory: MemberDirectory,
  idOf: (identity: Identity) => string,
): Extract<MemberEvent, { type: 'MemberErased' }>[] {
  const person = presentMember(directory, input.memberId);
  if (!person) return [];
  const everybody = everybodyWhoIs(directory, person.memberId);
  const known = everybody.flatMap(({ identities }) => identities);
  const identityIds = [...new Set(known.filter((one) => !isOfAnotherAccount(directory, person, one)).map(idOf))];
  const account = accountOf(person, directory, idOf);
  return everybody
    .filter(({ erased }) => !erased)
    .map(({ memberId }) => ({
      type: 'MemberErased',
      data: { memberId, identityIds, by: input.by, at: input.at, ...account },
    }));
}

/** What somebody was known by once may be proven by an account since: erasing the one takes nothing from the other. */
function isOfAnotherAccount(directory: MemberDirectory, { memberId }: KnownMember, identity: Identity): boolean {
  const holder = holderOf(directory, identity);
  return holder !== undefined && holder.memberId !== memberId && hasAccount(holder);
}

/** What outlives an account: enough to know it again, and whether it was kept out, then or in a life before. */
function accountOf(
  { identities, logins, access }: KnownMember,
  { barred }: MemberDirectory,
  idOf: (identity: Identity) => string,
): Pick<Erased, 'accountIds' | 'barred'> {
  const numbers = identities.filter(({ kind }) => kind === 'github-id').map(idOf);
  if (numbers.length === 0) return {};
  const wasKeptOut = access !== 'active' && numbers.some((id) => barred.has(id));
  const accountIds = [...numbers, ...logins.map((value) => idOf({ kind: 'github', value }))];
  return { accountIds, barred: isKeptOut(access) || wasKeptOut };
}
