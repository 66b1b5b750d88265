import type { AnyProjection, Recorded } from '../../projections/projection.ts';
import type { EventStore, RecordedEvent } from '../event-store/event-store.ts';
import type { Checkpoint, ModelFile } from './model-file.ts';
import { TableRows } from './table-rows.ts';

type Handler = (event: Recorded, rows: Readonly<Record<string, TableRows>>) => void;

/** Events from this position on are not folded: a handler threw there (`error`), or nobody asked for more. */
export type Limit = { readonly position: bigint; readonly error: Error | null };

/** A projection being folded into one file. Events up to its position are skipped, so each counts once however often it is delivered. */
export class Folding {
  readonly projection: AnyProjection;
  readonly file: ModelFile;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #tables: Readonly<Record<string, TableRows>>;
  #position: bigint | null;
  #previous: bigint | null;
  #eventId: string | null;
  #events: number;
  #retired = false;
  limit: Limit | undefined;

  constructor(projection: AnyProjection, file: ModelFile) {
    this.projection = projection;
    this.file = file;
    this.#handlers = new Map(Object.entries(projection.on) as [string, Handler][]);
    this.#tables = Object.fromEntries(file.tables.map((schema) => [schema.name, new TableRows(file, schema)]));
    const { position, previous, eventId, events } = file.checkpoint;
    this.#position = position;
    this.#previous = previous;
    this.#eventId = eventId;
    this.#events = events;
  }

  get name(): string {
    return this.projection.name;
  }

  /** The last event folded; it need not be flushed yet. */
  get position(): bigint | null {
    return this.#position;
  }

  /** How many events it has seen. */
  get events(): number {
    return this.#events;
  }

  /** Events folded since the last flush. */
  get pending(): number {
    return this.#events - this.file.checkpoint.events;
  }

  /** Another file has taken this one's place, or it is of no use any more. */
  get retired(): boolean {
    return this.#retired;
  }

  handles(type: string): boolean {
    return this.#handlers.has(type);
  }

  /**
   * Folds one event in, unless that was done before.
   * @param event what `recorded` means; null: nothing to this version of Almanac
   * @throws what the handler threw; the folding must then be reset
   */
  apply(recorded: RecordedEvent, event: Recorded | null): void {
    const { position } = recorded;
    if (this.#position !== null && position <= this.#position) return;
    if (event) this.#handlers.get(event.type)?.(event, this.#tables);
    this.#previous = this.#position;
    this.#position = position;
    this.#eventId = recorded.id;
    this.#events += 1;
  }

  /** Rows and checkpoint, in one transaction. @returns whether rows changed */
  flush(): boolean {
    if (this.pending === 0) return false;
    let changed = false;
    for (const table of Object.values(this.#tables)) changed = table.flush() || changed;
    this.file.commit(this.#reached);
    return changed;
  }

  get #reached(): Checkpoint {
    return { position: this.#position, previous: this.#previous, eventId: this.#eventId, events: this.#events };
  }

  /** Back to what the file holds. */
  reset(): void {
    this.file.rollback();
    for (const table of Object.values(this.#tables)) table.reset();
    ({
      position: this.#position,
      previous: this.#previous,
      eventId: this.#eventId,
      events: this.#events,
    } = this.file.checkpoint);
  }

  retire(): void {
    this.#retired = true;
    this.file.close();
  }

  /**
   * Whether the file was folded from this log: the event after `previous` must be the one it has seen last. A log that was replaced,
   * or restored from an older backup, has another one there, or none.
   */
  async belongsTo(log: Pick<EventStore, 'readAll'>): Promise<boolean> {
    const { position, previous, eventId } = this.file.checkpoint;
    if (position === null) return true;
    for await (const [event] of log.readAll({ ...(previous === null ? {} : { from: previous }), limit: 1 }))
      return event?.id === eventId && event?.position === position;
    return false;
  }
}

/** Whether one place in the log is not before another; null is before all events. */
export const reaches = (position: bigint | null, other: bigint | null): boolean =>
  other === null || (position !== null && position >= other);
