import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { isTimeZone } from '../../domain/calendar.ts';
import { openForJoining } from '../../projections/joining.ts';
import { listChallenges, listParticipants, type ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { listAccess } from '../../projections/access.ts';
import { actorOf, memberOf } from '../identity/caller.ts';
import { allChallenges, requireChallenge } from './book.ts';
import { fieldError } from './errors.ts';
import { challengeId, day, handle, requireMember } from './input.ts';
import type { ParticipantView, SeasonView } from './season-views.ts';
import { seasonOf } from './seasons.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers, personProcedure, readProcedure, router } from './trpc.ts';

const tags = ['admin'];
const title = z.string().trim().min(1).max(100);
const days = z.int().min(1).max(3660);
const timeZone = z.string().refine(isTimeZone, { error: 'expected an IANA time zone such as Asia/Seoul' });
const rule = {
  commits_per_day: z.int().min(1).max(100).default(1),
  excluded_weekdays: z
    .array(z.int().min(1).max(7))
    .max(6)
    .default([])
    .meta({ description: 'ISO weekdays that do not count; 1 is Monday.' }),
  excused_days: z.int().min(0).max(366).default(0).meta({ description: 'How many days a member may be excused.' }),
};
const one = { challenge: challengeId };
const answered = answers(z.object({ challenge: z.string() }).meta({ id: 'ChallengeChanged' }));
const refusals = [403, 404, 409] as const;

type RuleInput = { commits_per_day: number; excluded_weekdays: number[]; excused_days: number };
const ruleOf = ({ commits_per_day, excluded_weekdays, excused_days }: RuleInput) => ({
  commitsPerDay: commits_per_day,
  excludedWeekdays: [...new Set(excluded_weekdays)].toSorted(),
  excusedDays: excused_days,
});

export const challengesRouter = router({
  list: readProcedure
    .meta({ description: 'All challenges, in the order of their opening.' })
    .query(({ ctx }) => allChallenges(ctx.services)),

  seasons: readProcedure
    .meta({
      description: 'All challenges with their rules, the latest first, and whether the caller takes part.',
    })
    .query(({ ctx: { services, caller } }): SeasonView[] =>
      allSeasons(services)
        .map((season) => seasonOf(services, season, memberOf(caller)))
        .toReversed(),
    ),

  season: readProcedure
    .meta({ description: 'A challenge with its rule and who takes part.' })
    .input(z.strictObject(one))
    .query(({ ctx: { services, caller }, input }): { season: SeasonView; participants: ParticipantView[] } => {
      const challenge = requireChallenge(services, input.challenge);
      const participants = listParticipants(services.model('attendance-book'), challenge);
      return { season: seasonOf(services, challenge, memberOf(caller)), participants };
    }),

  joinable: adminProcedure
    .meta({ description: 'Ids of the challenges that take whoever signs in.' })
    .query(({ ctx }) => openForJoining(ctx.services.model('joining'))),

  open: adminProcedure
    .meta({
      description: 'Opens a season. Its zone decides for ever which day a commit counts for.',
      rest: {
        ...{ method: 'POST', path: '/api/admin/challenges', status: 201 },
        ...{ summary: 'Open a season', tags, errors: [403, 409] },
      },
    })
    .input(
      z.strictObject({
        ...{ title, start_date: day, days, time_zone: timeZone.default('Asia/Seoul'), ...rule },
        counts: z
          .enum(['members', 'repositories'])
          .default('members')
          .meta({ description: "Every commit of who takes part, or those of this server's repositories." }),
        members: z.enum(['everyone', 'nobody']).default('everyone').meta({ description: 'Who takes part at once.' }),
        joining: z.boolean().default(false).meta({ description: 'Whoever signs in may take part.' }),
      }),
    )
    .output(answered)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      refuseTwin(services, input);
      const challenge = await services.seasons.open(
        {
          ...{ title: input.title, timeZone: input.time_zone, rule: ruleOf(input), joining: input.joining },
          season: { kind: 'fixed', start: input.start_date, days: input.days },
          repositories: input.counts === 'repositories' ? localRepositories(services) : [],
          members: input.members === 'everyone' ? everyone(services) : [],
        },
        actorOf(caller),
      );
      return { challenge };
    }),

  revise: adminProcedure
    .meta({
      description: 'Gives a season another name, other days, another rule. What was attended stays attended.',
      rest: {
        ...{ method: 'PUT', path: '/api/admin/challenges/{challenge}' },
        ...{ summary: 'Change a season', tags, errors: refusals },
      },
    })
    .input(z.strictObject({ ...one, title, start_date: day, days, ...rule }))
    .output(answered)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { id } = requireChallenge(services, input.challenge);
      const season = { kind: 'fixed' as const, start: input.start_date, days: input.days };
      await services.seasons.revise(id, { title: input.title, season }, actorOf(caller));
      await services.seasons.changeRule(id, ruleOf(input), actorOf(caller));
      return { challenge: id };
    }),

  close: adminProcedure
    .meta({
      description: 'Ends a season for good: nothing counts for it any more, its book stays.',
      rest: {
        ...{ method: 'POST', path: '/api/admin/challenges/{challenge}/close' },
        ...{ summary: 'Close a season', tags, errors: refusals },
      },
    })
    .input(z.strictObject(one))
    .output(answered)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { id, season } = requireChallenge(services, input.challenge);
      if (season.kind === 'rolling')
        throw new TRPCError({ code: 'CONFLICT', message: 'The book of a repository does not end.' });
      await services.seasons.close(id, actorOf(caller));
      return { challenge: id };
    }),

  setJoining: adminProcedure
    .meta({ description: 'Opens a challenge to whoever signs in, or closes it to them again.' })
    .input(z.strictObject({ ...one, open: z.boolean() }))
    .mutation(async ({ ctx: { services, caller }, input: { challenge, open } }) => {
      const { id } = requireChallenge(services, challenge);
      await services.seasons.setJoining({ challengeId: id, open, by: actorOf(caller) });
      return { challenge: id, open };
    }),

  enter: adminProcedure
    .meta({
      description: 'Enters somebody into a season, or gives them another first day.',
      rest: {
        ...{ method: 'PUT', path: '/api/admin/challenges/{challenge}/members/{github_id}' },
        ...{ summary: 'Enter a member', tags, errors: refusals },
      },
    })
    .input(z.strictObject({ ...one, github_id: handle, from: day.optional() }))
    .output(answered)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { id } = requireChallenge(services, input.challenge);
      const { id: memberId } = requireMember(services, input.github_id, 'github_id');
      await services.seasons.join(id, { memberId, from: input.from, invited: true }, actorOf(caller));
      return { challenge: id };
    }),

  remove: adminProcedure
    .meta({
      description: 'Takes somebody out of a season; entered again, everything they attended is there again.',
      rest: {
        ...{ method: 'DELETE', path: '/api/admin/challenges/{challenge}/members/{github_id}' },
        ...{ summary: 'Take a member out', tags, errors: refusals },
      },
    })
    .input(z.strictObject({ ...one, github_id: handle }))
    .output(answered)
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { id } = requireUnsealed(services, input.challenge);
      const { id: memberId } = requireMember(services, input.github_id, 'github_id');
      await services.seasons.leave(id, memberId, actorOf(caller));
      return { challenge: id };
    }),

  join: personProcedure
    .meta({ description: 'The caller takes part, from the first day of the season or from today on.' })
    .input(z.strictObject({ ...one, from: z.enum(['start', 'today']).default('start') }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { id, today, bounds } = requireChallenge(services, input.challenge);
      const from = input.from === 'today' && today > bounds.start ? today : undefined;
      await services.seasons.join(id, { memberId: personOf(memberOf(caller)), from, invited: false }, actorOf(caller));
      return { challenge: id };
    }),

  leave: personProcedure
    .meta({ description: 'The caller no longer takes part; joining again brings everything back.' })
    .input(z.strictObject(one))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const { id } = requireUnsealed(services, input.challenge);
      await services.seasons.leave(id, personOf(memberOf(caller)), actorOf(caller));
      return { challenge: id };
    }),
});

