import { z } from 'zod';
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
  /** Two members turned out to be one person (a mailmap said so): everything of `memberId` is `into`'s from now on. */
  MemberMerged: defineEvent(z.object({ memberId: z.string(), into: z.string() })),
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
};

/** Everybody the log knows, folded from all member streams: whose a commit is, is a question about all of them. */
export type MemberDirectory = {
  readonly members: ReadonlyMap<string, KnownMember>;
  /** Who holds an identity (by its key); the last link stands. */
  readonly holders: ReadonlyMap<string, string>;
  readonly handles: ReadonlySet<string>;
  /** `identityIds` of everybody erased. */
  readonly erased: ReadonlySet<string>;
};

export const emptyDirectory: MemberDirectory = {
  members: new Map(),
  holders: new Map(),
  handles: new Set(),
  erased: new Set(),
};

/** Identities are compared as text: `email kim@example.org`. */
export const identityKey = ({ kind, value }: Identity): string => `${kind} ${value}`;

/** The directory after these events; many at once, since it is copied once for all of them. */
export function evolveDirectory(directory: MemberDirectory, events: Iterable<MemberEvent>): MemberDirectory {
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
};

export const draftOf = ({ members, holders, handles, erased }: MemberDirectory): DirectoryDraft => ({
  members: new Map(members),
  holders: new Map(holders),
  handles: new Set(handles),
  erased: new Set(erased),
});

export function applyTo(draft: DirectoryDraft, { type, data }: MemberEvent): void {
  const { members, holders, handles } = draft;
  const member = members.get(data.memberId);
  if (type === 'MemberErased') return forget(draft, data.memberId, data.identityIds);
  if (type === 'MemberRegistered') {
    if (!member) members.set(data.memberId, { ...data, identities: [], mergedInto: null, erased: false });
    handles.add(data.handle);
    return;
  }
  if (!member) return;
  if (type === 'MemberRenamed') members.set(data.memberId, { ...member, name: data.name });
  else if (type === 'MemberMerged') {
    members.set(data.memberId, { ...member, mergedInto: data.into });
    const into = members.get(data.into);
    if (into) members.set(data.into, withIdentities(into, member.identities));
  } else {
    const identity = { kind: data.kind, value: data.value };
    members.set(data.memberId, withIdentities(member, [identity]));
    holders.set(identityKey(identity), data.memberId);
  }
}

function forget(
  { members, holders, handles, erased }: DirectoryDraft,
  memberId: string,
  identityIds: readonly string[],
) {
  for (const id of identityIds) erased.add(id);
  const member = members.get(memberId);
  if (!member) return;
  members.set(memberId, { ...member, handle: '', name: '', identities: [], erased: true });
  handles.delete(member.handle);
  for (const identity of member.identities) holders.delete(identityKey(identity));
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
  const identityIds = [...new Set(everybody.flatMap(({ identities }) => identities.map(idOf)))];
  return everybody
    .filter(({ erased }) => !erased)
    .map(({ memberId }) => ({
      type: 'MemberErased',
      data: { memberId, identityIds, by: input.by, at: input.at },
    }));
}
