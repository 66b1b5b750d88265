import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CheerRefused,
  cheers,
  cheerStream,
  LONGEST_CHEER,
  MOST_CHEERS_A_DAY,
  postCheer,
  removeCheer,
  type CheerEvent,
  type CheerInput,
  type CheerRefusal,
  type Remover,
} from '../../domain/cheer.ts';
import { decisionsOf, fold } from '../support/decision-spec.ts';

const { given } = decisionsOf(cheers);
const at = '2025-03-20T12:00:00Z';
const later = '2025-03-21T12:00:00Z';
const input: CheerInput = {
  ...{ memberId: 'kim', cheerId: 'c1', to: 'lee', text: '오늘도 물을 주셨네요!', emoji: '🌱', at },
};
const posted = (change: Partial<CheerInput> = {}): CheerEvent => ({
  type: 'CheerPosted',
  data: { ...input, ...change },
});
const remover = (change: Partial<Remover> = {}): Remover => ({
  ...{ cheerId: 'c1', by: 'kim', asking: new Set(['kim']), admin: false, at: later },
  ...change,
});
const removed = (by: string): CheerEvent => ({
  type: 'CheerRemoved',
  data: { memberId: 'kim', cheerId: 'c1', to: 'lee', by, at: later },
});
const refusalOf = (decide: () => unknown): CheerRefusal | null => {
  try {
    decide();
    return null;
  } catch (error) {
    if (error instanceof CheerRefused) return error.reason;
    throw error;
  }
};
const posting = (change: Partial<CheerInput>, today = 0) =>
  refusalOf(() => postCheer({ ...input, ...change }, today, cheers.initial));

describe('a cheer', () => {
  test('is posted once', () =>
    given([])
      .when((state) => postCheer(input, 0, state))
      .then([posted()]));
  test('is for somebody else', () => expect(posting({ to: 'kim' })).toBe('oneself'));
  test('has something to say, and not too much', () => {
    expect(posting({ text: ' \u200f\n ' })).toBe('empty');
    expect(posting({ text: '가'.repeat(LONGEST_CHEER) })).toBeNull();
    expect(posting({ text: '가'.repeat(LONGEST_CHEER + 1) })).toBe('too-long');
  });
  test('comes at most so often a day', () => {
    expect(posting({}, MOST_CHEERS_A_DAY - 1)).toBeNull();
    expect(posting({}, MOST_CHEERS_A_DAY)).toBe('too-many');
  });
  test('keeps its lines, and nothing that turns other texts around', () =>
    given([])
      .when((state) => postCheer({ ...input, text: 'well\u202e \r\n\n\n\ndone\u0007' }, 0, state))
      .then([posted({ text: 'well \n\ndone' })]));
  test('stands in the stream of its month and recipient', () =>
    expect(cheerStream('lee', at)).toBe('cheers-lee-2025-03'));
  test('whatever is written, what is kept fits the event', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (text) => {
        const events = (() => {
          try {
            return postCheer({ ...input, text }, 0, cheers.initial);
          } catch {
            return [];
          }
        })();
        for (const { data } of events)
          if ('text' in data) {
            expect(data.text.length).toBeGreaterThan(0);
            expect(data.text.length).toBeLessThanOrEqual(LONGEST_CHEER);
            expect(data.text.isWellFormed()).toBe(true);
          }
      }),
    ));
});

describe('taking a cheer away', () => {
  test.each([
    ['its author', remover(), 'kim'],
    ['whom it was written to', remover({ by: 'lee', asking: new Set(['lee']) }), 'lee'],
    ['who they were known as before', remover({ by: 'new', asking: new Set(['new', 'kim']) }), 'new'],
    ['an admin', remover({ by: 'local', asking: new Set(), admin: true }), 'local'],
  ])('is for %s, once', (_who, asked, by) => {
    given([posted()])
      .when((state) => removeCheer(asked, state))
      .then([removed(by)]);
    given([posted(), removed(by)])
      .when((state) => removeCheer(asked, state))
      .thenNothing();
  });
  test('is for nobody else', () => {
    const state = () => fold(cheers, [posted()]);
    expect(refusalOf(() => removeCheer(remover({ by: 'x', asking: new Set(['x']) }), state()))).toBe('not-yours');
    expect(refusalOf(() => removeCheer(remover({ by: 'k', asking: new Set() }), state()))).toBe('not-yours');
    expect(refusalOf(() => removeCheer(remover({ cheerId: 'c2' }), state()))).toBe('unknown');
  });
});
