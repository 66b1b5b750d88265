import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { cheerMarkSchema, LONGEST_CHEER } from '../../domain/cheer.ts';
import { accessOf } from '../../projections/access.ts';
import { cheersOf, cheersWritten, findCheer, type KeptCheer } from '../../projections/community.ts';
import { memberById, membersMergedInto, type Member } from '../../projections/members.ts';
import { actorOf, isAdmin, memberOf, type Caller } from '../identity/caller.ts';
import { decided } from './community-refusals.ts';
import type { CheersView, CheerView } from './community-views.ts';
import { fieldError } from './errors.ts';
import { handle, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { personProcedure, readProcedure, router } from './trpc.ts';

const NO_ACCOUNT =
  'At the keyboard of this machine nobody has an account to write a cheer with. Set up signing in with GitHub first.';

export const cheersRouter = router({
  of: readProcedure
    .meta({ description: 'What others have written to a member, the newest first.' })
    .input(
      z.strictObject({
        handle,
        skip: z.int().min(0).max(1_000_000).default(0),
        limit: z.int().min(1).max(100).default(20),
      }),
    )
    .query(({ ctx: { services, caller }, input: { handle: whose, ...page } }): CheersView => {
      const member = requireMember(services, whose, 'handle');
      const { cheers, total } = cheersOf(services.model('community'), member.id, page);
      const views = cheers.flatMap((cheer) => cheerView(services, caller, cheer) ?? []);
      return { cheers: views, total, writing: writing(services, caller, member) };
    }),

  give: personProcedure
    .meta({ description: 'Writes a word of encouragement to another member.' })
    .input(
      z.strictObject({
        handle,
        text: z.string().max(4 * LONGEST_CHEER),
        emoji: cheerMarkSchema.nullable().default(null),
      }),
    )
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const memberId = memberOf(caller);
      if (memberId === null) throw new TRPCError({ code: 'NOT_FOUND', message: NO_ACCOUNT });
      const to = requireMember(services, input.handle, 'handle');
      if (writing(services, caller, to) === 'not-taking-part')
        throw fieldError('handle', 'They do not take part here.', 'CONFLICT');
      const day = new Date(services.now()).toISOString().slice(0, 10);
      const today = cheersWritten(services.model('community'), memberId, day);
      const { text, emoji } = input;
      return { id: await decided(services.community.postCheer({ memberId, to: to.id, text, emoji }, today)) };
    }),

  withdraw: personProcedure
    .meta({ description: 'Takes a cheer away: one’s own, one written to oneself, or, for admins, any.' })
    .input(z.strictObject({ id: z.string().min(1).max(100) }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const cheer = findCheer(services.model('community'), input.id);
      if (!cheer) throw fieldError('id', 'There is no such cheer.', 'NOT_FOUND');
      const memberId = memberOf(caller);
      const asking = new Set(
        memberId === null ? [] : [memberId, ...membersMergedInto(services.model('members'), memberId)],
      );
      const wish = { cheerId: cheer.id, by: actorOf(caller), asking, admin: isAdmin(caller) };
      await decided(services.community.removeCheer(wish, { to: cheer.streamOf, at: cheer.at }));
      return { id: input.id };
    }),
});

/** Who is not in, or is a program, is not cheered. */
const OUTSIDE = new Set(['waiting', 'declined', 'deactivated', 'erased', 'invited']);

function writing(services: Services, caller: Caller, to: Member): CheersView['writing'] {
  const memberId = memberOf(caller);
  if (memberId === null || caller.kind !== 'session') return 'no-account';
  if (memberId === to.id) return 'own';
  const status = accessOf(services.model('access'), to.id)?.status ?? 'none';
  const erased = memberById(services.model('members'), to.id) === undefined;
  return to.bot || erased || OUTSIDE.has(status) ? 'not-taking-part' : 'possible';
}

/** null: nothing of it can be read any more. */
function cheerView(services: Services, caller: Caller, cheer: KeptCheer): CheerView | null {
  const author = memberById(services.model('members'), cheer.author);
  const text = services.openText('CheerPosted.text', cheer.text);
  if (!author || text === '') return null;
  const { id, emoji, at } = cheer;
  const own = memberOf(caller);
  const person = caller.kind !== 'key';
  return {
    ...{ id, text, emoji, at, from: { handle: author.handle, name: author.name } },
    removable: person && (isAdmin(caller) || own === cheer.author || own === cheer.recipient),
  };
}
