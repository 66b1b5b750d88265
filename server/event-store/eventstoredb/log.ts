import {
  StoreUnavailable,
  StreamDeleted,
  StreamNotFound,
  type EventFilter,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
} from '../event-store.ts';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Connection } from './connection.ts';
import { CallFailure } from './failures.ts';
import { allRequest, isWanted, placeAt, recordedEvent, streamRequest } from './messages.ts';
import { Reading } from './reading.ts';

/** Most events in one page. */
const PAGE_EVENTS = 500;
const ALL = Number.MAX_SAFE_INTEGER;

type Page = readonly RecordedEvent[];

export type LogReaderOptions = {
  readonly connection: Connection;
  /** Longest silence while something is read that need not be searched for. */
  readonly callTimeoutMs: number;
  /** Longest silence while the server looks for events that match a filter. */
  readonly searchTimeoutMs: number;
  /** The store is closing: readings end with StoreUnavailable. */
  readonly closing: AbortSignal;
};

/** Reads in single attempts; every method throws CallFailure when the attempt fails. */
export class LogReader {
  readonly #options: LogReaderOptions;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  /** @throws {StreamNotFound} @throws {StreamDeleted} */
  async stream(name: string, { direction = 'forwards', from, limit = ALL }: ReadStreamOptions): Promise<Page> {
    const events: RecordedEvent[] = [];
    try {
      // None is not a count the server knows, but whether the stream exists still matters.
      const request = streamRequest(name, direction, from, Math.max(1, limit));
      for await (const responses of this.#responses(request, this.#options.callTimeoutMs)) {
        if (responses.some((response) => response.hasStreamNotFound())) throw new StreamNotFound(name);
        events.push(...recordedEvents(responses));
      }
    } catch (error) {
      throw error instanceof CallFailure && error.exception === 'stream-deleted' ? new StreamDeleted(name) : error;
    }
    return events.slice(0, limit);
  }

  /** As `stream`, but nothing is found in a stream that does not exist. @throws {StreamDeleted} */
  async streamIfAny(name: string, options: ReadStreamOptions): Promise<Page> {
    try {
      return await this.stream(name, options);
    } catch (error) {
      if (error instanceof StreamNotFound) return [];
      throw error;
    }
  }

  async *all({ direction = 'forwards', from, limit = ALL, filter }: ReadAllOptions): AsyncGenerator<Page> {
    const silenceMs = filter === undefined ? this.#options.callTimeoutMs : this.#options.searchTimeoutMs;
    let [place, left] = [from, limit];
    while (left > 0) {
      // Forwards the event at the place itself comes too.
      const start = place;
      const count = Math.min(ALL, direction === 'forwards' && start !== undefined ? left + 1 : left);
      const request = allRequest(direction, start === undefined ? undefined : placeAt(start), count, filter);
      let received = 0;
      for await (const responses of this.#responses(request, silenceMs)) {
        const events = recordedEvents(responses);
        received += events.length;
        const wanted = events.filter(({ position }) => position !== start).filter((event) => isWanted(event, filter));
        place = events.at(-1)?.position ?? place;
        left -= wanted.length;
        for (let at = 0; at < wanted.length; at += PAGE_EVENTS) yield wanted.slice(at, at + PAGE_EVENTS);
      }
      // Fewer than asked for: there are no more. Otherwise some were not wanted, and as many are still to be found.
      if (received < count) return;
    }
  }

  /** Position of the last event that is not the server's own, and that the filter lets through. */
  async lastPosition(filter?: EventFilter): Promise<Position | null> {
    const options = { direction: 'backwards', limit: 1, ...(filter === undefined ? {} : { filter }) } as const;
    for await (const page of this.all(options)) return page[0]?.position ?? null;
    return null;
  }

  async *#responses(request: ReadReq, silenceMs: number): AsyncGenerator<readonly ReadResp[]> {
    const { connection, closing } = this.#options;
    using reading = new Reading(connection, request, { signal: closing, silenceMs });
    for (;;) {
      const responses = await reading.take();
      // An interrupted reading must not pass for a complete one.
      if (closing.aborted) throw new StoreUnavailable('The event store is closed.');
      if (responses === undefined) return;
      yield responses;
    }
  }
}

const recordedEvents = (responses: readonly ReadResp[]): RecordedEvent[] =>
  responses.map(recordedEvent).filter((event) => event !== undefined);
