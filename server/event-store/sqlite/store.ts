import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  AppendTooLarge,
  MAX_APPEND_BYTES,
  StoreUnavailable,
  WrongExpectedRevision,
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  type SubscribeOptions,
} from '../event-store.ts';
import { eventLogFile, prepareLog } from './log-file.ts';
import { GroupCommit } from './group-commit.ts';
import { DataDirectoryInUse, lockDirectory } from '../../sqlite/directory-lock.ts';
import { SqliteEventLogReader } from './reader.ts';
import type { SerialisedEvent, WriteAnswer, WriteRequest } from './transaction.ts';

export { DataDirectoryInUse } from '../../sqlite/directory-lock.ts';
export { openSqliteEventLogReader } from './reader.ts';

export type SqliteEventStoreOptions = {
  /** Where `events.sqlite` lives (DATA_DIR); made when it does not exist. */
  readonly directory: string;
  /** Milliseconds since the epoch, for `recordedAt`. Default: the system's clock. */
  readonly now?: () => number;
  /** Module of the writing thread. Default: `sqlite-writer.ts`; another one lets a test break it. */
  readonly writerModule?: URL;
};

/**
 * Opens the embedded event store: a SQLite file with one writing thread, and reading on the calling thread.
 * Only one store writes to a directory at a time; any number of `openSqliteEventLogReader` may read beside it.
 * @throws {DataDirectoryInUse} @throws {UnreadableEventLog} @throws {StoreUnavailable}
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const directory = resolve(options.directory);
  const lock = claim(directory);
  try {
    const file = eventLogFile(directory);
    prepareLog(file);
    const reader = new SqliteEventLogReader(file);
    const commits = new GroupCommit(file, options.writerModule ?? new URL('./writer-thread.ts', import.meta.url));
    return new SqliteEventStore(reader, commits, lock, options.now ?? Date.now);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function claim(directory: string): Disposable {
  try {
    // The log holds what people wrote about their work: nobody else on the machine reads it.
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return lockDirectory(directory);
  } catch (error) {
    if (error instanceof DataDirectoryInUse || !(error instanceof Error)) throw error;
    const message = `${directory} cannot be used as DATA_DIR: ${error.message}.`;
    throw new StoreUnavailable(message, { cause: error });
  }
}

class SqliteEventStore implements EventStore {
  readonly #reader: SqliteEventLogReader;
  readonly #commits: GroupCommit;
  readonly #lock: Disposable;
  readonly #now: () => number;
  #closed: Promise<void> | undefined;

  constructor(reader: SqliteEventLogReader, commits: GroupCommit, lock: Disposable, now: () => number) {
    this.#reader = reader;
    this.#commits = commits;
    this.#lock = lock;
    this.#now = now;
  }

  /** An id that already stands elsewhere in the stream is refused as a wrong revision: it never stands there twice. */
  async append(
    stream: string,
    events: readonly EventToAppend[],
    options: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult> {
    const expected = options.expectedRevision;
    const { serialised, bytes } = serialise(stream, events);
    const request = { kind: 'append', stream, expected, recordedAt: this.#now(), events: serialised } as const;
    const answer = await this.#write(request, bytes);
    if (answer.kind !== 'appended') throw new TypeError(`An append was answered as "${answer.kind}".`);
    return { revision: BigInt(answer.revision), position: BigInt(answer.position) };
  }

  async deleteStream(stream: string, options?: { readonly expectedRevision?: ExpectedRevision }): Promise<void> {
    await this.#write({ kind: 'delete', stream, expected: options?.expectedRevision ?? 'any' }, 0);
  }

  async #write(request: WriteRequest, bytes: number): Promise<Exclude<WriteAnswer, { kind: 'refused' }>> {
    const answer = await this.#commits.submit(request, bytes);
    if (answer.kind !== 'refused') return answer;
    const actual = answer.actual === null ? 'no_stream' : BigInt(answer.actual);
    throw new WrongExpectedRevision(request.stream, request.expected, actual);
  }

  readStream(stream: string, options?: ReadStreamOptions) {
    return this.#reader.readStream(stream, options);
  }

  readAll(options?: ReadAllOptions) {
    return this.#reader.readAll(options);
  }

  subscribeToAll(options: SubscribeOptions) {
    return this.#reader.subscribeToAll(options);
  }

  head() {
    return this.#reader.head();
  }

  close(): Promise<void> {
    this.#closed ??= this.#letGo();
    return this.#closed;
  }

  async #letGo(): Promise<void> {
    await this.#commits.drain();
    // The writer leaves last: the last connection to leave folds the write-ahead log into the file.
    await this.#reader.close();
    await this.#commits.stop();
    this.#lock[Symbol.dispose]();
  }
}

/** Writes the JSON at once: whoever called may change the objects afterwards. */
function serialise(stream: string, events: readonly EventToAppend[]) {
  if (events.length === 0) throw new TypeError(`An append to "${stream}" needs at least one event.`);
  if (new Set(events.map((event) => event.id)).size < events.length) {
    throw new TypeError(`An append to "${stream}" names an event id twice.`);
  }
  const serialised: SerialisedEvent[] = [];
  let bytes = 0;
  for (const { id, type, data, metadata } of events) {
    if (![stream, id, type].every((text) => text.isWellFormed())) {
      throw new TypeError(`Stream "${stream}", event ${id}, type "${type}": half a surrogate pair cannot be stored.`);
    }
    const event = { id, type, data: JSON.stringify(data), metadata: JSON.stringify(metadata) };
    bytes += Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata);
    serialised.push(event);
  }
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(stream, bytes);
  return { serialised, bytes };
}
