import { describe, expect, test } from 'vitest';
import type { BookMember, BookView } from '../../server/api/views.ts';
import { arrangeBook, bookAddress, readBookQuery } from '../../web/src/lib/attendance/book-query.ts';
import { dailyRates, movingAverage } from '../../web/src/lib/attendance/daily-rate.server.ts';
import { seasonBed } from '../../web/src/lib/attendance/season-bed.server.ts';
import { longestStreak, todayBoard } from '../../web/src/lib/attendance/today.ts';
import { hourBars } from '../../web/src/lib/activity/hour-bars.server.ts';
import { hueOf, initialsOf } from '../../web/src/lib/member/avatar.ts';
import { veiled } from '../../web/src/lib/member/identity.server.ts';

const streak = (days: number) => ({ days, start: '2025-03-10', end: '2025-03-11' });
const member = (name: string, facts: Partial<BookMember> = {}): BookMember => ({
  id: name,
  handle: name,
  name,
  rank: 1,
  rate: 50,
  attended: 1,
  countable: 2,
  states: 'ppn',
  commits: 1,
  today: 'not yet',
  commitsToday: 0,
  currentStreak: null,
  longestStreak: null,
  ...facts,
});
const idle = (name: string) => member(name, { commits: 0, attended: 0, rate: 0, states: 'aan' });

const bookOf = (facts: Partial<BookView>): BookView => ({
  challenge: {
    id: 'c',
    title: 'Season',
    timeZone: 'Asia/Seoul',
    kind: 'fixed',
    start: '2025-03-10',
    end: '2025-03-12',
    days: 3,
    elapsed: 3,
    commitsPerDay: 1,
  },
  today: '2025-03-12',
  dates: ['2025-03-10', '2025-03-11', '2025-03-12'],
  members: [],
  daily: [],
  totals: { members: 0, present: 0, absent: 0, unknown: 0, rate: null, commits: 0 },
  todayCounts: { present: 0, notYet: 0, unknown: 0, excused: 0 },
  bots: [],
  sources: [],
  ...facts,
});

describe('the address of the book', () => {
  test('keeps what is as usual out of itself', () => {
    expect(bookAddress(readBookQuery(new URLSearchParams()))).toBe('/');
  });

  test('leads back to the same book', () => {
    const text = 'challenge=season-10&sort=streak&days=newest&rows=300&idle=shown';
    expect(bookAddress(readBookQuery(new URLSearchParams(text)))).toBe(`/?${text}`);
  });

  test('reads anything else as usual', () => {
    const query = readBookQuery(new URLSearchParams('sort=drop&days=1&rows=-5&idle=1'));
    expect(query).toEqual({ challenge: undefined, sort: 'rank', newestFirst: false, rows: 100, idle: false });
  });
});

