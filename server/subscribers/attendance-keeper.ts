import { attendance, attendanceStream, markDays, type Attendance, type DayEvidence } from '../../domain/attendance.ts';
import { attendedDays, monthsOf, monthsOfSeason, type CommitEvidence } from '../../domain/attended-days.ts';
import { dayOf, type Day } from '../../domain/calendar.ts';
import type { OpenChallenge } from '../../domain/challenge.ts';
import type { Recorded } from '../../domain/event-registry.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute, load } from '../event-store/command-handler.ts';
import { StoreUnavailable, type EventStore, type Position, type RecordedEvent } from '../event-store/event-store.ts';
import { RememberedStates } from '../event-store/remembered-states.ts';
import { AttendanceRoster, rosterStreams } from './attendance-roster.ts';
import { CommitReader, commitStreams } from './commit-reader.ts';
import { inParallel } from '../in-parallel.ts';
import { runSubscriber, type Subscriber, type SubscriberOptions } from './subscriber.ts';
import { Turns } from './turns.ts';

const isOutage = (failure: unknown) => failure instanceof StoreUnavailable;
/** Enough for the store to write many appends with one flush to the disk. */
const STREAMS_AT_ONCE = 64;
/** The more events are looked at together, the fewer appends they become: the log of a large repository is in one go. */
const EVENTS_AT_ONCE = 20_000;
/** Some megabytes: a season's verdicts each. */
const STREAMS_REMEMBERED = 1_000;
/** A mark has about 300 bytes, an append at most a megabyte. */
const DAYS_AN_APPEND = 1_000;

/**
 * Marks the days on which a member's commits reach the rule of a challenge they have joined. The marks depend on what is in
 * the log, not on the order in which it got there: who joins, merges or meets a new rule is looked at again from the start.
 * Losing the checkpoint does no harm, since a day that is marked, or decided by an organiser, is left alone.
 */
export const runAttendanceKeeper = (
  options: Omit<SubscriberOptions, 'name' | 'filter' | 'handle' | 'prepare' | 'batchSize'>,
): Subscriber => {
  // It reads no message: none is opened for it.
  const codec = { ...options.codec, decode: options.codec.decodeForRows };
  const given = { ...options, codec };
  const keeper = new AttendanceKeeper(given);
  return runSubscriber({
    ...given,
    name: 'attendance-keeper',
    filter: { streamPrefixes: [...rosterStreams, commitStreams] },
    batchSize: EVENTS_AT_ONCE,
    prepare: (through) => keeper.prepare(through),
    handle: (events, signal) => keeper.handle(events, signal),
  });
};

/** What a batch of events asks to be looked at for one person. */
type Task = {
  readonly person: string;
  /** Commits of this batch. */
  readonly commits: CommitEvidence[];
  /** Challenges in which also all earlier commits are to be looked at again. */
  readonly reviews: Set<string>;
  /** The last event of this batch. */
  readonly through: Position;
};

class AttendanceKeeper {
  readonly #log: SubscriberOptions['log'];
  readonly #store: EventStore;
  readonly #codec: Codec;
  readonly #turns = new Turns();
  // A mark stays for ever, so a state of the past never keeps a day from being marked.
  readonly #remembered = new RememberedStates<Attendance>(STREAMS_REMEMBERED);
  #roster = new AttendanceRoster();
  #commits: CommitReader;

  constructor({ store, codec, log }: Pick<SubscriberOptions, 'store' | 'codec' | 'log'>) {
    this.#log = log;
    this.#store = store;
    this.#codec = codec;
    this.#commits = new CommitReader(store, codec, this.#turns, true);
  }

  async prepare(through: Position | null): Promise<void> {
    this.#roster = new AttendanceRoster();
    this.#commits = new CommitReader(this.#store, this.#codec, this.#turns, through === null);
    if (through === null) return;
    for await (const page of this.#store.readAll({ filter: { streamPrefixes: rosterStreams } }))
      for (const recorded of page) {
        if (recorded.position > through) return;
        this.#recall(recorded);
      }
  }

  /** What cannot be folded was parked when it came. */
  #recall(recorded: RecordedEvent): void {
    try {
      const event = this.#codec.decode(recorded);
      if (event) this.#roster.fold(event);
    } catch (error) {
      this.#log.warn({ err: error, position: String(recorded.position) }, 'An event of the past was passed over');
    }
  }

  async handle(events: readonly Recorded[], signal: AbortSignal): Promise<void> {
    for (const stretch of stretchesOf(events)) await this.#look(stretch, signal);
  }

