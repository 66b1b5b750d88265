import { randomUUID } from 'node:crypto';
import { attendance, attendanceStream, correctDay, type AttendanceEvent } from '../../domain/attendance.ts';
import type { Day } from '../../domain/calendar.ts';
import { challengeStream, everyDay, type Rule, type Season } from '../../domain/challenge.ts';
import { commitStream } from '../../domain/commit-history.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { memberStream } from '../../domain/member.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { execute } from '../../server/event-store/command-handler.ts';
import type { EventStore, Position } from '../../server/event-store/event-store.ts';
import { runAttendanceKeeper } from '../../server/subscribers/attendance-keeper.ts';
import { openSubscriberState, type SubscriberState } from '../../server/subscribers/subscriber-state.ts';
import type { Subscriber } from '../../server/subscribers/subscriber.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { LogBook } from './subscriber-rig.ts';

export const rolling: Season = { kind: 'rolling', days: 100 };
export const fixed: Season = { kind: 'fixed', start: '2025-03-10', days: 100 };

/** A commit's hash from a name a test can read. */
export const shaOf = (name: string): string => Buffer.from(name).toString('hex').padEnd(40, '0').slice(0, 40);

type Saying = { readonly stream: string; readonly event: AlmanacEvent };
/** What the log can say, in one line each. */
export const opened = (challengeId: string, season: Season = rolling, rule: Partial<Rule> = {}): Saying => ({
  stream: challengeStream(challengeId),
  event: {
    type: 'ChallengeOpened',
    data: { challengeId, title: challengeId, timeZone: 'Asia/Seoul', season, rule: { ...everyDay, ...rule } },
  },
});
export const ruleChanged = (challengeId: string, rule: Partial<Rule>): Saying => ({
  stream: challengeStream(challengeId),
  event: { type: 'ChallengeRuleChanged', data: { challengeId, rule: { ...everyDay, ...rule } } },
});
export const revised = (challengeId: string, season: Season): Saying => ({
  stream: challengeStream(challengeId),
  event: {
    type: 'ChallengeRevised',
    data: { challengeId, title: challengeId, season, by: 'local', at: '2025-03-01T00:00:00Z' },
  },
});
export const joined = (challengeId: string, memberId: string): Saying => ({
  stream: challengeStream(challengeId),
  event: { type: 'MemberJoined', data: { challengeId, memberId } },
});
export const left = (challengeId: string, memberId: string): Saying => ({
  stream: challengeStream(challengeId),
  event: { type: 'MemberLeft', data: { challengeId, memberId } },
});
export const closed = (challengeId: string): Saying => ({
  stream: challengeStream(challengeId),
  event: { type: 'ChallengeClosed', data: { challengeId } },
});
export const followed = (challengeId: string, repositoryId: string): Saying => ({
  stream: challengeStream(challengeId),
  event: { type: 'RepositoryFollowed', data: { challengeId, repositoryId } },
});
/** The commit of that name is in this repository too. */
export const alsoIn = (repositoryId: string, memberId: string, at: string, name = at): Saying => ({
  stream: commitStream(memberId, at.slice(0, 7)),
  event: {
    type: 'CommitAlsoObserved',
    data: { memberId, repositoryId, sha: shaOf(name), authoredAt: at, observedAt: '2025-12-31T00:00:00Z' },
  },
});
export const merged = (memberId: string, into: string): Saying => ({
  stream: memberStream(memberId),
  event: { type: 'MemberMerged', data: { memberId, into } },
});
/** @param at author date, UTC; seen at the end of 2025 unless told */
export const commit = (memberId: string, at: string, name = at, observedAt = '2025-12-31T00:00:00Z'): Saying => ({
  stream: commitStream(memberId, at.slice(0, 7)),
  event: {
    type: 'CommitObserved',
    data: {
      memberId,
      repositoryId: 'almanac',
      sha: shaOf(name),
      authoredAt: at,
      authorOffset: 540,
      committedAt: at,
      observedAt,
      message: 'Water the plants',
    },
  },
});

/** A log and the keeper that follows it. Waiting between attempts takes no time. */
export class KeeperRig implements AsyncDisposable {
  readonly store: EventStore;
  readonly state: SubscriberState;
  readonly codec = createCodec();
  #abort = new AbortController();
  #keeper: Subscriber | null = null;

  constructor(store: EventStore = new MemoryEventStore(), state = openSubscriberState(':memory:')) {
    this.store = store;
    this.state = state;
  }

  async write(...events: readonly Saying[]): Promise<void> {
    for (const { stream, event } of events)
      await this.store.append(stream, [this.codec.encode(event, randomUUID())], { expectedRevision: 'any' });
  }

  /** Starts the keeper where it is not running. @param store what the keeper sees, where that is not the log itself */
  start(store: EventStore = this.store): Subscriber {
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
    this.#keeper ??= runAttendanceKeeper({
      store,
      codec: this.codec,
      state: this.state,
      retry: { attempts: 2, firstDelayMs: 1, longestDelayMs: 1 },
      now: Date.now,
      random: () => 1,
      log: new LogBook(),
      signal: this.#abort.signal,
      wait: () => new Promise((resolve) => setImmediate(resolve)),
    });
    return this.#keeper;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#keeper?.stopped;
    this.#keeper = null;
  }

  /** Until the keeper has seen all that is written now. */
  async settle(): Promise<Subscriber> {
    const keeper = this.start();
    const head: Position | null = await this.store.head();
    if (head !== null) await keeper.waitFor(head);
    return keeper;
  }

  /** Writes and lets the keeper see it. */
  async happens(...events: readonly Saying[]): Promise<void> {
    await this.write(...events);
    await this.settle();
  }

  async correct(challengeId: string, memberId: string, day: Day, verdict: 'present' | 'absent', season = rolling) {
    const correction = { day, verdict, reason: 'seen', by: 'organiser' };
    await execute(this.store, this.codec, {
      stream: attendanceStream(challengeId, memberId, season, day),
      aggregate: attendance,
      decide: (state) => correctDay(correction, { challengeId, memberId }, state),
      commandId: randomUUID(),
    });
  }

  /** Attendance as it was written, in the log's order. */
  async attendance(): Promise<(AttendanceEvent & { readonly stream: string })[]> {
    const events: (AttendanceEvent & { readonly stream: string })[] = [];
    for await (const page of this.store.readAll({ filter: { streamPrefixes: ['attendance-'] } }))
      for (const recorded of page) {
        const event = this.codec.decode(recorded);
        if (event?.type === 'AttendanceMarked' || event?.type === 'AttendanceCorrected') events.push(event);
      }
    return events;
  }

  /** `challenge member day` of each mark, sorted. */
  async marks(): Promise<string[]> {
    const marks = (await this.attendance()).filter(({ type }) => type === 'AttendanceMarked');
    return marks.map(({ data }) => `${data.challengeId} ${data.memberId} ${data.day}`).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.state.close();
    await this.store.close();
  }
}
