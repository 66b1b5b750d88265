import { describe, expect, test } from 'vitest';
import { joining, openForJoining } from '../../projections/joining.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const noon = '2026-11-21T12:00:00Z';

describe('challenges open for joining', () => {
  const opened = (challengeId: string): GivenEvent => ({
    type: 'JoiningOpened',
    data: { challengeId, by: 'ada', at: noon },
  });
  const closed = (challengeId: string): GivenEvent => ({
    type: 'JoiningClosed',
    data: { challengeId, by: 'ada', at: noon },
  });
  test('are those that were not closed again, the last opened first', () => {
    const spec = projectionSpec(joining)
      .given([opened('a'), opened('b'), opened('c'), opened('d')])
      .when([closed('b'), { type: 'ChallengeClosed', data: { challengeId: 'c' } }], { numberOfTimes: 2 });
    spec.then({
      open: [
        { challenge_id: 'a', opened: 10 },
        { challenge_id: 'd', opened: 40 },
      ],
    });
    expect(spec.query(openForJoining)).toEqual(['d', 'a']);
    expect(spec.when([opened('a')]).query(openForJoining)).toEqual(['a', 'd']);
    expect(spec.when([opened('b')]).query(openForJoining)).toEqual(['b', 'd', 'a']);
  });
});
