import { dayOf, weekdayOf } from '../../domain/calendar.ts';
import type { ChallengeSummary } from '../../projections/attendance-book-queries.ts';
import { countByMember } from '../../projections/commit-activity.ts';
import type { Member } from '../../projections/members.ts';
import { bookOf, scopeOf, type Range } from '../api/book.ts';
import { badgesFrom, factsOf } from '../api/member-facts.ts';
import type { Services } from '../api/services.ts';
import type { Cell } from './csv.ts';
import { timesByDay } from './report-data.ts';
import type { MemberSeasonDays } from './season-days.ts';
import { reportWords, type ReportLanguage } from './words.ts';

/** What a season, or a part of it, says of a member: by the same book as every page. */
export function seasonDays(
  services: Services,
  challenge: ChallengeSummary,
  member: Member,
  range: Range,
): MemberSeasonDays {
  const book = bookOf(services, challenge, range);
  const dates = book.dates.filter((day) => day <= challenge.today);
  const own = book.members.find(({ id }) => id === member.id);
  const facts = factsOf(services, challenge, member.id);
  const [first, last] = [dates[0] ?? challenge.today, dates.at(-1) ?? challenge.today];
  const times = facts.times.filter((seconds) => {
    const day = dayOf(seconds, challenge.timeZone);
    return day >= first && day <= last;
  });
  return {
    ...{ handle: member.handle, name: member.name, title: challenge.title, zone: challenge.timeZone },
    ...{ dates, states: own ? own.states.slice(0, dates.length) : [], times },
    line: own
      ? {
          ...{ rate: own.rate, attended: own.attended, countable: own.countable },
          ...{ rank: own.rank, members: book.members.length, commits: times.length },
          ...{ current: own.current?.days ?? 0, longest: own.longest?.days ?? 0 },
        }
      : null,
    badges: badgesFrom(facts).filter(({ day }) => day >= first && day <= last),
  };
}

/** A member's days as rows: nothing of a commit but when it was written. */
export function memberRows(season: MemberSeasonDays, language: ReportLanguage): Cell[][] {
  const { columns, states } = reportWords(language);
  const weekday = new Intl.DateTimeFormat(language, { timeZone: 'UTC', weekday: 'short' });
  const times = timesByDay(season.times, season.zone);
  return [
    [columns.date, columns.weekday, columns.state, columns.commits, columns.first, columns.last],
    ...season.dates.map((date, index): Cell[] => {
      const { count = 0, first = null, last = null } = times.get(date) ?? {};
      const named = weekday.format(Date.UTC(2024, 0, weekdayOf(date)));
      return [date, named, states[season.states[index] ?? 'outside'], count, first, last];
    }),
  ];
}

/** The whole book: a row a member, a column a day begun so far. */
export function bookRows(
  services: Services,
  challenge: ChallengeSummary,
  { range, language }: { range: Range; language: ReportLanguage },
): Cell[][] {
  const { columns, states } = reportWords(language);
  const book = bookOf(services, challenge, range);
  const dates = book.dates.filter((day) => day <= challenge.today);
  const [from, to] = [dates[0] ?? challenge.today, dates.at(-1) ?? challenge.today];
  const commits = countByMember(services.model('commit-activity'), { ...scopeOf(challenge), from, to });
  const head = ['rank', 'handle', 'name', 'rate', 'attended', 'countable', 'current', 'longest', 'commits'] as const;
  return [
    [...head.map((column) => columns[column]), ...dates],
    ...book.members.map((member): Cell[] => [
      ...[member.rank, member.handle, member.name, member.rate, member.attended, member.countable],
      ...[member.current?.days ?? 0, member.longest?.days ?? 0, commits.get(member.id) ?? 0],
      ...dates.map((_, index) => states[member.states[index] ?? 'outside']),
    ]),
  ];
}
