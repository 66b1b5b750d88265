import { describe, expect, test } from 'vitest';
import { badgeIds } from '../../domain/badges.ts';
import { cheerMarks as marks } from '../../domain/cheer.ts';
import { goalKinds as kinds } from '../../domain/goal.ts';
import type { Finding } from '../../server/api/community-views.ts';
import { reportWords } from '../../server/report/words.ts';
import { formatsOf } from '../../web/src/lib/i18n/formats.ts';
import { profile as en } from '../../web/src/lib/i18n/profile.en.ts';
import { profile as ko } from '../../web/src/lib/i18n/profile.ko.ts';
import { feedbackSentence } from '../../web/src/lib/profile/feedback-sentences.ts';
import { cheerMarks, goalKinds, isGoalKind, markOf } from '../../web/src/lib/profile/goal-form.ts';
import { goalPercent, goalText } from '../../web/src/lib/profile/goal-text.ts';

type Words = { [key: string]: unknown };
const leaves = (words: object, path = ''): [string, unknown][] =>
  Object.entries(words as Words).flatMap(([key, word]) =>
    typeof word === 'object' && word !== null
      ? leaves(word, `${path}.${key}`)
      : [[`${path}.${key}`, word] as [string, unknown]],
  );
const textOf = (word: unknown): string =>
  typeof word === 'function' ? String((word as (...all: string[]) => string)('1', '2', '3')) : String(word);

describe('the words of profiles', () => {
  test('are the same in both languages', () =>
    expect(leaves(en).map(([path]) => path)).toEqual(leaves(ko).map(([path]) => path)));
  test('are not left in Korean for readers of English, nor the other way round', () => {
    expect(leaves(en).filter(([, word]) => /[가-힣]/.test(textOf(word)))).toEqual([]);
    const foreign = leaves(ko).filter(([, word]) => !/[가-힣]/.test(textOf(word)));
    expect(foreign.map(([path]) => path)).toEqual([]);
  });
  test('name every badge, as reports do', () => {
    for (const id of badgeIds)
      for (const [page, report] of [
        [ko, reportWords('ko')],
        [en, reportWords('en')],
      ] as const)
        expect([id, page.badges.names[id][0]]).toEqual([id, report.badges[id]]);
  });
});

describe('forms', () => {
  test('offer what the rules know', () => {
    expect(goalKinds.toSorted()).toEqual(kinds.toSorted());
    expect(cheerMarks).toEqual(marks);
    expect([isGoalKind('rate'), isGoalKind('constructor'), markOf('🌱'), markOf('💀')]).toEqual([
      true,
      false,
      '🌱',
      null,
    ]);
  });
});

describe('a goal in one line', () => {
  const goal = {
    id: 'g',
    kind: 'commits',
    target: 1500,
    value: 300,
    text: null,
    season: 's',
    due: null,
    status: 'open',
    setOn: '',
  } as const;
  test('says what is counted, or what was written', () => {
    expect(goalText(goal, { words: ko.goals, formats: formatsOf('ko') })).toBe('커밋 1,500개');
    expect(goalText({ ...goal, kind: 'days', target: 1 }, { words: en.goals, formats: formatsOf('en') })).toBe(
      '1 day attended',
    );
    expect(
      goalText({ ...goal, kind: 'other', target: null, text: 'Read' }, { words: en.goals, formats: formatsOf('en') }),
    ).toBe('Read');
  });
  test('has come no further than all the way', () => {
    expect(goalPercent(goal)).toBe(20);
    expect(goalPercent({ target: 10, value: 25 })).toBe(100);
    expect(goalPercent({ target: 3, value: 2 })).toBe(66);
    expect(goalPercent({ target: null, value: null })).toBeNull();
  });
});

describe('feedback in words', () => {
  const ofWeek = (change: number, before: number | null = 50): Finding => ({
    kind: 'week',
    attended: 6,
    countable: 7,
    before,
    change,
  });
  test.each([
    [
      ofWeek(14),
      '최근 7일은 7일 중 6일 출석했습니다. 그 전 7일보다 14%p 좋아졌습니다.',
      'In the last seven days you attended 6 of 7 days. That is 14 points better than the seven days before.',
    ],
    [
      ofWeek(-1),
      '최근 7일은 7일 중 6일 출석했습니다. 그 전 7일보다 1%p 낮습니다.',
      'In the last seven days you attended 6 of 7 days. That is 1 point below the seven days before.',
    ],
    [ofWeek(0, null), '최근 7일은 7일 중 6일 출석했습니다.', 'In the last seven days you attended 6 of 7 days.'],
    [
      { kind: 'missed-weekday', weekday: 7, missed: 3, of: 8 },
      '가장 자주 빠진 요일은 일요일입니다(8번 중 3번).',
      'The weekday you miss most is Sunday (3 of 8).',
    ],
    [
      { kind: 'hours', from: 22, share: 60 },
      '커밋의 60%가 22시에서 1시 사이에 있습니다.',
      '60% of your commits come between 22:00 and 1:00.',
    ],
    [
      { kind: 'to-best', days: 1, best: 9 },
      '1일만 더 이어 가면 최고 기록 9일과 같아집니다.',
      '1 more day, and you are level with your best streak of 9.',
    ],
    [
      { kind: 'at-risk', days: 41 },
      '오늘 커밋하면 41일 연속이 이어집니다.',
      'A commit today keeps your streak of 41 days going.',
    ],
  ] as [Finding, string, string][])('%#', (finding, korean, english) => {
    expect(feedbackSentence(finding, { words: ko.feedback, formats: formatsOf('ko') })).toBe(korean);
    expect(feedbackSentence(finding, { words: en.feedback, formats: formatsOf('en') })).toBe(english);
  });
});
