import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attendedDays, monthsOf, monthsOfSeason, type AttendanceTerms } from '../../domain/attended-days.ts';
import { dayOf, endOfDay, startOfDay, utcMonthOf } from '../../domain/calendar.ts';
import { everyDay } from '../../domain/challenge.ts';

const rolling: AttendanceTerms = {
  season: { kind: 'rolling', days: 100 },
  timeZone: 'Asia/Seoul',
  rule: everyDay,
  repositories: new Set(),
};
const fixed: AttendanceTerms = { ...rolling, season: { kind: 'fixed', start: '2025-03-10', days: 100 } };
const asking = (commitsPerDay: number): AttendanceTerms => ({ ...rolling, rule: { ...everyDay, commitsPerDay } });

const commit = (authoredAt: string, sha = authoredAt, observedAt = '2026-01-01T00:00:00Z') => ({
  sha,
  repositoryId: 'garden',
  authoredAt,
  observedAt,
});
const daysOf = (commits: Parameters<typeof attendedDays>[0], terms = rolling) =>
  attendedDays(commits, terms)
    .map(({ day }) => day)
    .sort();

describe('the day of a commit', () => {
  test('is the local day of the zone: 23:59 and 00:00 in Seoul are two days', () => {
    expect(daysOf([commit('2025-03-10T14:59:59Z'), commit('2025-03-10T15:00:00Z')])).toEqual([
      '2025-03-10',
      '2025-03-11',
    ]);
  });
  test('is not the UTC day: from midnight to nine in Seoul', () => {
    expect(daysOf([commit('2025-03-10T15:30:00Z'), commit('2025-03-10T23:59:59Z')])).toEqual(['2025-03-11']);
  });
  test('on Feb 29 and over the end of a year', () => {
    const commits = ['2024-02-28T15:00:00Z', '2024-02-29T15:00:00Z', '2024-12-31T14:59:59Z', '2024-12-31T15:00:00Z'];
    expect(daysOf(commits.map((at) => commit(at)))).toEqual(['2024-02-29', '2024-03-01', '2024-12-31', '2025-01-01']);
  });
  test('on the days a zone moves its clocks', () => {
    const inNewYork = { ...rolling, timeZone: 'America/New_York' };
    const commits = ['2025-03-09T04:59:59Z', '2025-03-10T03:59:59Z', '2025-03-10T04:00:00Z', '2025-11-03T04:59:59Z'];
    expect(
      daysOf(
        commits.map((at) => commit(at)),
        inNewYork,
      ),
    ).toEqual(['2025-03-08', '2025-03-09', '2025-03-10', '2025-11-02']);
  });
});

describe('a season admits', () => {
  test('fixed: the days inside its bounds, the first and the last included', () => {
    const commits = ['2025-03-09T14:59:59Z', '2025-03-09T15:00:00Z', '2025-06-17T14:59:59Z', '2025-06-17T15:00:00Z'];
    expect(
      daysOf(
        commits.map((at) => commit(at)),
        fixed,
      ),
    ).toEqual(['2025-03-10', '2025-06-17']);
  });
  test('rolling: any past day, 1970 too', () => {
    expect(daysOf([commit('1970-01-01T00:00:00Z'), commit('2001-09-09T01:46:40Z')])).toEqual([
      '1970-01-01',
      '2001-09-09',
    ]);
  });
  test('rolling: no day that had not begun when the commit was seen', () => {
    expect(daysOf([commit('2099-12-31T23:59:59Z')])).toEqual([]);
    // Seen at 23:59:59 in Seoul on the 10th.
    const seen = '2025-03-10T14:59:59Z';
    expect(daysOf([commit('2025-03-10T15:00:00Z', 'a', seen)])).toEqual([]);
    expect(daysOf([commit('2025-03-10T14:59:59.500Z', 'b', seen)])).toEqual(['2025-03-10']);
  });
  test('a commit from the future does not count towards the rule either', () => {
    const seen = '2025-03-10T12:00:00Z';
    const future = commit('2025-03-10T15:00:00Z', 'a', seen);
    const present = commit('2025-03-11T03:00:00Z', 'b', '2025-03-11T03:00:01Z');
    expect(daysOf([future, present], asking(2))).toEqual([]);
    expect(daysOf([future, present], asking(1))).toEqual(['2025-03-11']);
  });
});

