import type { EventLog, LogEvent } from './log.ts';
import { DELETED_STREAM } from './stream-metadata.ts';

/** Commit and prepare position; events carry the same number twice, page ends `(n, 0)`. */
export type LogPosition = { readonly commit: bigint; readonly prepare: bigint };

/** What a reader gets: the event, and the link by which it was found when links are resolved. */
export type ResolvedEvent = { readonly event?: LogEvent; readonly link?: LogEvent };

export type Direction = 'forwards' | 'backwards';

export const compare = (a: LogPosition, b: LogPosition): number =>
  a.commit !== b.commit ? (a.commit < b.commit ? -1 : 1) : a.prepare === b.prepare ? 0 : a.prepare < b.prepare ? -1 : 1;

export const positionOf = (event: LogEvent): LogPosition => ({ commit: event.position, prepare: event.position });

/** Index of the first event at or behind a position. */
export function indexAt(log: EventLog, position: bigint): number {
  let [low, high] = [0, log.events.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (log.events[middle]!.position < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A reader of the real log is put down at a byte: where no record begins it finds garbage. */
export function isRecordBoundary(log: EventLog, position: bigint): boolean {
  const last = log.events.at(-1);
  return (
    position === 0n ||
    last === undefined ||
    position >= last.end ||
    log.events[indexAt(log, position)]?.position === position
  );
}

/** Forwards a position includes the event that stands there; backwards it does not. */
export function* allEvents(
  log: EventLog,
  from: LogPosition | 'start' | 'end',
  direction: Direction,
): Generator<LogEvent> {
  const { events } = log;
  if (direction === 'forwards') {
    if (from === 'end') return;
    const start = from === 'start' ? 0 : indexAt(log, from.commit);
    for (let index = start; index < events.length; index += 1) {
      const event = events[index]!;
      if (from === 'start' || compare(positionOf(event), from) >= 0) yield event;
    }
    return;
  }
  if (from === 'start') return;
  const start = from === 'end' ? events.length : indexAt(log, from.commit);
  for (let index = start - 1; index >= 0; index -= 1) {
    const event = events[index]!;
    if (from === 'end' || compare({ commit: event.end, prepare: event.end }, from) <= 0) yield event;
  }
}

/** Events of a stream that still count, or why there are none. */
export function streamEvents(
  log: EventLog,
  stream: string,
  from: bigint | 'start' | 'end',
  direction: Direction,
): readonly LogEvent[] | 'not found' | 'deleted' {
  if (log.isTombstoned(stream)) return 'deleted';
  const { maxCount, truncateBefore = 0n, maxAgeMs } = log.metadataOf(stream);
  const events = log.eventsOf(stream);
  if (events.length === 0 || truncateBefore === DELETED_STREAM) return 'not found';
  const last = log.lastRevision(stream);
  const keptByCount = maxCount === undefined ? 0n : last - maxCount + 1n;
  const lowest = [0n, truncateBefore, keptByCount].reduce((a, b) => (a > b ? a : b));
  const oldest = maxAgeMs === undefined ? 0 : Date.now() - maxAgeMs;
  const young = (event: LogEvent) => event.created >= oldest;
  // Revisions are indices: `$tb` hides events but does not remove them.
  if (direction === 'forwards') {
    if (from === 'end') return [];
    const first = from === 'start' || from < lowest ? lowest : from;
    return events.slice(Number(first)).filter(young);
  }
  const start = from === 'end' ? last : from === 'start' ? 0n : from;
  return events
    .slice(Number(lowest), Number(start) + 1)
    .filter(young)
    .toReversed();
}

/** A `$>` event stands for another one: `<revision>@<stream>`. What cannot be found leaves the link alone. */
export function resolve(log: EventLog, event: LogEvent, resolveLinks: boolean): ResolvedEvent {
  if (!resolveLinks || event.type !== '$>') return { event };
  const [revision = '', ...stream] = Buffer.from(event.data).toString('utf8').split('@');
  if (!/^\d+$/.test(revision)) return { link: event };
  const found = streamEvents(log, stream.join('@'), BigInt(revision), 'forwards');
  const target = Array.isArray(found) ? found[0] : undefined;
  return target?.revision === BigInt(revision) ? { event: target, link: event } : { link: event };
}

/** The event a filter looks at and an acknowledgement names: the link where there is one. */
export const originalEvent = ({ event, link }: ResolvedEvent): LogEvent => (link ?? event)!;
