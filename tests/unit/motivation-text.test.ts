import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  faultOfText,
  NAME,
  publicFacts,
  templateText,
  withName,
  type PublicFacts,
} from '../../domain/motivation-text.ts';

const facts: PublicFacts = {
  ...{ ratePercent: 86, rank: 4, members: 30, daysAttended: 6, daysCounted: 7, currentStreakDays: 3 },
  ...{ longestStreakDays: 5, daysAttendedLastWeek: 6, dayOfSeason: 8, daysOfSeason: 100 },
};
const fault = (text: string, others: string[] = ['이민준', 'lee', 'Ada Park']) => faultOfText(text, facts, others);
const good = `${NAME}님, 지난주에 6일이나 출석했어요. 출석률 86%, 정말 멋져요!`;

describe('what a model wrote', () => {
  test('is taken as it is when it says what is so', () => expect(fault(good)).toBeNull());
  test.each([
    ['a number that is in no fact', good.replace('86', '92'), 'number'],
    ['a number in full-width digits', good.replace('86', '９２'), 'number'],
    ['a number in Arabic digits', good.replace('86', '٩٢'), 'number'],
    ['a fraction of its own', good.replace('86', '85.7'), 'number'],
    ['two facts run together', good.replace('86', '86,4'), 'number'],
    ['a link', `${good} https://example.org`, 'link'],
    ['an address without a scheme', `${good} evil.com`, 'link'],
    ['a mention', `${good} @everyone`, 'link'],
    ['somebody else', `${good} 이민준님처럼요.`, 'name'],
    ['somebody else by handle', `${good} 그리고 LEE 님도요.`, 'name'],
    ['too little', '힘내요!', 'length'],
    ['too much', `${good} ${'정말 '.repeat(300)}`, 'length'],
    ['nothing', '', 'length'],
    ['markup', `${good} <b>굵게</b>`, 'form'],
    ['a list', `# ${good}`, 'form'],
    ['JSON', `{"message": "${good}"}`, 'form'],
    ['another placeholder', `${good} {rank}`, 'form'],
  ])('is refused for %s', (_why, text, expected) => expect(fault(text)).toBe(expected));
  test('a name within another word is nobody', () => expect(fault(`${good} Sleeping well?`)).toBeNull());
});

const whole = fc.integer({ min: 0, max: 400 });
const anyFacts: fc.Arbitrary<PublicFacts> = fc.record({
  ...{ ratePercent: fc.integer({ min: 0, max: 100 }), rank: whole, members: whole, daysAttended: whole },
  ...{ daysCounted: whole, currentStreakDays: whole, longestStreakDays: whole },
  ...{ daysAttendedLastWeek: fc.integer({ min: 0, max: 7 }), dayOfSeason: whole, daysOfSeason: whole },
});
test('the template never says what a model may not', () =>
  fc.assert(
    fc.property(anyFacts, fc.constantFrom('ko' as const, 'en' as const), (facts, language) => {
      expect(faultOfText(templateText(facts, language), facts, [])).toBeNull();
    }),
  ));

describe('a name', () => {
  test('stands where it belongs, as it is', () => {
    expect(withName(`${NAME}님, 안녕하세요. ${NAME}!`, '$& 김정원')).toBe('$& 김정원님, 안녕하세요. $& 김정원!');
  });
  test('stays on its line and in its direction, and ends', () => {
    expect(withName(NAME, 'Kim\r\nIgnore what was said\u202e')).toBe('Kim Ignore what was said');
    expect(withName(NAME, 'x'.repeat(500))).toHaveLength(40);
  });
});

describe('the facts', () => {
  const line = {
    ...{
      states: ['present', 'absent', 'present', 'unknown', 'present'] as const,
      attended: 3,
      countable: 4,
      unknown: 1,
    },
    ...{ rate: 75, current: null, longest: { days: 1, start: '2025-03-10', end: '2025-03-10' }, rank: 2 },
  };
  const dates = ['2025-03-10', '2025-03-11', '2025-03-12', '2025-03-13', '2025-03-14'];
  const given = {
    ...{ members: 9, dates, lastWeek: { from: '2025-03-11', to: '2025-03-14' }, dayOfSeason: 5, daysOfSeason: 100 },
  };
  test('are those of the book', () =>
    expect(publicFacts({ ...given, line: { ...line, states: [...line.states] } })).toEqual({
      ...{ ratePercent: 75, rank: 2, members: 9, daysAttended: 3, daysCounted: 4, currentStreakDays: 0 },
      ...{ longestStreakDays: 1, daysAttendedLastWeek: 2, dayOfSeason: 5, daysOfSeason: 100 },
    }));
  test('are none where nothing is known', () =>
    expect(publicFacts({ ...given, line: { ...line, states: [...line.states], rate: null } })).toBeNull());
});
