import type { DayState } from '../../domain/attendance.ts';
import type { BadgeId } from '../../domain/badges.ts';

export const reportLanguages = ['ko', 'en'] as const;
export type ReportLanguage = (typeof reportLanguages)[number];

type Words = {
  readonly states: Readonly<Record<DayState, string>>;
  readonly badges: Readonly<Record<BadgeId, string>>;
  readonly columns: Readonly<
    Record<
      | 'handle'
      | 'name'
      | 'rank'
      | 'rate'
      | 'attended'
      | 'countable'
      | 'current'
      | 'longest'
      | 'commits'
      | 'date'
      | 'weekday'
      | 'state'
      | 'first'
      | 'last',
      string
    >
  >;
  readonly report: {
    readonly title: string;
    readonly made: (day: string) => string;
    readonly figures: string;
    readonly calendar: string;
    readonly calendarText: string;
    readonly goals: string;
    readonly noGoals: string;
    readonly badges: string;
    readonly noBadges: string;
    readonly days: string;
    readonly page: (page: string, pages: string) => string;
    readonly notInSeason: string;
  };
  readonly rate: string;
  readonly rateOf: (attended: string, countable: string) => string;
  readonly rank: string;
  readonly rankOf: (rank: string, members: string) => string;
  readonly current: string;
  readonly longest: string;
  readonly commits: string;
  readonly days: (count: number) => string;
  readonly unit: (count: number) => string;
  readonly inARow: (count: number) => string;
  readonly dayOf: (day: number, days: number) => string;
  readonly ended: string;
  readonly attendance: string;
  readonly goal: {
    readonly kinds: Readonly<Record<'rate' | 'streak' | 'commits' | 'days', (target: number) => string>>;
    readonly status: Readonly<Record<'open' | 'reached' | 'missed', string>>;
    readonly due: (day: string) => string;
    readonly soFar: (value: string) => string;
  };
};

const ko: Words = {
  states: {
    ...{ present: '출석', absent: '미출석', excused: '쉼 (사유 인정)' },
    ...{ 'not yet': '아직', unknown: '알 수 없음', outside: '기간 밖' },
  },
  badges: {
    'first-commit': '첫 커밋',
    'streak-7': '7일 연속',
    'streak-30': '30일 연속',
    'streak-50': '50일 연속',
    'streak-100': '100일 연속',
    'perfect-week': '완벽한 한 주',
    'perfect-month': '완벽한 한 달',
    'early-bird': '새벽 정원사',
    'night-owl': '한밤의 정원사',
    comeback: '다시 돌아온 사람',
    finisher: '완주',
  },
  columns: {
    ...{ handle: '아이디', name: '이름', rank: '순위', rate: '출석률(%)', attended: '출석일', countable: '센 날' },
    ...{ current: '연속 출석', longest: '최장 연속', commits: '커밋', date: '날짜', weekday: '요일', state: '상태' },
    ...{ first: '첫 커밋', last: '마지막 커밋' },
  },
  report: {
    title: '출석 리포트',
    made: (day) => `${day}에 만듦`,
    figures: '한눈에 보기',
    calendar: '날마다의 출석',
    calendarText: '한 줄이 한 주입니다. 칸의 왼쪽은 날짜, 오른쪽은 그날의 커밋 수입니다.',
    goals: '목표',
    noGoals: '세운 목표가 없습니다.',
    badges: '배지',
    noBadges: '아직 받은 배지가 없습니다.',
    days: '날짜별 기록',
    page: (page, pages) => `${page} / ${pages}`,
    notInSeason: '이 시즌의 참여자가 아닙니다.',
  },
  rate: '출석률',
  rateOf: (attended, countable) => `${countable}일 중 ${attended}일`,
  rank: '순위',
  rankOf: (rank, members) => `${members}명 중 ${rank}위`,
  current: '연속 출석',
  longest: '최장 연속',
  commits: '커밋',
  days: (count) => `${count}일`,
  unit: () => '일',
  inARow: (count) => `${count}일 연속`,
  dayOf: (day, days) => `${days}일 중 ${day}일째`,
  ended: '완료',
  attendance: '출석',
  goal: {
    kinds: {
      rate: (target) => `출석률 ${target}%`,
      streak: (target) => `${target}일 연속 출석`,
      commits: (target) => `커밋 ${target}개`,
      days: (target) => `${target}일 출석`,
    },
    status: { open: '진행 중', reached: '이룸', missed: '이루지 못함' },
    due: (day) => `${day}까지`,
    soFar: (value) => `지금 ${value}`,
  },
};

const plural = (count: number, one: string) => `${count} ${count === 1 ? one : `${one}s`}`;

const en: Words = {
  states: {
    ...{ present: 'Present', absent: 'Absent', excused: 'Excused' },
    ...{ 'not yet': 'Not yet', unknown: 'Unknown', outside: 'Not counted' },
  },
  badges: {
    'first-commit': 'First commit',
    'streak-7': '7 days in a row',
    'streak-30': '30 days in a row',
    'streak-50': '50 days in a row',
    'streak-100': '100 days in a row',
    'perfect-week': 'Perfect week',
    'perfect-month': 'Perfect month',
    'early-bird': 'Early bird',
    'night-owl': 'Night owl',
    comeback: 'Comeback',
    finisher: 'Finisher',
  },
  columns: {
    ...{ handle: 'Handle', name: 'Name', rank: 'Rank', rate: 'Rate (%)', attended: 'Attended', countable: 'Counted' },
    ...{ current: 'Streak', longest: 'Longest streak', commits: 'Commits', date: 'Date', weekday: 'Weekday' },
    ...{ state: 'State', first: 'First commit', last: 'Last commit' },
  },
  report: {
    title: 'Attendance report',
    made: (day) => `Made on ${day}`,
    figures: 'At a glance',
    calendar: 'Day by day',
    calendarText: 'Each row is a week. In a cell the day stands on the left, its commits on the right.',
    goals: 'Goals',
    noGoals: 'No goals were set.',
    badges: 'Badges',
    noBadges: 'No badges yet.',
    days: 'The record of each day',
    page: (page, pages) => `${page} of ${pages}`,
    notInSeason: 'Not a member of this season.',
  },
  rate: 'Attendance rate',
  rateOf: (attended, countable) => `${attended} of ${countable} days`,
  rank: 'Rank',
  rankOf: (rank, members) => `${rank} of ${members}`,
  current: 'Current streak',
  longest: 'Longest streak',
  commits: 'Commits',
  days: (count) => plural(count, 'day'),
  unit: (count) => (count === 1 ? ' day' : ' days'),
  inARow: (count) => (count === 1 ? '1 day' : `${count} days in a row`),
  dayOf: (day, days) => `Day ${day} of ${days}`,
  ended: 'Over',
  attendance: 'attendance',
  goal: {
    kinds: {
      rate: (target) => `An attendance rate of ${target}%`,
      streak: (target) => `${plural(target, 'day')} in a row`,
      commits: (target) => plural(target, 'commit'),
      days: (target) => `${plural(target, 'day')} attended`,
    },
    status: { open: 'Under way', reached: 'Reached', missed: 'Not reached' },
    due: (day) => `by ${day}`,
    soFar: (value) => `${value} so far`,
  },
};

export const reportWords = (language: ReportLanguage): Words => (language === 'ko' ? ko : en);
export type ReportWords = Words;
