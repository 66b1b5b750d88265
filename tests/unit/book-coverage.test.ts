import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DayState } from '../../domain/attendance.ts';
import { everyDay } from '../../domain/challenge.ts';
import { attendanceBook } from '../../projections/attendance-book.ts';
import { findChallenge, readBook } from '../../projections/attendance-book-queries.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

/** Whatever is read, fails, comes late, is decided and heals, in whatever order: the book says what a list of what happened says. */

const challengeId = 'ten';
const MEMBERS = ['ada', 'bo', 'cy'] as const;
const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
/** 2025-03-10 00:00 in Seoul; days of the season are numbered from 0. */
const START = Date.parse('2025-03-10T00:00:00+09:00') / 1000;
const DAYS = 10;
/** What is asked for begins so much before the first day that is wanted: committer dates are moved. */
const MARGIN_S = 48 * HOUR_S;

const dateOf = (day: number) => new Date(Date.UTC(2025, 2, 10 + day)).toISOString().slice(0, 10);
const instantOf = (seconds: number) => new Date(seconds * 1000).toISOString();
const dayAt = (seconds: number) => Math.floor((seconds - START) / DAY_S);

type Member = (typeof MEMBERS)[number];
type Step =
  | { do: 'wait'; hours: number }
  | { do: 'push'; who: Member; daysAgo: number }
  /** `daysBack`: from which day on commits are asked for; null: from the first of the season. */
  | { do: 'read'; who: Member; daysBack: number | null }
  | { do: 'fail'; who: Member; sees: boolean }
  | { do: 'correct'; who: Member; day: number; verdict: 'present' | 'absent' }
  | { do: 'excuse'; who: Member; day: number }
  | { do: 'withdraw'; who: Member; day: number }
  | { do: 'join'; who: Member; from: number | null }
  | { do: 'leave'; who: Member };

type Deciding = Extract<Step, { do: 'correct' | 'excuse' | 'withdraw' }>;

/** What happened, as a list that is gone through from the start for every question. */
class World {
  readonly events: GivenEvent[] = [
    {
      type: 'ChallengeOpened',
      data: {
        ...{ challengeId, title: 'ten', timeZone: 'Asia/Seoul', rule: { ...everyDay, excusedDays: DAYS } },
        season: { kind: 'fixed', start: dateOf(0), days: DAYS },
      },
    },
    ...MEMBERS.map((memberId): GivenEvent => ({
      type: 'MemberRegistered',
      data: { memberId, handle: memberId, name: memberId, bot: false },
    })),
  ];
  now = START;
  /** Days whose commits anybody can see at GitHub. */
  readonly pushed: { who: Member; day: number; seen: boolean }[] = [];
  readonly #done: (Step & { now: number })[] = [];

  take(step: Step): void {
    this.#done.push({ ...step, now: this.now });
    if (step.do === 'wait') this.now += step.hours * HOUR_S;
    else if (step.do === 'push') this.#push(step);
    else if (step.do === 'read') this.#read(step);
    else if (step.do === 'fail') this.#fail(step);
    else if (step.do === 'join') this.#join(step);
    else if (step.do === 'leave') this.#say('MemberLeft', { challengeId, memberId: step.who });
    else this.#decide(step);
  }