  async #look(events: readonly Recorded[], signal: AbortSignal): Promise<void> {
    for (const event of events) this.#roster.fold(event);
    const followed = await this.#followedWithCommits(events);
    await inParallel(this.#tasksOf(events, followed), (task) => this.#keep(task), {
      most: STREAMS_AT_ONCE,
      stopAt: isOutage,
      signal,
    });
    for (const { type, stream, data } of events)
      if (type === 'CommitObserved' || type === 'CommitAlsoObserved') this.#commits.note(stream, data.repositoryId);
  }

  /** Repositories that were followed after commits of theirs had been handled. Usually there are none: they are followed first. */
  async #followedWithCommits(events: readonly Recorded[]): Promise<ReadonlySet<string>> {
    const followed = new Set<string>();
    for (const { type, data } of events)
      if (type === 'RepositoryFollowed' && (await this.#commits.holdsAnyOf(data.repositoryId)))
        followed.add(data.repositoryId);
    return followed;
  }

  #tasksOf(events: readonly Recorded[], followed: ReadonlySet<string>): Iterable<Task> {
    const tasks = new Map<string, Task>();
    const through = events.at(-1)?.position ?? 0n;
    const taskOf = (person: string) => {
      let task = tasks.get(person);
      if (!task) tasks.set(person, (task = { person, commits: [], reviews: new Set(), through }));
      return task;
    };
    for (const { type, data } of events) {
      if (type === 'CommitObserved' || type === 'CommitAlsoObserved')
        taskOf(this.#roster.personOf(data.memberId)).commits.push(data);
      else if (type === 'MemberJoined') taskOf(this.#roster.personOf(data.memberId)).reviews.add(data.challengeId);
      else if (
        type === 'ChallengeRuleChanged' ||
        type === 'ChallengeRevised' ||
        (type === 'RepositoryFollowed' && followed.has(data.repositoryId))
      )
        for (const person of this.#roster.participantsOf(data.challengeId))
          taskOf(person).reviews.add(data.challengeId);
      else if (type === 'MemberMerged') {
        const person = this.#roster.personOf(data.into);
        for (const { id } of this.#roster.challengesOf(person)) taskOf(person).reviews.add(id);
      }
    }
    return tasks.values();
  }

  async #keep(task: Task): Promise<void> {
    await this.#turns.pass();
    const failures: unknown[] = [];
    for (const challenge of this.#roster.challengesOf(task.person))
      await this.#keepIn(challenge, task).catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures.find(isOutage) ?? failures[0];
  }

  async #keepIn(challenge: OpenChallenge, task: Task): Promise<void> {
    const days = await this.#attendedDays(task, challenge);
    await this.#mark(await this.#undecided(days, task.person, challenge), task.person, challenge);
  }

  async #attendedDays(task: Task, challenge: OpenChallenge): Promise<DayEvidence[]> {
    const { commits } = task;
    if (task.reviews.has(challenge.id)) {
      const earlier = await this.#earlierCommits(task, monthsOfSeason(challenge.season));
      return attendedDays([...earlier, ...commits], challenge);
    }
    // The commit itself is the evidence: nothing else has to be read.
    if (challenge.rule.commitsPerDay === 1) return attendedDays(commits, challenge);
    const days = new Set(commits.map(({ authoredAt }) => dayOf(Date.parse(authoredAt) / 1000, challenge.timeZone)));
    const months = [...days].reduce((all, day) => all.union(monthsOf(day, day)), new Set<string>());
    const earlier = await this.#earlierCommits(task, months);
    return attendedDays([...earlier, ...commits], challenge).filter(({ day }) => days.has(day));
  }

  async #earlierCommits({ person, through }: Task, months: ReadonlySet<string> | undefined) {
    const commits: CommitEvidence[] = [];
    for (const alias of this.#roster.aliasesOf(person))
      commits.push(...(await this.#commits.commitsOf(alias, through, months)));
    return commits;
  }

  /** Days that an organiser called absent before it was known who the member is stay absent for the person. */
  async #undecided(days: DayEvidence[], person: string, challenge: OpenChallenge): Promise<DayEvidence[]> {
    const absent = new Set<Day>();
    for (const alias of this.#roster.aliasesOf(person)) {
      if (alias === person) continue;
      for (const stream of new Set(
        days.map(({ day }) => attendanceStream(challenge.id, alias, challenge.season, day)),
      )) {
        const { state } = await load(this.#store, this.#codec, stream, attendance);
        for (const [day, verdict] of state.verdicts) if (verdict === 'corrected absent') absent.add(day);
      }
    }
    return days.filter(({ day }) => !absent.has(day));
  }

  async #mark(
    days: readonly DayEvidence[],
    memberId: string,
    { id: challengeId, season }: OpenChallenge,
  ): Promise<void> {
    const byStream = Map.groupBy(days, ({ day }) => attendanceStream(challengeId, memberId, season, day));
    for (const [stream, all] of byStream)
      for (let at = 0; at < all.length; at += DAYS_AN_APPEND)
        await execute(this.#store, this.#codec, {
          stream,
          aggregate: attendance,
          remembered: this.#remembered,
          decide: (state) => markDays(all.slice(at, at + DAYS_AN_APPEND), { challengeId, memberId }, state),
          commandId: `mark ${stream}`,
          // A day is marked once and for all: however often and in whatever company it is decided, it is this one event.
          eventId: ({ data }) => derivedId('AttendanceMarked', challengeId, memberId, data.day),
        });
  }
}

/** New days or a new rule may be narrower than those before and wider than those behind; so may the first repository followed. */
const CHANGING_TERMS: ReadonlySet<string> = new Set(['ChallengeRevised', 'ChallengeRuleChanged', 'RepositoryFollowed']);

/**
 * A batch is looked at with what its last event has made of the challenges. So that commits count by what held when they were
 * observed, however the log happens to be cut into batches, a new stretch begins where a challenge becomes narrower.
 */
function stretchesOf(events: readonly Recorded[]): Recorded[][] {
  const stretches: Recorded[][] = [[]];
  let mayHaveWidened = false;
  for (const event of events) {
    const leaves = event.type === 'MemberLeft' || event.type === 'ChallengeClosed';
    const changes = CHANGING_TERMS.has(event.type);
    if (mayHaveWidened && (leaves || changes)) stretches.push([]);
    stretches.at(-1)?.push(event);
    mayHaveWidened = !leaves;
  }
  return stretches;
}
