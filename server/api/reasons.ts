import { z } from 'zod';
import { attendanceStream, type DayState } from '../../domain/attendance.ts';
import { addDays, dayOf, localTime, startOfDay, utcMonthOf, type Day } from '../../domain/calendar.ts';
import { commitStream, type SeenCommit } from '../../domain/commit-history.ts';
import { becauseOf } from '../../domain/reason.ts';
import { participantIn, type Book, type ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { listCommits, type Commit } from '../../projections/commit-activity.ts';
import { memberById, membersMergedInto, type Member } from '../../projections/members.ts';
import { decisionsOn, type Decision } from '../../projections/verdicts.ts';
import { isAdmin, maySeePrivate } from '../identity/caller.ts';
import { bookOf, challengeView, requireChallenge } from './book.ts';
import { reasonOf } from './correction-history.ts';
import { commitView, isoInstant, type Asked } from './commits.ts';
import { challengeId, day, handle, requireMember } from './input.ts';
import type { AuthorClock, DecisionView, ExaminedCommit, ReasonsView } from './reasons-views.ts';
import type { Services } from './services.ts';
import { readProcedure, router } from './trpc.ts';

/** Commits around a day that are told of; an import may have put thousands on one day. */
const MOST_COMMITS = 100;

export const reasonsRouter = router({
  why: readProcedure
    .meta({ description: 'Why a day of a member counts or does not: its commits, what was read, what was decided.' })
    .input(z.object({ challenge: challengeId.optional(), handle, date: day }))
    .query(async ({ ctx, input }): Promise<ReasonsView> => {
      const challenge = requireChallenge(ctx.services, input.challenge);
      const member = requireMember(ctx.services, input.handle, 'handle');
      return explain(ctx, { challenge, member, date: input.date });
    }),
});

type About = { challenge: ChallengeSummary; member: Member; date: Day };

async function explain(asked: Asked, about: About): Promise<ReasonsView> {
  const { services } = asked;
  const { challenge, member, date } = about;
  const { bounds, rule, today } = challenge;
  const known = await recordedOf(services, about);
  const book = bookOf(services, challenge);
  const line = book.members.find(({ id }) => id === member.id);
  const state: DayState = line?.states[book.dates.indexOf(date)] ?? 'outside';
  const { commits, more } = examine(asked, about, known.commits);
  const counted = commits.filter(({ verdict }) => verdict === 'counts').length;
  const decisions = decisionsOn(services.model('verdicts'), challenge.id, member.id, date);
  const sources = sourcesOf(book, member);
  const because = becauseOf({
    ...{ state, day: date, today, bounds, rule, commits: counted },
    isMember: line !== undefined,
    countsFrom: participantIn(services.model('attendance-book'), challenge.id, member.id)?.from ?? null,
    corrected: decisions.some(({ kind }) => kind === 'corrected'),
    neverRead: sources.length === 0 || sources.some(({ through }) => through === null),
    failing: sources.some(({ failure }) => failure !== null),
  });
  const mayRead = isAdmin(asked.caller) || maySeePrivate(asked.caller, member.id);
  return {
    challenge: challengeView(challenge),
    ...{ today, date, state, because, counted, commits, more, markedAt: known.markedAt },
    member: { handle: member.handle, name: member.name },
    rule: { commitsPerDay: rule.commitsPerDay, excludedWeekdays: rule.excludedWeekdays },
    collection: sources.map(({ name, through, failure }) => ({
      ...{ name, through },
      covers: through !== null && dayOf(Date.parse(through) / 1000, challenge.timeZone) > date,
      failure: failure && (isAdmin(asked.caller) ? failure : { ...failure, message: '' }),
    })),
    decisions: decisions.map((decision) => decisionView(services, decision, mayRead)),
  };
}

/** Where repositories are followed, all of them; else what is read of the member. */
const sourcesOf = ({ challenge, sources }: Book, { id }: Member) =>
  challenge.repositories.length > 0 ? sources : sources.filter(({ repositoryId }) => repositoryId === id);

/** What the log says of the commits around a day, and since when the day is entered as attended; of everybody the member turned out to be. */
async function recordedOf({ history, model }: Services, { challenge, member, date }: About) {
  const people = [member.id, ...membersMergedInto(model('members'), member.id)];
  const months = new Set([-1, 2].map((days) => utcMonthOf(startOfDay(addDays(date, days), challenge.timeZone))));
  const streams = people.flatMap((id) => [...months].map((month) => commitStream(id, month)));
  const marks = people.map((id) => attendanceStream(challenge.id, id, challenge.season, date));
  const commits = new Map<string, SeenCommit>();
  let markedAt: number | null = null;
  for (const { type, data } of (await Promise.all(streams.map(history))).flat())
    if (type === 'CommitObserved') commits.set(data.sha, data);
  for (const { type, data, recordedAt } of (await Promise.all(marks.map(history))).flat())
    if (type === 'AttendanceMarked' && data.day === date) markedAt ??= recordedAt;
  return { commits, markedAt: markedAt === null ? null : isoInstant(Math.floor(markedAt / 1000)) };
}

/** The commits of the day, and those of the days around it that their author may take for one of it. Oldest first. */
function examine(asked: Asked, about: About, recorded: ReadonlyMap<string, SeenCommit>) {
  const { challenge, member, date } = about;
  const zone = challenge.timeZone;
  const model = asked.services.model('commit-activity');
  const around = { from: addDays(date, -1), to: addDays(date, 1), zone, skip: 0, limit: 10 * MOST_COMMITS };
  const scope = { ...around, repositories: challenge.repositories };
  const inScope = new Set(listCommits(model, member.id, scope).commits.map(({ sha }) => sha));
  const commits = listCommits(model, member.id, around).commits.flatMap((commit): ExaminedCommit[] => {
    const seen = recorded.get(commit.sha);
    const clock = seen ? authorClock(seen) : null;
    const onDay = dayOf(commit.authoredAt, zone) === date;
    if (!onDay && clock?.day !== date) return [];
    const verdict = !onDay ? 'other-day' : inScope.has(commit.sha) ? 'counts' : 'other-repository';
    const view = commitView(asked, commit, member, zone);
    const content = view.content && { ...view.content, authorClock: clock };
    // It stands on the day it counts for; that its author saw another one is theirs to know.
    if (!onDay && content === null) return [];
    return [{ ...view, content, verdict, ...seenWhen(commit, seen, zone) }];
  });
  return { commits: commits.toReversed().slice(0, MOST_COMMITS), more: commits.length > MOST_COMMITS };
}

function authorClock({ authoredAt, authorOffset }: SeenCommit): AuthorClock {
  const { day: shown, hour, minute } = localTime(Date.parse(authoredAt) / 1000 + authorOffset * 60, 'UTC');
  const two = (number: number) => String(number).padStart(2, '0');
  return { day: shown, time: `${two(hour)}:${two(minute)}`, offset: authorOffset };
}

function seenWhen({ authoredAt }: Commit, seen: SeenCommit | undefined, zone: string) {
  if (!seen) return { observedAt: null, late: false, afterSeen: false };
  const at = Date.parse(seen.observedAt) / 1000;
  return { observedAt: seen.observedAt, late: dayOf(at, zone) > dayOf(authoredAt, zone), afterSeen: authoredAt > at };
}

function decisionView(services: Services, decision: Decision, mayRead: boolean): DecisionView {
  const { kind, verdict, previous, actor, recordedAt } = decision;
  return {
    ...{ kind, day: decision.day, verdict, previous },
    reason: mayRead ? reasonOf(services, decision) : null,
    by: actor === null ? null : (memberById(services.model('members'), actor)?.handle ?? actor),
    at: isoInstant(Math.floor(recordedAt / 1000)),
  };
}
