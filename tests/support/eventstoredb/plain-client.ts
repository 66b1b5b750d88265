import { EventStoreDBClient, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { ProtocolServer } from './server.ts';

/** A server and the plain client on it, as any program would use it. */
export type PlainClient = AsyncDisposable & { readonly server: ProtocolServer; readonly client: EventStoreDBClient };

export async function plainClient(parameters = ''): Promise<PlainClient> {
  const server = await ProtocolServer.start();
  const client = EventStoreDBClient.connectionString(`${server.connectionString}${parameters}`);
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.dispose();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const numbered = (n: number, type = 'Numbered') => jsonEvent({ type, data: { n } });

export const numberedUpTo = (count: number, type = 'Numbered') =>
  Array.from({ length: count }, (_, index) => numbered(index, type));

/** `n` of events made by `numbered`. */
export const numberOf = ({ event }: ResolvedEvent): unknown =>
  typeof event?.data === 'object' && 'n' in event.data ? event.data.n : undefined;

/** Reads to the end of a finite reading, or up to `count` of an endless one. */
export async function take(reading: AsyncIterable<ResolvedEvent>, count = Infinity): Promise<ResolvedEvent[]> {
  const events: ResolvedEvent[] = [];
  if (count === 0) return events;
  for await (const event of reading) if (events.push(event) === count) break;
  return events;
}
