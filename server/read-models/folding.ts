import type { Recorded } from '../../domain/event-registry.ts';
import type { AnyProjection } from '../../projections/projection.ts';
import type { EventStore, RecordedEvent } from '../event-store/event-store.ts';
import { kindOf, type EventPage } from './event-page.ts';
import { asError } from './faults.ts';
import type { Checkpoint, ModelFile } from './model-file.ts';
import { TableRows } from './table-rows.ts';

type Handler = (event: Recorded, rows: Readonly<Record<string, TableRows>>) => void;

/** Events from this position on are not folded: a handler threw there (`error`), or nobody asked for more. */
export type Limit = { readonly position: bigint; readonly error: Error | null };
/** The event a handler threw at. */
export type Failure = { readonly position: bigint; readonly error: Error };

/** A projection being folded into one file. Events up to its position are skipped, so each counts once however often it is delivered. */
export class Folding {
  readonly projection: AnyProjection;
  readonly file: ModelFile;
  /** By kind of event. */
  readonly #handlers: readonly (Handler | undefined)[];
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
    this.#handlers = handlersOf(projection);
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

  /**
   * Folds in what is new to it of a page, up to its limit.
   * @returns where and why it failed; it must then be reset
   */
  apply(page: EventPage): Failure | null {
    const { events, kinds } = page;
    const end = this.#limitIn(events);
    const start = this.#startIn(events);
    let index = start;
    try {
      for (; index < end; index += 1) {
        const handler = this.#handlers[kinds[index] ?? -1];
        if (!handler) continue;
        const event = page.event(index);
        if (event) handler(event, this.#tables);
      }
    } catch (error) {
      return { position: events[index]?.position ?? 0n, error: asError(error) };
    }
    if (end > start) this.#moveTo(events, start, end);
    return null;
  }

  /** Whether a page goes beyond what it is to fold. */
  stopsIn({ events }: EventPage): boolean {
    return this.#limitIn(events) < events.length;
  }

  #startIn(events: readonly RecordedEvent[]): number {
    const [first] = events;
    const position = this.#position;
    if (position === null || !first || first.position > position) return 0;
    const index = events.findIndex((event) => event.position > position);
    return index < 0 ? events.length : index;
  }

  #limitIn(events: readonly RecordedEvent[]): number {
    const { limit } = this;
    const last = events.at(-1);
    if (!limit || !last || last.position < limit.position) return events.length;
    return events.findIndex(({ position }) => position >= limit.position);
  }

  #moveTo(events: readonly RecordedEvent[], start: number, end: number): void {
    const last = events[end - 1];
    if (!last) return;
    this.#previous = end - start > 1 ? (events[end - 2]?.position ?? null) : this.#position;
    this.#position = last.position;
    this.#eventId = last.id;
    this.#events += end - start;
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

function handlersOf({ on }: AnyProjection): (Handler | undefined)[] {
  const handlers: (Handler | undefined)[] = [];
  for (const [type, handler] of Object.entries(on)) handlers[kindOf(type)] = handler as Handler;
  return handlers;
}

/** Whether one place in the log is not before another; null is before all events. */
export const reaches = (position: bigint | null, other: bigint | null): boolean =>
  other === null || (position !== null && position >= other);
