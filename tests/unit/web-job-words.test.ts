import { describe, expect, test } from 'vitest';
import { formatsOf } from '../../web/src/lib/i18n/formats.ts';
import { organise as en } from '../../web/src/lib/i18n/organise.en.ts';
import { organise as ko } from '../../web/src/lib/i18n/organise.ko.ts';
import { jobDuration, jobName, jobSaid, jobSchedule, sends } from '../../web/src/lib/organise/job-words.ts';
import type { JobRunView } from '../../server/api/jobs-views.ts';

describe('a job is told in words', () => {
  test.each([
    [{ kind: 'hourly', at: null, weekday: null } as const, 'every hour', '매시 정각'],
    [{ kind: 'daily', at: '22:00', weekday: null } as const, 'every day at 22:00', '매일 22:00'],
    [{ kind: 'weekly', at: '09:00', weekday: 1 } as const, 'every Monday at 09:00', '매주 월요일 09:00'],
  ])('when it is due: %#', (schedule, english, korean) => {
    expect(jobSchedule(schedule, en.jobs, formatsOf('en'))).toBe(english);
    expect(jobSchedule(schedule, ko.jobs, formatsOf('ko'))).toBe(korean);
  });

  test('what it is called, for which season, and whatever name it has', () => {
    expect(jobName({ name: 'backup', challenge: null }, en.jobs)).toBe('Backup');
    expect(jobName({ name: 'reminder', challenge: { id: 's', title: '정원사들' } }, ko.jobs)).toBe(
      '미출석 알림 · 정원사들',
    );
    expect(jobName({ name: 'harvest', challenge: null }, en.jobs)).toBe('harvest');
  });

  test.each([
    ['2025-03-10T00:00:00.412Z', '412 ms'],
    ['2025-03-10T00:01:59Z', '119 s'],
    ['2025-03-10T00:05:20Z', '5 min'],
    [null, null],
  ])('how long it took until %s', (endedAt, told) => {
    const run = { attemptAt: '2025-03-10T00:00:00Z', endedAt } as JobRunView;
    expect(jobDuration(run, en.jobs, formatsOf('en'))).toBe(told);
  });

  test.each([
    ['1200 commits of 14 members; 2 could not be read', '참여자 14명을 읽어 새 커밋 1,200개 · 2명은 읽지 못했습니다'],
    ['90 events, 4096 bytes, restored and read', '사실 90개를 옮기고, 되살려 읽어 보았습니다'],
    ['1 messages could not be sent; 3 drafted, 2 sent', '메시지 1개를 보내지 못했습니다 · 3개를 쓰고 2개를 보냈습니다'],
    ['organiser told by 1 channels, 9 of 9 reminded', '운영자 채널 1곳에 알리고, 아직인 9명 중 9명에게 알렸습니다'],
    ['The disk is full.', null],
  ])('what came of it: %s', (said, told) => expect(jobSaid(said, ko.jobs, formatsOf('ko'))).toBe(told));

  test('whether it sends something', () =>
    expect(['collection', 'backup', 'reminder', 'motivation'].filter((name) => sends({ name }))).toEqual([
      'reminder',
      'motivation',
    ]));
});

describe('the words of organisers', () => {
  const leaves = (words: object, path = ''): [string, string][] =>
    Object.entries(words).flatMap(([key, word]: [string, unknown]) => {
      if (typeof word === 'object' && word !== null) return leaves(word, `${path}.${key}`);
      const text = typeof word === 'function' ? (word as (...names: string[]) => string)('x', 'y', 'z') : String(word);
      return [[`${path}.${key}`, text] as [string, string]];
    });

  test('are the same in both languages', () =>
    expect(leaves(en).map(([path]) => path)).toEqual(leaves(ko).map(([path]) => path)));
  test('are not left in Korean for readers of English', () =>
    expect(leaves(en).filter(([, text]) => /[가-힣]/.test(text))).toEqual([]));
  test('are Korean for readers of Korean', () => {
    const foreign = leaves(ko).filter(([, text]) => !/[가-힣]/.test(text));
    expect(foreign.map(([path]) => path)).toEqual(['.corrections.history.from']);
  });
});
