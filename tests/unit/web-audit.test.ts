import { describe, expect, test } from 'vitest';
import { auditSentence } from '../../web/src/lib/admin/audit-sentence.ts';
import { identity as en } from '../../web/src/lib/i18n/identity.en.ts';
import { identity as ko } from '../../web/src/lib/i18n/identity.ko.ts';
import { asObject, asRole, asSubject } from '../../web/src/lib/i18n/particles.ts';
import { audited } from '../../projections/audit-trail.ts';
import type { AuditView } from '../../server/api/views.ts';

const SOMEBODY = '0198f3a2-5f0c-7c11-8a00-6d3a5e1f2b3c';
const titles = new Map([['season', '가을 정원']]);
const said = (words: typeof ko) => ({
  words,
  states: words === ko ? { present: '출석', absent: '미출석' } : { present: 'present', absent: 'absent' },
  day: (day: string) => day,
  titles,
});
const entry = (action: string, facts: Partial<AuditView> = {}): AuditView => ({
  position: 1,
  at: '2026-11-21T21:00:00Z',
  actor: 'mona',
  action,
  subject: 'haneul',
  detail: {},
  ...facts,
});

describe('the audit trail reads as sentences', () => {
  test.each([
    [entry('MemberInvited', { detail: { role: 'admin' } }), 'mona invited haneul as Admin.'],
    [
      entry('RoleChanged', { actor: 'local', detail: { role: 'owner' } }),
      'The owner at this computer changed the role of haneul to Owner.',
    ],
    [
      entry('AccessGranted', { actor: 'challenge:season', detail: { role: 'member' } }),
      'The season 가을 정원, open for joining, let haneul in as Member.',
    ],
    [
      entry('SessionRevoked', { subject: 'mona', detail: { reason: 'sign-out' } }),
      'mona ended a session of their own (signed out).',
    ],
    [
      entry('MemberErased', { actor: 'mona', subject: SOMEBODY }),
      'mona erased everything personal of somebody erased.',
    ],
    [
      entry('MemberMerged', { subject: SOMEBODY, detail: { into: 'haneul' } }),
      'mona joined somebody known by commits to haneul.',
    ],
    [entry('ApiKeyIssued', { detail: { scopes: ['read', 'log:write'] } }), 'mona made an API key (Read, Write logs).'],
    [
      entry('JoiningOpened', { actor: 'key:0a1b', subject: null, detail: { challengeId: 'season' } }),
      'A program with the API key 0a1b opened 가을 정원 for joining.',
    ],
    [
      entry('AttendanceCorrected', { detail: { day: '2026-11-20', verdict: 'present' } }),
      'mona corrected the attendance of haneul on 2026-11-20 to present.',
    ],
    [entry('TokenConnected', { subject: 'mona', detail: { scopes: [] } }), 'mona connected GitHub (public data only).'],
    [entry('MemberJoined', { detail: { challengeId: 'season' } }), 'mona entered haneul into 가을 정원.'],
    [entry('MemberLeft', { actor: 'haneul', detail: { challengeId: 'season' } }), 'haneul left 가을 정원.'],
    [
      entry('ChallengeClosed', { actor: 'local', subject: null, detail: { challengeId: 'season' } }),
      'The owner at this computer closed 가을 정원.',
    ],
    [entry('DayExcused', { actor: 'haneul', detail: { day: '2026-11-20' } }), 'haneul took 2026-11-20 off.'],
    [entry('OrchardPlanted', { subject: null }), 'mona: OrchardPlanted (somebody)'],
  ])('in English: %#', (given, sentence) => expect(auditSentence(given, said(en))).toBe(sentence));

  test.each([
    [entry('MemberInvited', { detail: { role: 'admin' } }), 'mona 님이 haneul 님을 관리자로 초대했습니다.'],
    [
      entry('RoleChanged', { actor: 'local', detail: { role: 'owner' } }),
      '이 컴퓨터의 소유자가 haneul 님의 역할을 소유자로 바꾸었습니다.',
    ],
    [
      entry('SessionRevoked', { subject: 'mona', detail: { reason: 'sign-out' } }),
      'mona 님이 자신을 로그아웃시켰습니다(로그아웃).',
    ],
    [
      entry('AttendanceCorrected', { detail: { day: '11월 20일', verdict: 'present' } }),
      'mona 님이 haneul 님의 11월 20일을 출석으로 고쳤습니다.',
    ],
    [entry('MemberErased', { actor: SOMEBODY, subject: SOMEBODY }), '지워진 사람이 자신의 정보를 모두 지웠습니다.'],
  ])('in Korean: %#', (given, sentence) => expect(auditSentence(given, said(ko))).toBe(sentence));

  test.each(Object.keys(audited))('%s has a sentence of its own in both languages', (action) => {
    for (const words of [ko, en]) expect(words.audit.sentences).toHaveProperty(action);
  });
});

test('Korean particles follow the ending of the word', () => {
  expect([asSubject('사람'), asSubject('소유자'), asSubject('mona')]).toEqual(['사람이', '소유자가', 'mona가']);
  expect([asObject('출석'), asObject('커밋 수')]).toEqual(['출석을', '커밋 수를']);
  expect([asSubject('시즌 11'), asSubject('‘시즌 12’'), asObject('시즌 10')]).toEqual([
    ...['시즌 11이', '‘시즌 12’가', '시즌 10을'],
  ]);
  expect([asRole('관리자'), asRole('출석'), asRole('일')]).toEqual(['관리자로', '출석으로', '일로']);
});

describe('the words of identity', () => {
  const texts = (words: object): string[] =>
    Object.values(words).flatMap((word: unknown) => {
      if (typeof word === 'object' && word !== null) return texts(word);
      return typeof word === 'function'
        ? [String((word as (...names: string[]) => string)('x', 'y', 'z', 'w'))]
        : [String(word)];
    });
  const leaves = (words: object, path = ''): string[] =>
    Object.entries(words).flatMap(([key, word]: [string, unknown]) =>
      typeof word === 'object' && word !== null ? leaves(word, `${path}.${key}`) : [`${path}.${key}`],
    );

  test('are the same in both languages', () => expect(leaves(en)).toEqual(leaves(ko)));
  test('are not left in Korean for readers of English', () =>
    expect(texts(en).filter((text) => /[가-힣]/.test(text))).toEqual([]));
  test('are Korean for readers of Korean', () => {
    const foreign = texts(ko).filter((text) => !/[가-힣]/.test(text));
    expect(foreign).toEqual(['GitHub', 'x', 'x: z (y)']);
  });
});
