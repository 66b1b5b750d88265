import { z } from 'zod';
import { defineEvent, instantSchema, type EventsOf } from './event.ts';
import { displayName } from './identity.ts';

const LONGEST_NAME = 60;

export const publicationEvents = {
  /**
   * Whoever knows the address sees a member's public facts from now on, without signing in: the name they chose, their rate, streaks and
   * badges of a season. It replaces what was published before.
   */
  ProfilePublished: defineEvent(
    z.object({
      memberId: z.string(),
      /** The last part of the address it is published at. */
      address: z.string().min(20),
      /** As the public is to see it. */
      name: z.string().min(1).max(LONGEST_NAME),
      /** null: the season the server shows by itself. */
      challengeId: z.string().nullable(),
      at: instantSchema,
    }),
    { personal: ['name', 'address'] },
  ),
  ProfileUnpublished: defineEvent(z.object({ memberId: z.string(), at: instantSchema })),
};
export type PublicationEvent = EventsOf<typeof publicationEvents>;

export const publicationStream = (memberId: string) => `profile-${memberId}`;

export type Publication =
  | { readonly status: 'private' }
  | {
      readonly status: 'public';
      readonly address: string;
      readonly name: string;
      readonly challengeId: string | null;
    };

export const publication = {
  initial: { status: 'private' } as Publication,
  /** The newest event says it all. */
  evolve: (_state: Publication, event: PublicationEvent): Publication =>
    event.type === 'ProfileUnpublished'
      ? { status: 'private' }
      : {
          status: 'public',
          address: event.data.address,
          name: event.data.name,
          challengeId: event.data.challengeId,
        },
};

/** A profile without a name would be nobody's. */
export class NameMissing extends Error {
  override readonly name = 'NameMissing';
  constructor() {
    super('Choose the name that the public is to see.');
  }
}

export type PublishInput = Extract<PublicationEvent, { type: 'ProfilePublished' }>['data'];

/**
 * Publishes a profile. The same again says nothing: its address stays. Another name or season keeps the address, too.
 * @throws {NameMissing}
 */
export function publishProfile(input: PublishInput, state: Publication): PublicationEvent[] {
  const name = displayName(input.name).slice(0, LONGEST_NAME).toWellFormed();
  if (name === '') throw new NameMissing();
  const address = state.status === 'public' ? state.address : input.address;
  if (state.status === 'public' && state.name === name && state.challengeId === input.challengeId) return [];
  return [{ type: 'ProfilePublished', data: { ...input, name, address } }];
}

/** Its address leads nowhere from now on, and never again. */
export const unpublishProfile = (input: { memberId: string; at: string }, state: Publication): PublicationEvent[] =>
  state.status === 'public' ? [{ type: 'ProfileUnpublished', data: input }] : [];
