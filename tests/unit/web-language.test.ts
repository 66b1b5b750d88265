import { describe, expect, test } from 'vitest';
import { en } from '../../web/src/lib/i18n/en.ts';
import { formatsOf } from '../../web/src/lib/i18n/formats.ts';
import { ko } from '../../web/src/lib/i18n/ko.ts';
import { chooseLanguage } from '../../web/src/lib/i18n/language.ts';
import { chooseTheme } from '../../web/src/lib/site/theme.ts';

describe('the language of a page', () => {
  test.each([
    ['en', 'ko-KR,ko;q=0.9', 'en'],
    [undefined, 'ko-KR,ko;q=0.9,en;q=0.8', 'ko'],
    [undefined, 'en-US,en;q=0.9,ko;q=0.8', 'en'],
    [undefined, 'fr-FR,ko;q=0.5,en;q=0.3', 'ko'],
    [undefined, 'fr-FR,fr;q=0.9', 'en'],
    [undefined, 'en;q=0, ko;q=0.1', 'ko'],
    [undefined, '', 'ko'],
    [undefined, null, 'ko'],
    ['tlh', 'en', 'en'],
  ] as const)('with cookie %j and Accept-Language %j is %s', (cookie, accept, language) =>
    expect(chooseLanguage(cookie, accept)).toBe(language),
  );
});

test('a theme nobody offers is the device’s own', () => {
  expect(chooseTheme('dark')).toBe('dark');
  expect(chooseTheme('"><script>')).toBe('system');
  expect(chooseTheme(undefined)).toBe('system');
});

describe('the dictionaries', () => {
  const leaves = (words: object, path = ''): string[] =>
    Object.entries(words).flatMap(([key, word]) =>
      typeof word === 'object' ? leaves(word as object, `${path}.${key}`) : [`${path}.${key}`],
    );

  test('have the same words', () => expect(leaves(en)).toEqual(leaves(ko)));

  test('are not left in the other language', () => {
    const text = (words: object): string[] =>
      Object.entries(words).flatMap(([key, word]) => {
        if (key === 'languageNames' || key === 'languageShort') return [];
        if (typeof word === 'object') return text(word as object);
        return [
          typeof word === 'function' ? String((word as (...args: string[]) => string)('1', '2', '3')) : String(word),
        ];
      });
    expect(text(en).filter((word) => /[가-힣]/.test(word))).toEqual([]);
    expect(text(ko).filter((word) => /^[A-Za-z ]{12,}$/.test(word))).toEqual([]);
  });

  test('count one thing as one', () => {
    expect(en.today.commits('1')).toBe('1 commit');
    expect(en.today.commits('2')).toBe('2 commits');
  });
});

describe('days and numbers', () => {
  test('are written in the language, whatever zone the machine is in', () => {
    expect(formatsOf('ko').fullDay('2025-03-10')).toBe('2025년 3월 10일 월요일');
    expect(formatsOf('en').fullDay('2025-03-10')).toBe('Monday, March 10, 2025');
    expect(formatsOf('ko').weekday(1)).toBe('월');
    expect(formatsOf('en').weekday(7, 'long')).toBe('Sunday');
  });

  test('a rate nobody can know yet is a dash, not a zero', () => {
    expect(formatsOf('en').percent(null)).toBe('–');
    expect(formatsOf('en').percent(0)).toBe('0%');
  });

  test('a streak of one day is one date', () => {
    expect(formatsOf('ko').tinyRange('2025-05-21', '2025-05-21')).toBe('5/21');
    expect(formatsOf('en').tinyRange('2025-03-25', '2025-05-21')).toBe('3/25 – 5/21');
  });

  test('an instant is written in the zone of the challenge', () => {
    expect(formatsOf('en').time('2025-03-10T15:30:00Z', 'Asia/Seoul')).toContain('00:30');
    expect(formatsOf('en').time('2025-03-10T15:30:00Z', 'Asia/Seoul')).toContain('Mar 11');
    expect(formatsOf('ko').time('2025-03-10T15:30:00Z', 'America/New_York')).toContain('11:30');
  });
});
