import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  collection,
  completeCollection,
  discoverRepository,
  discovery,
  failCollection,
  registerRepository,
  repository,
  type Collection,
  type Registration,
} from '../../domain/repository.ts';

const almanac: Registration = { repositoryId: 'r', name: 'almanac', source: 'local-git', location: '/src/almanac' };
const source = { source: 'local-git', sourceId: 'r' } as const;
const reading = { ...source, through: '2025-03-10T14:00:00Z', observed: 0, timeZone: 'Asia/Seoul' };
const failure = { ...source, at: '2025-03-10T14:00:00Z', reason: 'missing', message: 'gone' } as const;
const completed = (through: string): Collection => ({ status: 'completed', through });

describe('registering a repository', () => {
  test('happens once', () => {
    const events = registerRepository(almanac, null);
    expect(events).toEqual([{ type: 'RepositoryRegistered', data: almanac }]);
    expect(registerRepository(almanac, events.reduce(repository.evolve, null))).toEqual([]);
  });
  test('is said again under another name', () => {
    expect(registerRepository({ ...almanac, name: 'journal' }, almanac)).toHaveLength(1);
  });
});

describe('a completed collection', () => {
  test('is said the first time, even when the repository is empty', () => {
    expect(completeCollection(reading, collection.initial)).toEqual([
      { type: 'CollectionCompleted', data: { ...source, through: reading.through, observed: 0 } },
    ]);
  });
  test('is said when something was found', () => {
    expect(completeCollection({ ...reading, observed: 3 }, completed('2025-03-10T13:59:00Z'))).toHaveLength(1);
  });
  test('is said when a failure healed', () => {
    expect(completeCollection(reading, { status: 'failed', reason: 'missing' })).toHaveLength(1);
  });
  test('is not said when nothing was found on the same local day', () => {
    expect(completeCollection(reading, completed('2025-03-10T00:00:00Z'))).toEqual([]);
  });
  test('is said once the local day is over: 15:00 UTC is midnight in Seoul', () => {
    const midnight = { ...reading, through: '2025-03-10T15:00:00Z' };
    expect(completeCollection(midnight, completed(reading.through))).toHaveLength(1);
    expect(completeCollection({ ...midnight, timeZone: 'UTC' }, completed(reading.through))).toEqual([]);
  });
  test('is said when it reaches further back: those days were not looked for before', () => {
    const before: Collection = { status: 'completed', through: '2025-03-10T13:59:00Z', from: '2025-03-08T00:00:00Z' };
    expect(completeCollection({ ...reading, from: '2025-03-07T23:59:59Z' }, before)).toHaveLength(1);
    expect(completeCollection(reading, before)).toHaveLength(1);
    expect(completeCollection({ ...reading, from: '2025-03-08T00:00:00.000Z' }, before)).toEqual([]);
    expect(completeCollection({ ...reading, from: '2025-03-09T00:00:00Z' }, before)).toEqual([]);
  });
  test('is not said when a clock was set back', () => {
    expect(completeCollection(reading, completed('2025-03-12T00:00:00Z'))).toEqual([]);
  });
});

describe('what was found at GitHub', () => {
  const found = {
    memberId: 'kim',
    repositoryId: 'g',
    githubId: 7,
    name: 'kim/garden',
    private: false,
    at: '2025-03-10T14:00:00Z',
  };
  const after = (state: typeof discovery.initial, input: typeof found) =>
    discoverRepository(input, state).reduce(discovery.evolve, state);

  test('is said once, and again when it is called otherwise', () => {
    const known = after(null, found);
    expect(known).toEqual(found);
    expect(discoverRepository({ ...found, at: '2025-03-11T00:00:00Z' }, known)).toEqual([]);
    expect(after(known, { ...found, name: 'kim/orchard' })).toMatchObject({ name: 'kim/orchard' });
  });
  test('has no name while it is private', () => {
    const hidden = after(after(null, found), { ...found, private: true });
    expect(hidden).toMatchObject({ name: null, private: true });
    expect(discoverRepository({ ...found, private: true, name: 'kim/other' }, hidden)).toEqual([]);
    expect(after(hidden, found)).toMatchObject({ name: 'kim/garden', private: false });
  });
});

describe('a failed collection', () => {
  test('is said when the reason is new', () => {
    expect(failCollection(failure, completed(reading.through))).toEqual([{ type: 'CollectionFailed', data: failure }]);
    expect(failCollection(failure, { status: 'failed', reason: 'unreadable' })).toHaveLength(1);
  });
  test('that goes on is not said again', () => {
    expect(failCollection({ ...failure, at: '2025-03-11T00:00:00Z' }, { status: 'failed', reason: 'missing' })).toEqual(
      [],
    );
  });
});

test('deciding the same again says nothing', () => {
  const instant = fc
    .integer({ min: 0, max: 4e9 })
    .map((seconds) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toString());
  const completion = fc.record({
    source: fc.constant(source.source),
    sourceId: fc.constant('r'),
    through: instant,
    observed: fc.nat(3),
    timeZone: fc.constantFrom('UTC', 'Asia/Seoul', 'America/New_York'),
  });
  const failed = fc.record({
    source: fc.constant(source.source),
    sourceId: fc.constant('r'),
    at: instant,
    reason: fc.constantFrom('missing', 'unreadable', 'timeout'),
    message: fc.string(),
  });
  const decisions = fc.oneof(
    completion.map((input) => (state: Collection) => completeCollection(input, state)),
    failed.map((input) => (state: Collection) => failCollection(input as typeof failure, state)),
  );
  fc.assert(
    fc.property(fc.array(decisions, { minLength: 1 }), (sequence) => {
      let state = collection.initial;
      for (const decide of sequence) {
        state = decide(state).reduce(collection.evolve, state);
        expect(decide(state)).toEqual([]);
      }
    }),
  );
});
