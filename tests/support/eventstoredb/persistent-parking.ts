import { randomUUID } from 'node:crypto';
import type { EventLog, LogEvent } from './log.ts';
import { originalEvent, resolve, streamEvents, type ResolvedEvent } from './log-reading.ts';
import { metastreamOf } from './stream-metadata.ts';

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');

/** Events a group gave up on: links in a stream of their own, as any reader may look at them. */
export class ParkedMessages {
  readonly #log: EventLog;
  readonly #stream: string;

  constructor(log: EventLog, source: string, group: string) {
    this.#log = log;
    this.#stream = `$persistentsubscription-${source}::${group}-parked`;
  }

  get #links(): readonly LogEvent[] {
    const links = streamEvents(this.#log, this.#stream, 'start', 'forwards');
    return Array.isArray(links) ? links : [];
  }

  get count(): number {
    return this.#links.length;
  }

  park(parked: ResolvedEvent, reason: string): void {
    const { event, link } = parked;
    const target = event === undefined ? link!.data : Buffer.from(`${event.revision}@${event.stream}`, 'utf8');
    const metadata = json({
      added: new Date().toISOString(),
      reason,
      subscriptionEventNumber: Number(originalEvent(parked).revision),
    });
    const entry = { id: randomUUID(), type: '$>', isJson: false, data: target, metadata };
    this.#log.append(this.#stream, [entry], 'any');
  }

  /** Takes out everything before event `stopAt` of the parked stream; the stream is truncated accordingly. */
  takeOut(stopAt: bigint | undefined): readonly ResolvedEvent[] {
    const links = this.#links.filter(({ revision }) => stopAt === undefined || revision < stopAt);
    const last = links.at(-1);
    if (last === undefined) return [];
    const data = json({ $tb: Number(last.revision) + 1 });
    const truncation = { id: randomUUID(), type: '$metadata', isJson: true, data, metadata: new Uint8Array(0) };
    this.#log.append(metastreamOf(this.#stream), [truncation], 'any');
    return links.map((link) => resolve(this.#log, link, true));
  }
}
