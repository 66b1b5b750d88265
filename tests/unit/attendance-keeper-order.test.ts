import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  closed,
  commit,
  fixed,
  joined,
  KeeperRig,
  left,
  merged,
  opened,
  rolling,
  ruleChanged,
} from '../support/keeper-rig.ts';

const MEMBERS = ['ada', 'bo', 'cy', 'dee', 'eve'];
const start = Date.parse('2025-03-08T00:00:00Z') / 1000;
const instant = (second: number) => new Date((start + second) * 1000).toISOString().replace('.000Z', 'Z');

type Observed = { member: number; at: number; seen: number; name: number };
type History = {
  zone: string;
  season: typeof rolling | typeof fixed;
  /** Rules that grow easier: marks are never taken away, so a harder one in between leaves what was before it. */
  rules: number[];
  joining: number[];
  /** Of each member: whom they turn out to be, always somebody later in the list; null for nobody. */
  mergers: (number | null)[];
  commits: Observed[];
};

const history: fc.Arbitrary<History> = fc.record({
  zone: fc.constantFrom('Asia/Seoul', 'America/New_York'),
  season: fc.constantFrom(rolling, fixed),
  rules: fc
    .uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })
    .map((all) => all.sort((a, b) => b - a)),
  joining: fc.subarray(MEMBERS.map((_, index) => index)),
  mergers: fc
    .tuple(...MEMBERS.map(() => fc.nat({ max: 2 * MEMBERS.length })))
    .map((all) => all.map((into, member) => (into > member && into < MEMBERS.length ? into : null))),
  commits: fc.array(
    fc.record({
      member: fc.nat({ max: MEMBERS.length - 1 }),
      at: fc.nat({ max: 5 * 86_400 }),
      seen: fc.integer({ min: -86_400, max: 7 * 86_400 }),
      name: fc.nat({ max: 1_000 }),
    }),
    { maxLength: 25 },
  ),
});

const memberAt = (index: number) => MEMBERS[index] ?? 'nobody';
const personOf = (index: number, mergers: History['mergers']): number => {
  const into = mergers[index] ?? null;
  return into === null ? index : personOf(into, mergers);
};
const dayIn = (zone: string, instant: number) =>
  Temporal.Instant.fromEpochMilliseconds(instant * 1000)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString();

/** What the facts come to, whatever their order: counted by hand. */
function expectedMarks({ zone, season, rules, joining, mergers, commits }: History): string[] {
  const needed = Math.min(...rules);
  const participants = new Set(joining.map((member) => personOf(member, mergers)));
  const shas = new Map<string, Set<number>>();
  for (const { member, at, seen, name } of commits) {
    const person = personOf(member, mergers);
    const day = dayIn(zone, start + at);
    const admitted = season.kind === 'fixed' ? day >= '2025-03-10' : day <= dayIn(zone, start + at + seen);
    if (!participants.has(person) || !admitted) continue;
    const mark = `c ${memberAt(person)} ${day}`;
    shas.set(mark, (shas.get(mark) ?? new Set()).add(name));
  }
  return [...shas].flatMap(([mark, names]) => (names.size >= needed ? [mark] : [])).sort();
}

type Saying = ReturnType<typeof commit>;
/** The streams of the history, each with its events in their own order. */
function streamsOf({ zone, season, rules, joining, mergers, commits }: History): Saying[][] {
  const [first = 1, ...easier] = rules;
  const opening = opened('c', season, { commitsPerDay: first });
  if (opening.event.type === 'ChallengeOpened') Object.assign(opening.event.data, { timeZone: zone });
  const changes = easier.map((commitsPerDay) => ruleChanged('c', { commitsPerDay }));
  const joins = joining.map((member) => joined('c', memberAt(member)));
  const challenge = [opening, ...joins.slice(0, 2), ...changes, ...joins.slice(2)];
  const merging = mergers.flatMap((into, member) =>
    into === null ? [] : [[merged(memberAt(member), memberAt(into))]],
  );
  const observed = commits.map(({ member, at, seen, name }) => [
    commit(memberAt(member), instant(at), String(name), instant(at + seen)),
  ]);
  return [challenge, ...merging, ...observed];
}

/** The streams mixed into one order, each keeping its own. */
function mixed(streams: Saying[][], next: () => number): Saying[] {
  const waiting = streams.map((stream) => [...stream]).filter((stream) => stream.length > 0);
  const order: Saying[] = [];
  while (waiting.length > 0) {
    const index = next() % waiting.length;
    const stream = waiting[index]!;
    order.push(stream.shift()!);
    if (stream.length === 0) waiting.splice(index, 1);
  }
  return order;
}

/** Marks when the keeper looks, is stopped, or is just there, after each event as `next` says. */
async function marksWhen(order: Saying[], next: () => number): Promise<string[]> {
  await using rig = new KeeperRig();
  for (const event of order) {
    await rig.write(event);
    const step = next() % 8;
    if (step === 0) await rig.stop();
    if (step <= 2) await rig.settle();
    if (step === 3) rig.start();
  }
  const keeper = await rig.settle();
  expect(keeper.status()).toMatchObject({ parked: 0, lastError: null });
  return rig.marks();
}

/** What was marked for a member who turned out to be another is history; the person's own marks are what counts. */
const ofPeople = (marks: string[], mergers: History['mergers']) =>
  marks.filter((mark) => (mergers[MEMBERS.indexOf(mark.split(' ')[1] ?? '')] ?? null) === null);

const choices = fc.infiniteStream(fc.nat({ max: 10_000 }));

test('any order of challenge, joining, merging and commits gives the same marks', { timeout: 90_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, choices, async (facts, stream) => {
      const next = () => stream.next().value;
      const marks = await marksWhen(mixed(streamsOf(facts), next), next);
      expect(ofPeople(marks, facts.mergers)).toEqual(expectedMarks(facts));
    }),
    { numRuns: 100 },
  );
});

test(
  'also leaving, closing and harder rules: it makes no difference when the keeper looks',
  { timeout: 90_000 },
  async () => {
    const member = fc.constantFrom(...MEMBERS);
    const happening = fc.oneof(
      member.map((name) => left('c', name)),
      member.map((name) => joined('c', name)),
      fc.integer({ min: 1, max: 3 }).map((commitsPerDay) => ruleChanged('c', { commitsPerDay })),
      { arbitrary: fc.constant(closed('c')), weight: 1 },
    );
    await fc.assert(
      fc.asyncProperty(history, fc.array(happening, { maxLength: 8 }), choices, async (facts, happenings, stream) => {
        const next = () => stream.next().value;
        const [challenge = [], ...others] = streamsOf(facts);
        const order = mixed([[...challenge, ...happenings], ...others], next);
        const whenever = await marksWhen(order, next);
        const afterEachEvent = await marksWhen(order, () => 1);
        expect(ofPeople(whenever, facts.mergers)).toEqual(ofPeople(afterEachEvent, facts.mergers));
      }),
      { numRuns: 100 },
    );
  },
);
