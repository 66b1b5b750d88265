import {
  emptyDirectory,
  evolveDirectory,
  memberEvents,
  memberStream,
  type Identity,
  type MemberDirectory,
  type MemberEvent,
} from '../../domain/member.ts';
import type { Codec } from '../event-store/codec.ts';
import { WrongExpectedRevision, type EventStore, type Position } from '../event-store/event-store.ts';
import { memberIdsBy } from './member-ids.ts';

const MOST_ATTEMPTS = 4;

type Given = { readonly store: EventStore; readonly codec: Codec };
type Identified = { readonly memberId: string; readonly events: readonly MemberEvent[] };
type Identify = (directory: MemberDirectory, idOf: (identity: Identity) => string) => Identified;

/** Everybody the log knows, to decide who an account is. Read on demand, then kept up to date at the cost of what was added. */
export class MemberRoll {
  readonly #given: Given;
  readonly #revisions = new Map<string, bigint>();
  #directory: MemberDirectory = emptyDirectory;
  #read: Position | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(given: Given) {
    this.#given = given;
  }

  /** As of the last decision. */
  get directory(): MemberDirectory {
    return this.#directory;
  }

  /**
   * Finds out who somebody is and says what is new about them. Decided on the whole directory, appended with the revisions it was
   * read at; a conflict reads and decides again, at most 3 times.
   * @returns `position`: of the last event said; null when there was nothing to say
   * @throws {StoreUnavailable} @throws {WrongExpectedRevision} after the last attempt
   */
  identify(identify: Identify): Promise<{ memberId: string; position: Position | null }> {
    // One after the other: two who are refreshing the directory at once would fold the same events twice.
    const identified = this.#turn.then(() => this.#identify(identify));
    this.#turn = identified.catch(() => undefined);
    return identified;
  }

  async #identify(identify: Identify): Promise<{ memberId: string; position: Position | null }> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#refresh();
      const { memberId, events } = identify(this.#directory, memberIdsBy(this.#given.codec));
      try {
        const position = await this.#append(memberId, events);
        if (position !== null) await this.#refresh();
        return { memberId, position };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  /** The member comes first: killed in between, the rest is said at the next sign-in. */
  async #append(memberId: string, events: readonly MemberEvent[]): Promise<Position | null> {
    const streams = [...Map.groupBy(events, ({ data }) => data.memberId)];
    const ordered = streams.toSorted(([a], [b]) => Number(b === memberId) - Number(a === memberId));
    let position: Position | null = null;
    for (const [id, said] of ordered) position = await this.#say(memberStream(id), said);
    return position;
  }

  async #say(stream: string, events: readonly MemberEvent[]): Promise<Position> {
    const { store, codec } = this.#given;
    const revision = this.#revisions.get(stream);
    const next = revision === undefined ? 0n : revision + 1n;
    const idOf = (event: MemberEvent, index: number) =>
      codec.fingerprint(stream, String(next + BigInt(index)), event.type, JSON.stringify(event.data));
    const { position } = await store.append(
      stream,
      events.map((event, index) => codec.encode(event, idOf(event, index))),
      { expectedRevision: revision ?? 'no_stream' },
    );
    return position;
  }

  async #refresh(): Promise<void> {
    const { store, codec } = this.#given;
    const said: MemberEvent[] = [];
    const pages = store.readAll({
      ...(this.#read !== null && { from: this.#read }),
      filter: { streamPrefixes: [memberStream('')] },
    });
    for await (const page of pages)
      for (const recorded of page) {
        const event = recorded.type in memberEvents ? codec.decode(recorded) : null;
        if (event) said.push(event as unknown as MemberEvent);
        this.#revisions.set(recorded.stream, recorded.revision);
        this.#read = recorded.position;
      }
    if (said.length > 0) this.#directory = evolveDirectory(this.#directory, said);
  }
}
