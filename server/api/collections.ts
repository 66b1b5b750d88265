import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { accessOf } from '../../projections/access.ts';
import { participantIds } from '../../projections/attendance-book-queries.ts';
import { flaggedCommits, memberCollections, type MemberCollection } from '../../projections/collections.ts';
import { findCommit } from '../../projections/commit-activity.ts';
import { memberById } from '../../projections/members.ts';
import type { Collected } from '../collect/github/people.ts';
import { maySeePrivate, memberOf } from '../identity/caller.ts';
import { requireChallenge } from './book.ts';
import type {
  CollectionProgressView,
  CollectionRunView,
  CollectionsView,
  CollectionView,
  FlaggedView,
} from './collections-views.ts';
import { isoInstant } from './commits.ts';
import { challengeId } from './input.ts';
import type { Services } from './services.ts';
import { adminProcedure, personProcedure, router, type Context } from './trpc.ts';

export const collectionsRouter = router({
  list: adminProcedure
    .meta({ description: 'How it stands with reading what each member has at GitHub.' })
    .query(({ ctx: { services } }): CollectionsView => {
      const told = memberCollections(services.model('collections'));
      const members = services.collections.people().flatMap((person) => {
        const view = collectionView(services, person, told.get(person.memberId));
        return view ? [view] : [];
      });
      return {
        members: members.toSorted(
          (one, other) =>
            Number(other.state === 'failed') - Number(one.state === 'failed') || one.name.localeCompare(other.name),
        ),
        progress: services.collections.collector.progress(),
        hasSharedToken: services.collections.hasSharedToken,
      };
    }),

  progress: adminProcedure
    .meta({ description: 'How far the reading of everybody at GitHub is; null: it is not under way.' })
    .query(({ ctx: { services } }): CollectionProgressView | null => services.collections.collector.progress()),

  flagged: adminProcedure
    .meta({ description: 'Commits whose dates are far from when they were seen, the one seen last first.' })
    .input(
      z.strictObject({
        challenge: challengeId.optional(),
        skip: z.int().min(0).max(10_000_000).default(0),
        limit: z.int().min(1).max(100).default(20),
      }),
    )
    .query(({ ctx, input: { challenge, skip, limit } }) => flaggedView(ctx, { challenge, skip, limit })),

  retry: adminProcedure
    .meta({ description: 'Reads what one member has at GitHub now; answers when it has been read.' })
    .input(z.strictObject({ memberId: z.string().min(1).max(100) }))
    .mutation(({ ctx: { services }, input }) => collected(services, input.memberId)),

  retryAll: adminProcedure
    .meta({
      description: 'Reads everybody again whose last reading at GitHub failed; answers when they have been read.',
    })
    .mutation(async ({ ctx: { services } }): Promise<CollectionRunView> => {
      const run = await services.collections.collector.retryFailed();
      await services.collections.shown();
      return run;
    }),

  collectMe: personProcedure
    .meta({ description: 'Reads what one has at GitHub now; answers when it has been read.' })
    .mutation(({ ctx: { services, caller } }) => {
      const memberId = memberOf(caller);
      if (memberId !== null) return collected(services, memberId);
      throw new TRPCError({ code: 'NOT_FOUND', message: 'At the keyboard of this machine nobody has an account.' });
    }),
});

async function collected({ collections }: Services, memberId: string): Promise<CollectionRunView> {
  const run = await collections.collector.collectMember(memberId);
  if (run.members === 0)
    throw new TRPCError({ code: 'NOT_FOUND', message: 'Nobody is read at GitHub as this member.' });
  await collections.shown();
  return run;
}

/** null: erased since. */
function collectionView(
  services: Services,
  { memberId }: Collected,
  told: MemberCollection | undefined,
): CollectionView | null {
  const member = memberById(services.model('members'), memberId);
  if (!member) return null;
  const retryAt = services.collections.collector.failing().get(memberId)?.retryAt ?? null;
  const state = told?.failure ? 'failed' : told?.through ? 'read' : 'unread';
  return {
    id: memberId,
    handle: member.handle,
    name: member.name,
    state,
    through: told?.through ?? null,
    lastSuccessAt: isoOrNull(told?.completedAt),
    failure: told?.failure ? { ...told.failure, retryAt: isoOrNull(retryAt) ?? told.failure.retryAt } : null,
    hasToken: Array.isArray(accessOf(services.model('access'), memberId)?.tokenScopes),
  };
}

const isoOrNull = (milliseconds: number | null | undefined): string | null =>
  typeof milliseconds === 'number' ? new Date(milliseconds).toISOString() : null;

type Flagged = { readonly challenge: string | undefined; readonly skip: number; readonly limit: number };

function flaggedView(
  { services, caller }: Pick<Context, 'services' | 'caller'>,
  { challenge, skip, limit }: Flagged,
): FlaggedView {
  const members =
    challenge === undefined
      ? null
      : participantIds(services.model('attendance-book'), requireChallenge(services, challenge).id);
  const { commits, total } = flaggedCommits(services.model('collections'), { members, skip, limit });
  return {
    total,
    commits: commits.flatMap((flagged) => {
      const member = memberById(services.model('members'), flagged.memberId);
      if (!member) return [];
      // What is not known to be public is nobody else's business.
      const isPrivate = findCommit(services.model('commit-activity'), flagged)?.private ?? true;
      return [
        {
          ...{ handle: member.handle, name: member.name, why: flagged.why, private: isPrivate },
          authoredAt: isoInstant(flagged.authoredAt),
          observedAt: isoInstant(flagged.observedAt),
          sha: isPrivate && !maySeePrivate(caller, flagged.memberId) ? null : flagged.sha,
        },
      ];
    }),
  };
}
