import { z } from 'zod';
import { localTime, type TimeZone } from '../../domain/calendar.ts';
import { activity, commitSpan, listCommits, type Commit } from '../../projections/commit-activity.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { maySeePrivate } from '../identity/caller.ts';
import { asOf, servicesAsOf } from './as-of.ts';
import { requireChallenge, scopeOf } from './book.ts';
import { challengeId, day, handle, orderedRange, requireMember } from './input.ts';
import type { Services } from './services.ts';
import { answers, readProcedure, router, type Context } from './trpc.ts';
import type { CommitPage, CommitView } from './views.ts';

/** Who asks what. */
export type Asked = Pick<Context, 'services' | 'caller'>;

const two = (number: number) => String(number).padStart(2, '0');
export const isoInstant = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** What a commit is, for those it may be shown to; null: it is from a private repository, and somebody else's, or its author was erased. */
function told(
  { services, caller }: Asked,
  commit: Commit,
): { sha: string; repository: string; message: string } | null {
  // What was erased is kept as nothing; its hash leads to whoever has the repository.
  if (commit.message === '' || (commit.private && !maySeePrivate(caller, commit.memberId))) return null;
  const { sha, repository } = commit;
  return { sha, repository, message: services.openText('CommitObserved.message', commit.message) };
}

export function commitView(
  asked: Asked,
  commit: Commit,
  author: { handle: string; name: string },
  zone: TimeZone,
): CommitView {
  const content = told(asked, commit);
  const { day: localDay, hour, minute } = localTime(commit.authoredAt, zone);
  return {
    content: content && { ...content, subject: content.message.split('\n', 1)[0] ?? '' },
    private: commit.private,
    authoredAt: isoInstant(commit.authoredAt),
    time: `${two(hour)}:${two(minute)}`,
    day: localDay,
    handle: author.handle,
    name: author.name,
  };
}

const commitSchema = z
  .object({
    commit_id: z
      .string()
      .nullable()
      .meta({ description: 'null, as what follows, for what is private to somebody else.' }),
    repository: z.string().nullable(),
    message: z.string().nullable(),
    commit_url: z.url().nullable().meta({ description: 'null for a commit read from a local repository.' }),
    commit_date: z.iso.datetime().meta({ description: 'When it was written (author date), UTC.' }),
    is_private: z.boolean(),
  })
  .meta({ id: 'Commit' });
const paginationSchema = z
  .object({ total: z.int(), page: z.int(), pages: z.int(), limit: z.int(), has_more: z.boolean() })
  .meta({ id: 'Pagination' });

const tags = ['commits'];
const notFound = [404] as const;
const pageInput = {
  skip: z.int().min(0).max(10_000_000).default(0),
  limit: z.int().min(1).max(100).default(10),
};
const ofMember = { github_id: handle, challenge: challengeId.optional() };
const dates = { from_date: day.optional(), to_date: day.optional() };

