import type { DatabaseSync } from 'node:sqlite';
import type { Position, RecordedEvent } from '../event-store/event-store.ts';
import { openDisposableFile } from '../sqlite/disposable-file.ts';

/**
 * How far each subscriber has come and what it had to put aside: `DATA_DIR/subscribers.sqlite`.
 * Losing the file loses no fact. Subscribers then read the log from its start, and since their effects carry idempotency keys
 * nothing is done twice; only the list of parked events is gone, and what still fails is parked again.
 */
export interface SubscriberState {
  checkpoint(subscriber: string): Checkpoint | null;
  saveCheckpoint(subscriber: string, checkpoint: Checkpoint): void;
  /** Forgets how far a subscriber has come; what it parked stays. */
  resetCheckpoint(subscriber: string): void;
  /** Parks an event, or renews the reason of one that is parked already. */
  park(subscriber: string, event: Omit<ParkedEvent, 'id'>): void;
  /** In the order of the log. */
  parked(subscriber: string): ParkedEvent[];
  parkedCount(subscriber: string): number;
  /** @returns whether it was parked */
  unpark(subscriber: string, id: string): boolean;
  /**
   * Two runs of one subscriber would overtake each other.
   * @throws {AlreadyRunning}
   * @returns what ends the claim
   */
  claim(subscriber: string): Disposable;
  close(): void;
}

export type Checkpoint = {
  /** Everything up to here is handled. */
  readonly position: Position;
  /** The last event handled: it tells whether the log is still the one the position belongs to. */
  readonly event: Pick<RecordedEvent, 'stream' | 'revision' | 'id'>;
};

export type ParkedEvent = {
  /** The event's position as text: it names the event in lists and addresses. */
  readonly id: string;
  readonly position: Position;
  readonly type: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly reason: string;
  readonly attempts: number;
  /** Milliseconds since the epoch, UTC; of the last attempt. */
  readonly parkedAt: number;
};

export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoints (
    subscriber TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    event_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parked (
    subscriber TEXT NOT NULL,
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    parked_at INTEGER NOT NULL,
    PRIMARY KEY (subscriber, position)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens the state, or makes it. A file that is damaged is put aside as `<path>.damaged`, and an empty one takes its place.
 * @param path of the file, or `:memory:`
 * @param onDamage told when the file was put aside
 */
export const openSubscriberState = (path: string, onDamage?: (error: Error) => void): SubscriberState =>
  stateOf(openDisposableFile(path, { schema: SCHEMA, readBigInts: true, ...(onDamage && { onDamage }) }));

type CheckpointRow = { position: bigint; stream: string; revision: bigint; event_id: string };
type ParkedRow = Omit<CheckpointRow, 'event_id'> & {
  type: string;
  reason: string;
  attempts: bigint;
  parked_at: bigint;
};

function stateOf(database: DatabaseSync): SubscriberState {
  const sql = {
    read: database.prepare('SELECT position, stream, revision, event_id FROM checkpoints WHERE subscriber = ?'),
    save: database.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?)'),
    reset: database.prepare('DELETE FROM checkpoints WHERE subscriber = ?'),
    park: database.prepare('INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    parked: database.prepare('SELECT * FROM parked WHERE subscriber = ? ORDER BY position'),
    count: database.prepare('SELECT count(*) AS parked FROM parked WHERE subscriber = ?'),
    unpark: database.prepare('DELETE FROM parked WHERE subscriber = ? AND position = ?'),
  };
  const running = new Set<string>();
  return {
    checkpoint(subscriber) {
      const row = sql.read.get(subscriber) as CheckpointRow | undefined;
      if (!row) return null;
      const { position, stream, revision, event_id: id } = row;
      return { position, event: { stream, revision, id } };
    },
    saveCheckpoint: (subscriber, { position, event }) =>
      void sql.save.run(subscriber, position, event.stream, event.revision, event.id),
    resetCheckpoint: (subscriber) => void sql.reset.run(subscriber),
    park: (subscriber, { position, type, stream, revision, reason, attempts, parkedAt }) =>
      void sql.park.run(subscriber, position, type, stream, revision, reason, attempts, parkedAt),
    parked: (subscriber) => (sql.parked.all(subscriber) as ParkedRow[]).map(toParked),
    parkedCount: (subscriber) => Number(sql.count.get(subscriber)?.['parked'] ?? 0),
    unpark: (subscriber, id) => /^\d{1,18}$/.test(id) && sql.unpark.run(subscriber, BigInt(id)).changes !== 0n,
    claim(subscriber) {
      if (running.has(subscriber)) throw new AlreadyRunning(`The subscriber "${subscriber}" is running already.`);
      running.add(subscriber);
      return { [Symbol.dispose]: () => void running.delete(subscriber) };
    },
    close: () => database.close(),
  };
}

const toParked = ({ position, type, stream, revision, reason, attempts, parked_at }: ParkedRow): ParkedEvent => ({
  id: String(position),
  position,
  type,
  stream,
  revision,
  reason,
  attempts: Number(attempts),
  parkedAt: Number(parked_at),
});
