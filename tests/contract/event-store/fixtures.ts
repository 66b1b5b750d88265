import { randomUUID } from 'node:crypto';
import type {
  EventFilter,
  EventStore,
  EventToAppend,
  JsonObject,
  Position,
  ReadAllOptions,
  RecordedEvent,
} from '../../../server/event-store/event-store.ts';

/** What an adapter's test hands to the suite for each test. */
export type OpenStore = {
  readonly store: EventStore;
  /** Lets go of `store` and opens the same log again, as a restarted process would. Default: `store` itself. */
  reopen?(): Promise<EventStore>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type OpensStore = () => Promise<OpenStore>;

/** A stream name no other test uses: the log may be a shared server that is never emptied. */
export const freshStream = (prefix = 'ledger'): string => `${prefix}-${randomUUID()}`;

/** A type prefix of its own, for filters. Letters only, as event types are. */
export const freshTypePrefix = (): string => `T${randomUUID().replaceAll('-', '')}`;

export const anEvent = (type = 'AmountEntered', data: JsonObject = { amount: 1 }, metadata: JsonObject = {}) =>
  ({ id: randomUUID(), type, data, metadata }) satisfies EventToAppend;

export const someEvents = (count: number, type = 'AmountEntered'): EventToAppend[] =>
  Array.from({ length: count }, (_, index) => anEvent(type, { amount: index }));

export async function readToEnd(store: EventStore, options: ReadAllOptions = {}): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of store.readAll(options)) events.push(...page);
  return events;
}

/** Start of what this test will write. */
export const presentEnd = async (store: EventStore): Promise<{ from?: Position }> => {
  const head = await store.head();
  return head === null ? {} : { from: head };
};

export const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map((event) => event.id);

export const inStream = (stream: string) => ({ streamPrefixes: [stream] }) satisfies EventFilter;
