import { randomUUID } from 'node:crypto';
import {
  DELETED_STREAM,
  isMetastream,
  metastreamOf,
  originalOf,
  parseMetadata,
  rawMetadata,
  type StreamMetadata,
} from './stream-metadata.ts';

export type ProposedEvent = {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type LogEvent = ProposedEvent & {
  readonly stream: string;
  readonly revision: bigint;
  /** Place in the log; commit and prepare position are the same, as for every write of version 20 and later. */
  readonly position: bigint;
  /** Where the record ends, which is where the next one begins. */
  readonly end: bigint;
  /** Milliseconds since the epoch. */
  readonly created: number;
};

export type Expected = 'any' | 'no_stream' | 'stream_exists' | bigint;

export type WriteOutcome =
  /** No position: an append seen before whose events can no longer be read. */
  | { readonly kind: 'written'; readonly revision: bigint; readonly position?: bigint }
  | { readonly kind: 'wrong expected revision'; readonly current: bigint }
  | { readonly kind: 'stream deleted' };

type Stream = { readonly events: LogEvent[]; tombstoned: boolean };

const NO_STREAM = -1n;
/** What a record costs besides its payload; makes positions as sparse as real ones. */
const RECORD_OVERHEAD = 113n;

const utf8 = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');
const nothing = new Uint8Array(0);

/**
 * The log of an EventStoreDB node in memory, with the rules of its writer (version 24.6): commit checks, idempotency,
 * soft deletion by metadata and its undoing, tombstones.
 */
export class EventLog {
  readonly events: LogEvent[] = [];
  readonly #streams = new Map<string, Stream>();
  /** Where each event id was last written: EventStoreDB's own memory for appends that expect no revision. */
  readonly #committed = new Map<string, { readonly stream: string; readonly revision: bigint }>();
  readonly #listeners = new Set<() => void>();
  /** A real log begins with an epoch record, so no event stands at 0. */
  #end = 1_253n;

  constructor() {
    // A fresh node has already written about itself; programs must cope with events that are not theirs.
    this.#write('$$$scavenges', [
      { id: randomUUID(), type: '$metadata', isJson: true, data: utf8({}), metadata: nothing },
    ]);
  }

  /** Calls `listener` after every write; returns how to stop that. */
  onWritten(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** As after a restart of the process: repeated appends are then recognised by their place only. */
  forgetIds(): void {
    this.#committed.clear();
  }

  eventsOf(stream: string): readonly LogEvent[] {
    return this.#streams.get(stream)?.events ?? [];
  }

  isTombstoned(stream: string): boolean {
    return this.#streams.get(isMetastream(stream) ? originalOf(stream) : stream)?.tombstoned ?? false;
  }

  /** Revision of the last event, `-1n` for none: deleted or not. */
  lastRevision(stream: string): bigint {
    return this.isTombstoned(stream) ? DELETED_STREAM : (this.eventsOf(stream).at(-1)?.revision ?? NO_STREAM);
  }

  metadataOf(stream: string): StreamMetadata {
    // Of a metastream only the last event counts.
    return isMetastream(stream) ? { maxCount: 1n } : parseMetadata(this.eventsOf(metastreamOf(stream)).at(-1)?.data);
  }

  isSoftDeleted(stream: string): boolean {
    return !isMetastream(stream) && this.metadataOf(stream).truncateBefore === DELETED_STREAM;
  }

  append(stream: string, events: readonly ProposedEvent[], expected: Expected): WriteOutcome {
    const check = this.#check(stream, expected, events);
    if (check !== 'ok') return check;
    if (events.length === 0) return { kind: 'written', revision: this.lastRevision(stream), position: this.#end };
    const wasDeleted = this.isSoftDeleted(stream);
    const originalWasDeleted = isMetastream(stream) && this.isSoftDeleted(originalOf(stream));
    const first = this.lastRevision(stream) + 1n;
    const last = this.#write(stream, events);
    if (wasDeleted) this.#undelete(stream, first);
    if (originalWasDeleted) this.#undelete(originalOf(stream), this.lastRevision(originalOf(stream)) + 1n);
    this.#announce();
    return { kind: 'written', revision: last.revision, position: last.position };
  }

  /** Soft deletion is a metadata event that truncates before every revision there will ever be. */
  delete(stream: string, expected: Expected): WriteOutcome {
    const check = this.#check(stream, expected, [{ id: randomUUID() }]);
    if (check !== 'ok') return check;
    if (this.lastRevision(stream) < 0n && this.lastRevision(metastreamOf(stream)) < 0n) {
      return { kind: 'wrong expected revision', current: NO_STREAM };
    }
    const data = Buffer.from(`{"$tb":${DELETED_STREAM}}`, 'utf8');
    const written = this.#writeMetadata(stream, data);
    this.#announce();
    return { kind: 'written', revision: written.revision, position: written.position };
  }

  tombstone(stream: string, expected: Expected): WriteOutcome {
    const check = this.#check(stream, expected, [{ id: randomUUID() }]);
    if (check !== 'ok') return check;
    const last = this.#write(
      stream,
      [{ id: randomUUID(), type: '$streamDeleted', isJson: false, data: nothing, metadata: nothing }],
      DELETED_STREAM,
    );
    this.#stream(stream).tombstoned = true;
    this.#announce();
    return { kind: 'written', revision: last.revision, position: last.position };
  }

  #stream(name: string): Stream {
    return this.#streams.getOrInsertComputed(name, () => ({ events: [], tombstoned: false }));
  }

  #check(stream: string, expected: Expected, events: readonly { readonly id: string }[]): WriteOutcome | 'ok' {
    if (this.isTombstoned(stream)) return { kind: 'stream deleted' };
    const current = this.lastRevision(stream);
    const refused = { kind: 'wrong expected revision', current } as const;
    if (expected === 'stream_exists') {
      if (this.isSoftDeleted(stream)) return { kind: 'stream deleted' };
      if (current < 0n && this.lastRevision(metastreamOf(stream)) < 0n) return refused;
    }
    if (expected === 'any' || expected === 'stream_exists') return this.#checkById(stream, events) ?? refused;
    const revision = expected === 'no_stream' ? NO_STREAM : expected;
    if (revision === current) return 'ok';
    if (revision > current) return refused;
    return this.#checkByPlace(stream, events, revision) ?? refused;
  }

  /** Without an expected revision only the ids tell a repetition. `undefined`: some are known, some are not. */
  #checkById(stream: string, events: readonly { readonly id: string }[]): WriteOutcome | 'ok' | undefined {
    const places = events
      .map(({ id }) => this.#committed.get(id))
      .map((at) => (at?.stream === stream ? at : undefined));
    if (places[0] === undefined) return 'ok';
    const last = places.at(-1);
    if (last === undefined || places.includes(undefined)) return undefined;
    return this.#again(stream, last.revision);
  }

  /** With an expected revision the same ids must stand right behind it. `undefined`: other events do. */
  #checkByPlace(
    stream: string,
    events: readonly { readonly id: string }[],
    revision: bigint,
  ): WriteOutcome | 'ok' | undefined {
    const standing = this.eventsOf(stream);
    const same = events.filter(({ id }, index) => standing[Number(revision) + 1 + index]?.id === id).length;
    if (same === events.length && same > 0) return this.#again(stream, revision + BigInt(events.length));
    const beginsDifferently = standing[Number(revision) + 1]?.id !== events[0]?.id;
    return beginsDifferently && revision === NO_STREAM && this.isSoftDeleted(stream) ? 'ok' : undefined;
  }

  #again(stream: string, revision: bigint): WriteOutcome {
    const { truncateBefore = 0n } = this.metadataOf(stream);
    const event = this.eventsOf(stream)[Number(revision)];
    return event === undefined || event.revision < truncateBefore
      ? { kind: 'written', revision }
      : { kind: 'written', revision, position: event.position };
  }

  #write(stream: string, events: readonly ProposedEvent[], at?: bigint): LogEvent {
    const target = this.#stream(stream);
    const created = Date.now();
    for (const proposed of events) {
      const revision = at ?? (target.events.at(-1)?.revision ?? NO_STREAM) + 1n;
      const size = RECORD_OVERHEAD + BigInt(stream.length + proposed.data.length + proposed.metadata.length);
      const event = { ...proposed, stream, revision, position: this.#end, end: this.#end + size, created };
      this.#end = event.end;
      this.events.push(event);
      target.events.push(event);
      this.#committed.set(event.id, { stream, revision });
    }
    return this.events.at(-1)!;
  }

  #writeMetadata(stream: string, data: Uint8Array): LogEvent {
    return this.#write(metastreamOf(stream), [
      { id: randomUUID(), type: '$metadata', isJson: true, data, metadata: nothing },
    ]);
  }

  #undelete(stream: string, from: bigint): void {
    const metadata = rawMetadata(this.eventsOf(metastreamOf(stream)).at(-1)?.data) ?? {};
    this.#writeMetadata(stream, utf8({ ...metadata, $tb: Number(from) }));
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