describe('a rule of several commits', () => {
  const three = [
    commit('2025-03-10T03:00:00Z', 'c'),
    commit('2025-03-10T01:00:00Z', 'b'),
    commit('2025-03-10T02:00:00Z', 'a'),
  ];

  test('is met by the n-th commit by author date, in whatever order they come', () => {
    expect(attendedDays(three, asking(1))).toEqual([{ day: '2025-03-10', evidence: 'b' }]);
    expect(attendedDays(three, asking(2))).toEqual([{ day: '2025-03-10', evidence: 'a' }]);
    expect(attendedDays(three, asking(3))).toEqual([{ day: '2025-03-10', evidence: 'c' }]);
    expect(attendedDays(three, asking(4))).toEqual([]);
  });
  test('counts a commit once, however often it is handed over', () => {
    expect(attendedDays([...three, ...three], asking(4))).toEqual([]);
  });
  test('commits of one second are taken by sha', () => {
    const same = ['f', 'a', 'c'].map((sha) => commit('2025-03-10T03:00:00Z', sha));
    expect(attendedDays(same, asking(2))).toEqual([{ day: '2025-03-10', evidence: 'c' }]);
  });
});

const instants = fc
  .integer({ min: 0, max: 6 * 86_400 })
  .map((second) => new Date((1.74e9 + second) * 1000).toISOString());
const sha = fc.constantFrom(...'0123456789abcdef');
const repositoryId = fc.constantFrom('garden', 'kitchen');
const commits = fc.array(fc.record({ authoredAt: instants, sha, repositoryId, observedAt: instants }), {
  maxLength: 30,
});

test('the order of commits makes no difference', () => {
  const uniqueCommits = commits.map((all) => [...new Map(all.map((one) => [one.sha, one])).values()]);
  fc.assert(
    fc.property(
      uniqueCommits,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('Asia/Seoul', 'America/New_York'),
      fc.subarray(['garden', 'kitchen']),
      (all, n, timeZone, followed) => {
        const terms = { ...asking(n), timeZone, repositories: new Set(followed) };
        const byDay = ({ day: a }: { day: string }, { day: b }: { day: string }) => (a < b ? -1 : 1);
        expect(attendedDays(all.toReversed(), terms).sort(byDay)).toEqual(attendedDays(all, terms).sort(byDay));
      },
    ),
  );
});

describe('UTC months that may hold commits of local days', () => {
  test('reach over the ends of months', () => {
    expect(monthsOf('2025-03-10', '2025-03-10')).toEqual(new Set(['2025-03']));
    expect(monthsOf('2025-03-01', '2025-03-01')).toEqual(new Set(['2025-02', '2025-03']));
    expect(monthsOf('2025-03-31', '2025-03-31')).toEqual(new Set(['2025-03', '2025-04']));
    expect(monthsOfSeason(fixed.season)).toEqual(new Set(['2025-03', '2025-04', '2025-05', '2025-06']));
    expect(monthsOfSeason(rolling.season)).toBeUndefined();
  });

  test('leave none out, in any zone', () => {
    const zones = fc.constantFrom('Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Seoul', 'UTC', 'America/St_Johns');
    const instants = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(instants, zones, fc.integer({ min: 0, max: 400 * 86_400 }), (instant, zone, more) => {
        const [from, to] = [dayOf(instant, zone), dayOf(instant + more, zone)];
        const months = monthsOf(from, to);
        for (let at = startOfDay(from, zone); at < endOfDay(to, zone); at += 86_400)
          expect(months).toContain(utcMonthOf(at));
        expect(months).toContain(utcMonthOf(endOfDay(to, zone) - 1));
      }),
    );
  });
});
