import { describe, expect, test } from 'vitest';
import { lastDay, newSeason, openingOf, readSeasonForm, revisionOf } from '../../web/src/lib/organise/season-form.ts';

const form = (fields: Record<string, string | string[]>): FormData => {
  const data = new FormData();
  for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) data.append(name, value);
  return data;
};

describe('the form of a season', () => {
  test('begins with a hundred days from tomorrow on', () => {
    const given = newSeason('2025-03-09', 'Asia/Seoul');
    expect(openingOf({ ...given, title: '정원사들' })).toEqual({
      title: '정원사들',
      start_date: '2025-03-10',
      days: 100,
      time_zone: 'Asia/Seoul',
      commits_per_day: 1,
      excused_days: 0,
      excluded_weekdays: [],
      counts: 'members',
      members: 'everyone',
      joining: false,
    });
    expect(lastDay(given.start, given.days)).toBe('2025-06-17');
  });

  test('is read as it was written', () =>
    expect(
      openingOf(
        readSeasonForm(
          form({
            title: ' 정원사들 ',
            start_date: '2025-03-10',
            days: '7',
            time_zone: 'Europe/Berlin',
            commits_per_day: '2',
            excused_days: '3',
            excluded_weekdays: ['6', '7'],
            counts: 'repositories',
            members: 'nobody',
            joining: 'on',
          }),
        ),
      ),
    ).toEqual({
      title: '정원사들',
      start_date: '2025-03-10',
      days: 7,
      time_zone: 'Europe/Berlin',
      commits_per_day: 2,
      excused_days: 3,
      excluded_weekdays: [6, 7],
      counts: 'repositories',
      members: 'nobody',
      joining: true,
    }));

  test('takes a number that is not there for none, not for zero', () =>
    expect(revisionOf(readSeasonForm(form({ excused_days: '' }))).excused_days).toBeNaN());
});

test.each([
  ['2025-03-10', '100', '2025-06-17'],
  ['2024-02-28', 2, '2024-02-29'],
  ['2025-03-10', 1, '2025-03-10'],
  ['2025-03-10', '', null],
  ['2025-03-10', null, null],
  ['2025-03-10', '0', null],
  ['2025-03-10', '1.5', null],
  ['2025-03-10', '4000', null],
  ['2025-02-29', '3', null],
  ['', '3', null],
])('a season from %s of %s days ends on %s', (start, days, end) => expect(lastDay(start, days)).toBe(end));
