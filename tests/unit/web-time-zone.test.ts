import { expect, test } from 'vitest';
import type { ChallengeView, StatusView } from '../../server/api/views.ts';
import { shownTimeZone } from '../../web/src/lib/site/time-zone.ts';

const challenges = [
  { id: 'seoul', timeZone: 'Asia/Seoul' },
  { id: 'berlin', timeZone: 'Europe/Berlin' },
] as ChallengeView[];
const status = (defaultChallenge: string | null) => ({ defaultChallenge, timeZone: 'Asia/Tokyo' }) as StatusView;

test.each([
  ['the challenge asked for', 'berlin', status('seoul'), challenges, 'Europe/Berlin'],
  ['the default one', null, status('berlin'), challenges, 'Europe/Berlin'],
  ['the default one instead of one that does not exist', 'rome', status('berlin'), challenges, 'Europe/Berlin'],
  ['the server where there is no challenge', null, status(null), [], 'Asia/Tokyo'],
  ['Almanac where the server does not answer', null, null, null, 'Asia/Seoul'],
])('times are written in the zone of %s', (_of, wanted, known, all, zone) => {
  expect(shownTimeZone({ status: known, challenges: all }, wanted)).toBe(zone);
});
