import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Newcomers } from '../../server/collect/github/newcomers.ts';
import type { Collected } from '../../server/collect/github/people.ts';
import { ReadModelUnavailable } from '../../server/read-models/read-model.ts';

const person = (memberId: string, seasons: Collected['seasons'] = []): Collected => ({
  ...{ memberId, login: memberId, accountId: null, seasons },
});
const season = { season: { kind: 'fixed', start: '2025-03-10', days: 100 }, timeZone: 'Asia/Seoul' } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Who is there, what they let be read, and who has been read. */
function community() {
  const now = { people: [person('ada')], reach: new Map<string, string>(), known: new Set(['ada']), isAway: false };
  const collected: string[][] = [];
  const newcomers = new Newcomers({
    people() {
      if (now.isAway) throw new ReadModelUnavailable('It is being rebuilt.');
      return now.people;
    },
    reachOf: ({ memberId }) => now.reach.get(memberId),
    isKnown: ({ memberId }) => now.known.has(memberId),
    collect: (memberIds) => collected.push([...memberIds]),
    onTrouble(_message, error) {
      throw error;
    },
  });
  return {
    now,
    newcomers,
    /** Looks, as often as something has changed. @returns who is to be read */
    look(times = 1): string[][] {
      for (let time = 0; time < times; time += 1) newcomers.look();
      vi.runAllTimers();
      return collected.splice(0);
    },
  };
}

describe('is read soon', () => {
  test('who comes, once, however much changes at once', () => {
    const { now, look } = community();
    now.people.push(person('bo'));
    expect(look(5)).toEqual([['bo']]);
    expect(look()).toEqual([]);
  });

  test('who takes part in another season, or lets more be read', () => {
    const { now, look } = community();
    look();
    now.people = [person('ada', [season])];
    expect(look()).toEqual([['ada']]);
    now.reach.set('ada', 'a private repository');
    expect(look()).toEqual([['ada']]);
  });
});

test('who is there cannot be known for a while: they are read as soon as it can', () => {
  const { now, newcomers, look } = community();
  now.people.push(person('bo'));
  now.isAway = true;
  newcomers.look();
  vi.advanceTimersByTime(60_000);
  now.isAway = false;
  expect(look()).toEqual([['bo']]);
});

describe('is left for the hour', () => {
  test('whoever was read before this server began', () => {
    const { look } = community();
    expect(look()).toEqual([]);
  });

  test('whatever comes after the end', () => {
    const { now, newcomers, look } = community();
    now.people.push(person('bo'));
    newcomers.look();
    newcomers[Symbol.dispose]();
    expect(look()).toEqual([]);
  });
});