  #say(type: string, data: object): void {
    this.events.push({ type, data } as GivenEvent);
  }

  #push({ who, daysAgo }: Extract<Step, { do: 'push' }>): void {
    this.pushed.push({ who, day: dayAt(this.now) - daysAgo, seen: false });
  }

  /** What is found is marked before it is said that everything was read. */
  #mark(who: Member, from: number): void {
    for (const one of this.pushed) {
      if (one.who !== who || one.seen || one.day < from) continue;
      one.seen = true;
      if (one.day < 0 || one.day >= DAYS) continue;
      this.#say('AttendanceMarked', { challengeId, memberId: who, day: dateOf(one.day), evidence: 'a'.repeat(40) });
    }
  }

  #read({ who, daysBack }: Extract<Step, { do: 'read' }>): void {
    const first = daysBack === null ? 0 : dayAt(this.now) - daysBack;
    this.#mark(who, first);
    const from = instantOf(START + first * DAY_S - MARGIN_S);
    const through = instantOf(this.now);
    this.#say('CollectionCompleted', { source: 'github', sourceId: who, through, from, observed: 0 });
  }

  #fail({ who, sees }: Extract<Step, { do: 'fail' }>): void {
    if (sees) this.#mark(who, 0);
    const failure = { at: instantOf(this.now), reason: 'unavailable', message: 'GitHub is in trouble.' };
    this.#say('CollectionFailed', { source: 'github', sourceId: who, ...failure });
  }

  #join({ who, from }: Extract<Step, { do: 'join' }>): void {
    this.#say('MemberJoined', { challengeId, memberId: who, ...(from !== null && { from: dateOf(from) }) });
  }

  #decide(step: Deciding): void {
    const place = { challengeId, memberId: step.who, day: dateOf(step.day), by: 'local' };
    if (step.do === 'excuse') this.#say('DayExcused', { ...place, reason: 'ill' });
    else if (step.do !== 'correct') this.#say('ExcuseWithdrawn', place);
    else this.#say('AttendanceCorrected', { ...place, verdict: step.verdict, previous: 'none', reason: 'so' });
  }

  #last<Kind extends Step['do']>(who: Member, ...kinds: Kind[]) {
    const is = (step: Step): step is Extract<Step, { do: Kind }> => kinds.some((kind) => kind === step.do);
    return this.#done.filter((step) => 'who' in step && step.who === who).findLast(is);
  }

  /** What each day of somebody is; null: they are not in the book. */
  states(who: Member): DayState[] | null {
    const joined = this.#last(who, 'join', 'leave');
    if (joined?.do !== 'join') return null;
    return Array.from({ length: DAYS }, (_, day) => this.#state(who, day, joined.from ?? 0));
  }

  #state(who: Member, day: number, from: number): DayState {
    const today = dayAt(this.now);
    if (day < from || day > today) return 'outside';
    const decided = this.#done.filter((step) => 'day' in step && step.who === who && step.day === day) as Extract<
      Step,
      { day: number }
    >[];
    const corrected = decided.findLast((step) => step.do === 'correct');
    if (corrected?.do === 'correct') return corrected.verdict;
    if (this.pushed.some((one) => one.who === who && one.day === day && one.seen)) return 'present';
    if (decided.findLast((step) => step.do !== 'correct')?.do === 'excuse') return 'excused';
    const reading = this.#last(who, 'read', 'fail');
    if (day === today) return reading?.do === 'read' ? 'not yet' : 'unknown';
    const whole = this.#last(who, 'read') as (Extract<Step, { do: 'read' }> & { now: number }) | undefined;
    if (!whole || day >= dayAt(whole.now)) return 'unknown';
    const first = whole.daysBack === null ? 0 : dayAt(whole.now) - whole.daysBack;
    return day >= first ? 'absent' : 'unknown';
  }
}

const who = fc.constantFrom(...MEMBERS);
const day = fc.integer({ min: 0, max: DAYS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('push' as const), who, daysAgo: fc.integer({ min: -1, max: 4 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      who,
      daysBack: fc.option(fc.integer({ min: 0, max: 3 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fail' as const), who, sees: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('correct' as const),
      who,
      day,
      verdict: fc.constantFrom('present' as const, 'absent' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('excuse' as const), who, day }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), who, day }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), who, from: fc.option(day) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
);
const steps = fc.array(step, { minLength: 5, maxLength: 60 });

/** Everybody in the book with their days, by handle. */
const shown = (world: World) =>
  projectionSpec(attendanceBook)
    .given(world.events)
    .query((model) => {
      const challenge = findChallenge(model, challengeId, world.now);
      const members = challenge ? readBook(model, challenge).members : [];
      return Object.fromEntries(members.map(({ handle, states }) => [handle, states]));
    });

describe('the days of a season whose members are read one by one', () => {
  test('are what the list of what happened says', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const world = new World();
        for (const who of MEMBERS) world.take({ do: 'join', who, from: null });
        for (const one of taken) world.take(one);
        const expected = MEMBERS.flatMap((who) => {
          const states = world.states(who);
          return states ? [[who, states] as const] : [];
        });
        expect(shown(world)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 600 },
    );
  });

  test('are never called missed when a commit of theirs was there to be seen by a reading that looked for it', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(...MEMBERS), (taken, who) => {
        const world = new World();
        world.take({ do: 'join', who, from: null });
        for (const one of taken) if (one.do !== 'correct' && one.do !== 'leave') world.take(one);
        world.take({ do: 'read', who, daysBack: null });
        world.now += 3 * DAY_S;
        const states = shown(world)[who] ?? [];
        const attended = world.pushed.filter((one) => one.who === who && one.day >= 0).map((one) => one.day);
        const missed = attended.filter((one) => states[one] === 'absent');
        expect(missed).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