/** @throws CONFLICT for a season that was closed: who took part, and their ranks, stay */
function requireUnsealed(services: Services, id: string): ChallengeSummary {
  const challenge = requireChallenge(services, id);
  if (!challenge.closed) return challenge;
  throw new TRPCError({ code: 'CONFLICT', message: 'The season was closed: who took part in it stays in its book.' });
}

/** @throws CONFLICT for whoever is at the keyboard of a server nobody signs in to: they are no member */
function personOf(memberId: string | null): string {
  if (memberId !== null) return memberId;
  throw new TRPCError({
    code: 'CONFLICT',
    message: 'Nobody is signed in here: enter members on the page of the season.',
  });
}

const allSeasons = (services: Services) =>
  listChallenges(services.model('attendance-book'), Math.floor(services.now() / 1000));

/** A form that was sent twice opens one season. */
function refuseTwin(services: Services, { title: named, start_date }: { title: string; start_date: string }): void {
  const twin = allSeasons(services).some(
    (one) => !one.closed && one.title === named && one.season.kind === 'fixed' && one.season.start === start_date,
  );
  if (twin)
    throw new TRPCError({
      code: 'CONFLICT',
      message: `There is a season "${named}" that begins on ${start_date} already.`,
    });
}

/** @throws BAD_REQUEST where this server reads no repository */
function localRepositories(services: Services): string[] {
  const known = services.repositories().flatMap(({ repositoryId }) => repositoryId ?? []);
  if (known.length > 0) return known;
  throw fieldError('counts', 'This server reads no repository: count the commits of the members.');
}

/** Whoever has access; where nobody signs in, whoever is known by commits. */
const everyone = (services: Services): string[] =>
  services.identity.local
    ? listParticipantsOfAll(services)
    : listAccess(services.model('access'))
        .filter(({ status }) => status === 'active')
        .map(({ memberId }) => memberId);

const listParticipantsOfAll = (services: Services): string[] => {
  const shown = services.defaultChallenge();
  const model = services.model('attendance-book');
  const book = allSeasons(services).find(({ id }) => id === shown);
  return book ? listParticipants(model, book).map(({ id }) => id) : [];
};
