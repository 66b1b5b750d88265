import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { randomUUID } from 'node:crypto';
import { requestedFilter, type EventFilter } from './filters.ts';
import type { LogEvent } from './log.ts';
import { compare, indexAt, positionOf, resolve, streamEvents, type LogPosition } from './log-reading.ts';
import type { Node } from './node.ts';
import { requestedPosition, requestedRevision, type ReadOptions, type Send } from './read-request.ts';
import { streamDeleted } from './rpc-errors.ts';
import { readEvent, streamName } from './wire.ts';

/** Events looked at before a page ends, and live events kept for a slow client before it counts as fallen behind. */
const READ_BATCH = 32;
/** How "from the start" reads once it has become a number. */
const BEFORE_ALL: LogPosition = { commit: -1n, prepare: -1n };

const confirmation = (): ReadResp => {
  const message = new streams.ReadResp.SubscriptionConfirmation();
  message.setSubscriptionId(randomUUID());
  const response = new streams.ReadResp();
  response.setConfirmation(message);
  return response;
};

const caughtUp = (): ReadResp => {
  const response = new streams.ReadResp();
  response.setCaughtUp(new streams.ReadResp.CaughtUp());
  return response;
};

/** `-1` travels as the largest number there is: a filtered subscription from the start that found nothing shows it. */
function checkpointAt({ commit, prepare }: LogPosition): ReadResp {
  const message = new streams.ReadResp.Checkpoint();
  message.setCommitPosition(String(BigInt.asUintN(64, commit)));
  message.setPreparePosition(String(BigInt.asUintN(64, prepare)));
  const response = new streams.ReadResp();
  response.setCheckpoint(message);
  return response;
}

/** Resolves after the next write, or when the client goes. */
function nextWrite(node: Node, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  const { promise, resolve: wake } = Promise.withResolvers<void>();
  const onGone = () => wake();
  const stop = node.log.onWritten(wake);
  gone.addEventListener('abort', onGone);
  return promise.finally(() => {
    stop();
    gone.removeEventListener('abort', onGone);
  });
}

/** Delivers strictly after the revision asked for; ends with an error when the stream is tombstoned. */
export async function subscribeToStream(
  node: Node,
  options: ReadOptions,
  send: Send,
  gone: AbortSignal,
): Promise<void> {
  const stream = streamName(options.getStream()?.getStreamIdentifier());
  if (node.log.isTombstoned(stream)) throw streamDeleted(stream);
  const from = requestedRevision(options);
  let last = from === 'start' ? -1n : from === 'end' ? node.log.lastRevision(stream) : from;
  await send(confirmation());
  let live = false;
  while (!gone.aborted) {
    const found = streamEvents(node.log, stream, last + 1n, 'forwards');
    if (found === 'deleted') throw streamDeleted(stream);
    const events = found === 'not found' ? [] : found;
    if (events.length > READ_BATCH) live = false;
    for (const event of events) {
      if (!(await send(readEvent(resolve(node.log, event, options.getResolveLinks()))))) return;
      last = event.revision;
    }
    if (events.length > 0) continue;
    if (live) await nextWrite(node, gone);
    else await send(caughtUp());
    live = true;
  }
}

export async function subscribeToAll(node: Node, options: ReadOptions, send: Send, gone: AbortSignal): Promise<void> {
  await new AllSubscription(node, options, send, gone).run();
}

/** A subscription to `$all`: pages while it catches up, then event by event; checkpoints when it filters. */
class AllSubscription {
  readonly #node: Node;
  readonly #send: Send;
  readonly #gone: AbortSignal;
  readonly #resolveLinks: boolean;
  readonly #filter: EventFilter;
  /** Events looked at between checkpoints; `undefined`: nobody asked for them. */
  readonly #interval: number | undefined;
  readonly #window: number;
  /** What was last sent on: an event or a checkpoint. */
  #at: LogPosition;
  /** Index of the event to look at next. */
  #next: number;
  #lastCheckpoint: LogPosition | undefined;
  #considered = 0;

  constructor(node: Node, options: ReadOptions, send: Send, gone: AbortSignal) {
    const filter = options.getFilter();
    this.#node = node;
    this.#send = send;
    this.#gone = gone;
    this.#resolveLinks = options.getResolveLinks();
    this.#filter = requestedFilter(filter);
    this.#window = filter?.hasMax() ? filter.getMax() : READ_BATCH;
    this.#interval = filter && this.#window * filter.getCheckpointintervalmultiplier();
    const from = requestedPosition(node, options);
    this.#at = from === 'start' ? BEFORE_ALL : from === 'end' ? this.#end() : from;
    this.#next = indexAt(node.log, this.#at.commit);
  }

  #end(): LogPosition {
    const last = this.#node.log.events.at(-1);
    return last === undefined ? BEFORE_ALL : positionOf(last);
  }

  async run(): Promise<void> {
    await this.#send(confirmation());
    if (compare(this.#at, this.#end()) < 0) await this.#catchUp();
    while (!this.#gone.aborted) {
      await this.#send(caughtUp());
      await this.#live();
      if (this.#interval !== undefined) await this.#checkpoint(this.#at);
      await this.#catchUp();
    }
  }

  /** Reads to the end in pages; a page ends after as many events looked at as the search window allows. */
  async #catchUp(): Promise<void> {
    const { events } = this.#node.log;
    let considered = 0;
    while (this.#next < events.length && !this.#gone.aborted) {
      const pageStart = { commit: events[this.#next]!.position, prepare: 0n };
      const page = events.slice(this.#next, this.#next + this.#window);
      this.#next += page.length;
      considered += page.length;
      for (const event of page) await this.#offer(event);
      if (this.#next >= events.length) break;
      if (this.#interval === undefined || considered < this.#interval) continue;
      considered %= this.#interval;
      if (compare(this.#at, pageStart) < 0) this.#at = pageStart;
      await this.#checkpoint(this.#at);
    }
    if (this.#interval !== undefined) await this.#checkpoint(this.#at);
  }

  /** Returns when the client cannot keep up. */
  async #live(): Promise<void> {
    const { events } = this.#node.log;
    while (!this.#gone.aborted) {
      if (this.#next === events.length) await nextWrite(this.#node, this.#gone);
      if (events.length - this.#next > READ_BATCH) return;
      while (this.#next < events.length && !this.#gone.aborted) {
        const event = events[this.#next]!;
        this.#next += 1;
        if (compare(positionOf(event), this.#at) <= 0) continue;
        await this.#offer(event);
        await this.#liveCheckpoint(event);
      }
    }
  }

  async #liveCheckpoint(event: LogEvent): Promise<void> {
    if (this.#interval === undefined) return;
    this.#considered += 1;
    if (this.#considered < this.#interval) return;
    this.#considered = 0;
    this.#at = positionOf(event);
    await this.#checkpoint(this.#at);
  }

  async #offer(event: LogEvent): Promise<void> {
    if (compare(positionOf(event), this.#at) <= 0 || !this.#filter(event)) return;
    if (await this.#send(readEvent(resolve(this.#node.log, event, this.#resolveLinks)))) this.#at = positionOf(event);
  }

  /** Never twice the same, and never back. */
  async #checkpoint(position: LogPosition): Promise<void> {
    const asSent = { commit: BigInt.asUintN(64, position.commit), prepare: BigInt.asUintN(64, position.prepare) };
    if (this.#lastCheckpoint !== undefined && compare(asSent, this.#lastCheckpoint) <= 0) return;
    this.#lastCheckpoint = asSent;
    await this.#send(checkpointAt(position));
  }
}
