import { describe, expect, test } from 'vitest';
import { seasonOf } from '../support/season/generate.ts';
import type { Happening, PlannedCommit, SeasonPlan, Terms } from '../support/season/plan.ts';
import { Truth } from '../support/season/truth.ts';

const seconds = (instant: string) => Date.parse(instant) / 1000;
const NOW = seconds('2025-03-14T12:00:00+09:00');

const terms: Terms = {
  ...{ title: 'five', start: '2025-03-10', days: 5, zone: 'Asia/Seoul' },
  ...{ commitsPerDay: 1, excludedWeekdays: [], excusedDays: 2, participants: ['ada', 'bo'] },
};
let shas = 0;
const commit = (authored: string, author = 'ada'): PlannedCommit => ({
  ...{ sha: String((shas += 1)), author, authoredAt: seconds(authored), offset: 540 },
  ...{ committedAt: seconds(authored), message: 'x' },
});
const push = (at: string, commits: PlannedCommit[], drops?: number): Happening => ({
  ...{ kind: 'push', at: seconds(at), by: 'ada', repository: 'ada/garden', branch: 'main', commits, told: false },
  ...(drops !== undefined && { drops }),
});
const planOf = (happenings: Happening[], of: Terms = terms): SeasonPlan => ({
  ...{ people: [], others: [], terms: [of] },
  happenings: happenings.toSorted((one, other) => one.at - other.at),
});
/** `papan`: a letter for each day. */
const statesOf = (happenings: Happening[], known: { readAt: number | null; failing?: boolean } = { readAt: NOW }) => {
  const truth = new Truth(planOf(happenings));
  const dates = ['10', '11', '12', '13', '14'].map((day) => `2025-03-${day}`);
  return dates.map((date) => truth.state(terms, 'ada', date, NOW, known).charAt(0)).join('');
};

describe('the truth of a season', () => {
  test('has a commit of the last second of a day in it, and one of the first in the next', () => {
    const late = '2025-03-10T23:59:59+09:00';
    const early = '2025-03-12T00:00:00+09:00';
    expect(statesOf([push('2025-03-12T00:05:00+09:00', [commit(late), commit(early)])])).toBe('papan');
  });

  test('has what was pushed late on the day it was written, from then on', () => {
    const happenings = [push('2025-03-13T10:00:00+09:00', [commit('2025-03-10T10:00:00+09:00')])];
    expect(statesOf(happenings)).toBe('paaan');
    expect(statesOf(happenings, { readAt: seconds('2025-03-13T09:00:00+09:00') })).toBe('aaaun');
  });

  test('knows nothing of what nobody read, and of today nothing while it cannot be read', () => {
    expect(statesOf([], { readAt: null })).toBe('uuuuu');
    expect(statesOf([], { readAt: seconds('2025-03-12T10:00:00+09:00'), failing: true })).toBe('aauuu');
  });

  test('has no commit that was taken back in the moment it was pushed, nor one of somebody else', () => {
    const taken = '2025-03-10T10:00:00+09:00';
    const foreign = push('2025-03-11T10:00:00+09:00', [commit('2025-03-11T09:00:00+09:00', 'mallory')]);
    expect(statesOf([push(taken, [commit(taken)]), push(taken, [], 1), foreign])).toBe('aaaan');
  });

  test('has what organisers and members decide: a verdict before all, an excuse before nothing', () => {
    const at = seconds('2025-03-12T10:00:00+09:00');
    const written = '2025-03-11T10:00:00+09:00';
    const decided: Happening[] = [
      push(written, [commit(written)]),
      { kind: 'correct', at, by: 'ada', day: '2025-03-11', verdict: 'absent' },
      { kind: 'excuse', at, by: 'ada', day: '2025-03-12' },
      { kind: 'excuse', at, by: 'ada', day: '2025-03-11' },
    ];
    expect(statesOf(decided)).toBe('aaean');
  });

  test('tells days of London by its clock, before and after it is put forward', () => {
    const london: Terms = { ...terms, start: '2025-03-29', days: 3, zone: 'Europe/London' };
    const written = ['2025-03-29T23:30:00Z', '2025-03-30T23:30:00Z'];
    const truth = new Truth(
      planOf(
        [
          push(
            '2025-03-31T08:00:00Z',
            written.map((one) => commit(one)),
          ),
        ],
        london,
      ),
    );
    const on = (date: string) => truth.commitsOn(london, 'ada', date, seconds('2025-04-02T00:00:00Z'));
    expect(['2025-03-29', '2025-03-30', '2025-03-31'].map(on)).toEqual([1, 0, 1]);
  });

  test('counts days in a row over excused ones, and shares ranks', () => {
    const written = ['10', '11', '13'].map((day) => `2025-03-${day}T10:00:00+09:00`);
    const happenings = [
      ...written.map((one) => push(one, [commit(one)])),
      { kind: 'excuse' as const, at: seconds('2025-03-12T10:00:00+09:00'), by: 'ada', day: '2025-03-12' },
    ];
    const book = new Truth(planOf(happenings)).book(terms, NOW);
    const streak = { days: 3, start: '2025-03-10', end: '2025-03-13' };
    expect(book.get('ada')).toMatchObject({ attended: 3, countable: 3, rate: 100, rank: 1, commits: 3 });
    expect(book.get('ada')).toMatchObject({ current: streak, longest: streak });
    expect(book.get('bo')).toMatchObject({ attended: 0, countable: 4, rate: 0, rank: 2, current: null, longest: null });
  });
});

describe('the plan of a season', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(seasonOf(7)).toEqual(seasonOf(7));
    expect(seasonOf(7)).not.toEqual(seasonOf(8));
  });

  test('is of thirty people, each with a habit of their own, and of some who do not belong', () => {
    const { people, others, happenings } = seasonOf(7);
    expect(new Set(people.map(({ habit }) => habit)).size).toBe(30);
    expect(others.map(({ key }) => key)).toEqual(['dependabot[bot]', 'mallory']);
    expect(happenings).toEqual(happenings.toSorted((one, other) => one.at - other.at));
  });

  test('has no hash twice but where the same commit is pushed again', () => {
    const bySha = new Map<string, string>();
    for (const happening of seasonOf(7).happenings)
      for (const { sha, author, authoredAt } of happening.kind === 'push' ? happening.commits : [])
        expect(bySha.getOrInsert(sha, `${author} ${authoredAt}`)).toBe(`${author} ${authoredAt}`);
  });
});
