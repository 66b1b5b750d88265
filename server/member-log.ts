import { saidOfPeople } from '../domain/access.ts';
import {
  applyTo,
  draftOf,
  emptyDirectory,
  memberStream,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
  type PersonEvent,
} from '../domain/member.ts';
import { appendable, inFlight } from './collect/appends.ts';
import type { Codec } from './event-store/codec.ts';
import {
  WrongExpectedRevision,
  type EventStore,
  type Position,
  type RecordedEvent,
} from './event-store/event-store.ts';
import { memberIdsBy } from './member-ids.ts';

const MOST_ATTEMPTS = 4;

/** What somebody found out about people: the events that are new. */
type Found = { readonly events: readonly MemberEvent[] };
type Decide<Result extends Found> = (directory: MemberDirectory, idOf: (identity: Identity) => string) => Result;

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Other streams that are read along, and what notes their events; it must not throw. */
  readonly alongside?: { readonly prefix: string; readonly note: (recorded: RecordedEvent) => void };
};

/**
 * Everybody the log knows, to decide who somebody is. Read on demand, then kept up to date at the cost of what was added: how far it
 * was read, and what of it is known, change together, so that a reading that breaks off leaves nothing out.
 */
export class MemberLog {
  readonly #given: Given;
  readonly #revisions = new Map<string, bigint>();
  readonly #directory = draftOf(emptyDirectory);
  #read: Position | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(given: Given) {
    this.#given = given;
  }

  /** As of the last reading. */
  get directory(): MemberDirectory {
    return this.#directory;
  }

  /** The last revision known of a stream. */
  revisionOf(stream: string): bigint | undefined {
    return this.#revisions.get(stream);
  }

  /** Somebody has written there up to this revision. */
  wrote(stream: string, revision: bigint): void {
    const known = this.#revisions.get(stream);
    if (known === undefined || known < revision) this.#revisions.set(stream, revision);
  }

  /** Reads what was added. @throws {StoreUnavailable} */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh());
  }

  /**
   * Finds out who somebody is and says what is new about them. Decided on the whole directory, appended with the revisions it was
   * read at; a conflict reads and decides again, at most 3 times.
   * @param first whose events come before those of others: killed in between, the rest is found out again
   * @returns `position`: of the last event said; null when there was nothing to say
   * @throws {StoreUnavailable} @throws {WrongExpectedRevision} after the last attempt
   */
  decide<Result extends Found>(
    decide: Decide<Result>,
    first?: (result: Result) => string,
  ): Promise<Result & { readonly position: Position | null }> {
    return this.#inTurn(async () => {
      for (let attempt = 1; ; attempt += 1) {
        await this.#refresh();
        const result = decide(this.#directory, memberIdsBy(this.#given.codec));
        try {
          const position = await this.#append(result.events, first?.(result));
          if (position !== null) await this.#refresh();
          return { ...result, position };
        } catch (error) {
          if (!(error instanceof WrongExpectedRevision) || attempt === MOST_ATTEMPTS) throw error;
        }
      }
    });
  }

  async #refresh(): Promise<void> {
    const { store, alongside } = this.#given;
    const head = await store.head();
    if (head === null || (this.#read !== null && head <= this.#read)) return;
    const streamPrefixes = [memberStream(''), ...(alongside ? [alongside.prefix] : [])];
    const from = this.#read === null ? {} : { from: this.#read };
    for await (const page of store.readAll({ ...from, filter: { streamPrefixes } })) this.#take(page);
    // Whatever else stands before the head need not be looked through again.
    if (this.#read === null || this.#read < head) this.#read = head;
  }

  /** All of a page or nothing: what may fail comes first. */
  #take(page: readonly RecordedEvent[]): void {
    const said = page.flatMap((recorded) => {
      const event = recorded.type in saidOfPeople ? this.#given.codec.decode(recorded) : null;
      return event ? [event as unknown as PersonEvent] : [];
    });
    for (const event of said) applyTo(this.#directory, event);
    for (const recorded of page) {
      this.#given.alongside?.note(recorded);
      this.wrote(recorded.stream, recorded.revision);
      this.#read = recorded.position;
    }
  }

  /** Members are registered before anything is said about two of them. */
  async #append(events: readonly MemberEvent[], first: string | undefined): Promise<Position | null> {
    this.#given.codec.prepare(new Set(events.map(({ data }) => data.memberId)));
    const streams = [...Map.groupBy(events, ({ data }) => data.memberId)];
    const rankOf = (memberId: string) => (memberId === first ? 0 : this.#revisions.has(memberStream(memberId)) ? 2 : 1);
    let last: Position | null = null;
    for (const rank of [0, 1, 2])
      await inFlight(
        streams.filter(([memberId]) => rankOf(memberId) === rank),
        async ([memberId, said]) => {
          const position = await this.#say(memberStream(memberId), said);
          if (last === null || position > last) last = position;
        },
      );
    return last;
  }

  async #say(stream: string, events: readonly MemberEvent[]): Promise<Position> {
    const { store, codec } = this.#given;
    let [revision, position] = [this.#revisions.get(stream) ?? null, 0n];
    for (const piece of appendable(events, ({ data }) => JSON.stringify(data))) {
      const next = revision === null ? 0n : revision + 1n;
      const idOf = ({ type, data }: MemberEvent, index: number) =>
        codec.fingerprint(stream, String(next + BigInt(index)), type, JSON.stringify(data));
      const appended = await store.append(
        stream,
        piece.map((event, index) => codec.encode(event, idOf(event, index))),
        { expectedRevision: revision ?? 'no_stream' },
      );
      ({ revision, position } = appended);
    }
    return position;
  }

  /** One after the other: two who read at once would fold the same events twice. */
  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