export const commitsRouter = router({
  page: readProcedure
    .meta({ description: "A member's commits, newest first, as pages show them." })
    .input(
      z.object({
        ...{ handle, challenge: challengeId.optional(), from: day.optional(), to: day.optional() },
        ...pageInput,
        ...asOf,
      }),
    )
    .query(async ({ ctx, input }): Promise<CommitPage> => {
      const services = await servicesAsOf(ctx, input);
      const scope = scopeOf(requireChallenge(services, input.challenge));
      const member = requireMember(services, input.handle, 'handle');
      const range = orderedRange(input.from, input.to, 'to');
      const { commits, total } = listCommits(services.model('commit-activity'), member.id, {
        ...range,
        ...scope,
        skip: input.skip,
        limit: input.limit,
      });
      return {
        commits: commits.map((commit) => commitView(ctx, commit, member, scope.zone)),
        pagination: pagination(total, input),
      };
    }),

  list: readProcedure
    .meta({
      description: "A member's commits, newest first. Dates are days of the challenge's zone, both included.",
      rest: {
        method: 'GET',
        path: '/api/github-commits/{github_id}',
        summary: 'Commits of a member',
        tags,
        errors: notFound,
      },
    })
    .input(z.object({ ...ofMember, ...dates, ...pageInput }))
    .output(answers(z.object({ commits: z.array(commitSchema), pagination: paginationSchema })))
    .query(({ ctx, input }) => {
      const scope = scopeOf(requireChallenge(ctx.services, input.challenge));
      const member = requireMember(ctx.services, input.github_id, 'github_id');
      const range = orderedRange(input.from_date, input.to_date, 'to_date');
      const { skip, limit } = input;
      const { commits, total } = listCommits(ctx.services.model('commit-activity'), member.id, {
        ...range,
        ...scope,
        skip,
        limit,
      });
      return {
        commits: commits.map((commit) => {
          const { sha = null, repository = null, message = null } = told(ctx, commit) ?? {};
          return {
            commit_id: sha,
            repository,
            message,
            commit_url: null,
            commit_date: isoInstant(commit.authoredAt),
            is_private: commit.private,
          };
        }),
        pagination: pagination(total, input),
      };
    }),

  stats: readProcedure
    .meta({
      description: "When a member commits, in the challenge's season or the days asked for.",
      rest: {
        method: 'GET',
        path: '/api/github-commits/{github_id}/stats',
        summary: 'Commit statistics',
        tags,
        errors: notFound,
      },
    })
    .input(z.object({ ...ofMember, ...dates }))
    .output(
      answers(
        z.object({
          github_id: z.string(),
          from_date: z.string(),
          to_date: z.string(),
          total_commits: z.int(),
          active_days: z.int(),
          first_commit: z.iso.datetime().nullable().meta({ description: 'Of all time.' }),
          last_commit: z.iso.datetime().nullable().meta({ description: 'Of all time.' }),
          by_hour: z.array(z.int()).length(24),
          by_weekday: z.array(z.int()).length(7).meta({ description: 'Monday to Sunday.' }),
        }),
      ),
    )
    .query(({ ctx, input }) => {
      const { member, range, when } = activityOf(ctx.services, input);
      const span = commitSpan(ctx.services.model('commit-activity'), member.id, range.repositories);
      return {
        github_id: member.handle,
        from_date: range.from,
        to_date: range.to,
        total_commits: when.total,
        active_days: when.days.size,
        first_commit: span && isoInstant(span.first),
        last_commit: span && isoInstant(span.last),
        by_hour: when.hours,
        by_weekday: when.weekdays,
      };
    }),

  dailyCounts: readProcedure
    .meta({
      description: 'Commits a day, oldest first; days without one are left out.',
      rest: {
        method: 'GET',
        path: '/api/github-commits/{github_id}/daily-counts',
        summary: 'Commits by day',
        tags,
        errors: notFound,
      },
    })
    .input(z.object({ ...ofMember, ...dates }))
    .output(
      answers(z.object({ github_id: z.string(), counts: z.array(z.object({ date: z.string(), count: z.int() })) })),
    )
    .query(({ ctx, input }) => {
      const { member, when } = activityOf(ctx.services, input);
      return { github_id: member.handle, counts: [...when.days].map(([date, count]) => ({ date, count })) };
    }),
});

function pagination(total: number, { skip, limit }: { skip: number; limit: number }) {
  return {
    total,
    page: Math.floor(skip / limit) + 1,
    pages: Math.ceil(total / limit),
    limit,
    has_more: skip + limit < total,
  };
}

type ActivityInput = {
  github_id: string;
  challenge?: string | undefined;
  from_date?: string | undefined;
  to_date?: string | undefined;
};

function activityOf(services: Services, input: ActivityInput) {
  const challenge = requireChallenge(services, input.challenge);
  const member = requireMember(services, input.github_id, 'github_id');
  orderedRange(input.from_date, input.to_date, 'to_date');
  const range = inSeason(challenge, input);
  return { member, range, when: activity(services.model('commit-activity'), range, member.id) };
}

function inSeason(challenge: ChallengeSummary, { from_date, to_date }: ActivityInput) {
  const { bounds } = challenge;
  const from = from_date ?? (to_date !== undefined && to_date < bounds.start ? to_date : bounds.start);
  const to = to_date ?? (from > bounds.end ? from : bounds.end);
  return { ...scopeOf(challenge), from, to };
}