describe('the rows of the book', () => {
  const query = readBookQuery(new URLSearchParams());

  test('leave members without a commit folded away, and say how many', () => {
    const arranged = arrangeBook([member('a'), idle('b'), idle('c')], query);
    expect(arranged.rows.map(({ name }) => name)).toEqual(['a']);
    expect(arranged).toMatchObject({ more: 0, idle: 2, folded: true });
  });

  test('show them last when asked to, and all when nobody has committed yet', () => {
    const shown = arrangeBook([idle('b'), member('a')], { ...query, idle: true });
    expect(shown.rows.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(arrangeBook([idle('b'), idle('c')], query).rows).toHaveLength(2);
  });

  test('a member marked present by an organiser is not idle', () => {
    expect(arrangeBook([member('a'), { ...idle('b'), attended: 1 }], query).rows).toHaveLength(2);
  });

  test('are a hundred at first, of a thousand', () => {
    const arranged = arrangeBook(
      Array.from({ length: 1000 }, (_, index) => member(`m${index}`)),
      query,
    );
    expect(arranged.rows).toHaveLength(100);
    expect(arranged.more).toBe(900);
  });

  test('are sorted as asked, equals staying in the order of the book', () => {
    const members = [
      member('나', { currentStreak: streak(1), longestStreak: streak(9), commits: 5 }),
      member('가', { currentStreak: streak(3), longestStreak: streak(3), commits: 5 }),
      member('다', { currentStreak: streak(3), longestStreak: streak(4), commits: 7 }),
    ];
    const names = (sort: string) =>
      arrangeBook(members, readBookQuery(new URLSearchParams({ sort }))).rows.map(({ name }) => name);
    expect(names('rank')).toEqual(['나', '가', '다']);
    expect(names('name')).toEqual(['가', '나', '다']);
    expect(names('streak')).toEqual(['가', '다', '나']);
    expect(names('longest')).toEqual(['나', '다', '가']);
    expect(names('commits')).toEqual(['다', '나', '가']);
  });
});

describe('the board of today', () => {
  test('says that nobody has come only while somebody still can', () => {
    const board = todayBoard(bookOf({ members: [idle('a')] }));
    expect(board?.groups.map(({ state, count }) => [state, count])).toEqual([
      ['present', 0],
      ['not yet', 1],
    ]);
    const unread = todayBoard(bookOf({ members: [member('a', { states: 'ppu' })] }));
    expect(unread?.groups.map(({ state }) => state)).toEqual(['unknown']);
  });

  test('is about the last day once the season is over, and about none before it', () => {
    const ended = todayBoard(
      bookOf({ today: '2025-09-01', members: [member('a', { states: 'paa', commitsToday: 4 })] }),
      new Map([['a', 2]]),
    );
    expect(ended).toMatchObject({ date: '2025-03-12', isToday: false });
    expect(ended?.groups).toEqual([{ state: 'absent', count: 1, people: [{ handle: 'a', name: 'a', commits: 2 }] }]);
    expect(todayBoard(bookOf({ today: '2025-03-01' }))).toBeNull();
  });

  test('names sixty of a thousand', () => {
    const board = todayBoard(bookOf({ members: Array.from({ length: 1000 }, (_, index) => idle(`m${index}`)) }));
    const waiting = board?.groups.find(({ state }) => state === 'not yet');
    expect([waiting?.count, waiting?.people.length]).toEqual([1000, 60]);
  });
});

test('the longest streak may have several holders', () => {
  const members = [
    member('a', { longestStreak: streak(5) }),
    member('b', { longestStreak: streak(5) }),
    member('c', { longestStreak: streak(2) }),
  ];
  expect(longestStreak(members)).toEqual({ days: 5, holders: ['a', 'b'] });
  expect(longestStreak([member('d')])).toBeNull();
});

describe('the season as a bed', () => {
  const day = (date: string, rate: number | null) => ({ date, rate, present: 0, countable: 0 });

  test('grows to a line that only a day of everybody reaches', () => {
    const bed = seasonBed(
      bookOf({ today: '2025-03-20', daily: [day('2025-03-10', 100), day('2025-03-11', 50), day('2025-03-12', 0)] }),
    );
    expect(bed).toMatchObject({
      stems: 'M0.5 100V6M1.5 100V53',
      seeds: 'M2.5 100v0',
      full: 6,
      tallest: 100,
      tip: null,
      today: '',
    });
  });

  test('lies low where a few of many come, and is seen all the same', () => {
    const bed = seasonBed(
      bookOf({ today: '2025-03-20', daily: [day('2025-03-10', 4), day('2025-03-11', 0.1), day('2025-03-12', 0)] }),
    );
    expect(bed).toMatchObject({ stems: 'M0.5 100V96.2M1.5 100V97', seeds: 'M2.5 100v0', tallest: 4 });
  });

  test('draws today apart, as tall as it is so far', () => {
    const bed = seasonBed(
      bookOf({
        daily: [day('2025-03-10', 0), day('2025-03-11', 0), day('2025-03-12', 25)],
      }),
    );
    expect(bed.tallest).toBe(25);
    expect(bed.today).toBe('M2.5 100V76.5');
  });

  test('marks a day as unknown only where a source could not be read', () => {
    const bed = seasonBed(bookOf({ today: '2025-03-20', members: [member('a', { states: 'uoo' })] }));
    expect(bed.unknown).toBe('M0.5 100v0');
    expect(bed.seeds).toBe('M1.5 100v0M2.5 100v0');
  });
});

describe('the line of daily rates', () => {
  test('leaves today out and a gap where nothing is known', () => {
    const rates = dailyRates(
      bookOf({
        daily: [
          { date: '2025-03-10', rate: 100, present: 1, countable: 1 },
          { date: '2025-03-11', rate: null, present: 0, countable: 0 },
          { date: '2025-03-12', rate: 100, present: 1, countable: 1 },
        ],
      }),
    );
    expect(rates.past).toHaveLength(2);
    expect(rates.dots).toBe('M0.5 0v0');
    expect(rates.ticks.map(({ rate }) => rate)).toEqual([0, 50, 100]);
  });

  test('is drawn large where rates are small', () => {
    const rates = dailyRates(
      bookOf({ today: '2025-03-11', daily: [{ date: '2025-03-10', rate: 7, present: 7, countable: 100 }] }),
    );
    expect(rates.ticks.map(({ rate }) => rate)).toEqual([0, 5, 10]);
    expect(rates.ticks.map(({ y }) => y)).toEqual([100, 50, 0]);
  });

  test('averages the known days only', () => {
    expect(movingAverage([100, null, 50], 7)).toEqual([100, 100, 75]);
    expect(movingAverage([null], 7)).toEqual([null]);
    expect(movingAverage([100, 0, 0], 2)).toEqual([100, 50, 0]);
  });
});

test('the bars of the hours keep a line on the ground where there is nothing', () => {
  const bars = hourBars([0, 4, 2]);
  expect(bars.map(({ height }) => height)).toEqual([1.2, 100, 50]);
  expect(bars.every(({ x, width }) => x >= 0 && x + width <= 3)).toBe(true);
  expect(hourBars(Array<number>(24).fill(0)).every(({ height }) => height === 1.2)).toBe(true);
});

describe('a member without a picture', () => {
  test.each([
    ['김하늘', '하늘'],
    ['남궁솔', '궁솔'],
    ['황별', '황별'],
    ['María González', 'MG'],
    ['ada', 'AD'],
    ['Ada Byron Lovelace', 'AL'],
    ['🌱 sprout', '🌱S'],
    ['', '?'],
  ])('%j has the initials %s', (name, initials) => expect(initialsOf(name)).toBe(initials));

  test('has the same colour everywhere', () => {
    expect(hueOf('soyoung')).toBe(hueOf('soyoung'));
    expect(new Set(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].map(hueOf)).size).toBeGreaterThan(3);
  });
});

test('an address is recognised by its owner and read by nobody', () => {
  expect(veiled({ kind: 'email', value: 'haneul@example.com' })).toBe('ha…@example.com');
  expect(veiled({ kind: 'email', value: 'no-at-sign' })).toBe('no…');
  expect(veiled({ kind: 'github', value: 'haneul' })).toBe('haneul');
});
