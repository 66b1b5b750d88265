import { z } from 'zod';
import { defineEvent, type EventsOf } from './event.ts';

/** What proves that a commit is a member's: an e-mail address, a GitHub login, or (where a commit has no address) the signature's name. */
export const identitySchema = z.object({
  kind: z.enum(['email', 'github', 'name']),
  /** Lower-case address, lower-case login, or the name as written. */
  value: z.string().min(1),
});
export type Identity = z.infer<typeof identitySchema>;

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
    { personal: ['name'] },
  ),
  MemberRenamed: defineEvent(z.object({ memberId: z.string(), name: z.string() }), { personal: ['name'] }),
  IdentityLinked: defineEvent(
    z.object({ memberId: z.string(), kind: identitySchema.shape.kind, value: identitySchema.shape.value }),
    { personal: ['value'] },
  ),
  /** Two members turned out to be one person (a mailmap said so): everything of `memberId` is `into`'s from now on. */
  MemberMerged: defineEvent(z.object({ memberId: z.string(), into: z.string() })),
};
export type MemberEvent = EventsOf<typeof memberEvents>;

export const memberStream = (memberId: string) => `member-${memberId}`;
