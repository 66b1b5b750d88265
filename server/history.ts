import type { Recorded } from '../domain/event-registry.ts';
import type { Codec } from './event-store/codec.ts';
import { StreamNotFound, type EventStore } from './event-store/event-store.ts';

/**
 * The events of a stream, opened, oldest first; none where nothing was ever said there.
 * @throws {StoreUnavailable}
 */
export type History = (stream: string) => Promise<Recorded[]>;

export const historyOf =
  ({ store, codec }: { store: Pick<EventStore, 'readStream'>; codec: Pick<Codec, 'decode'> }): History =>
  async (stream) => {
    try {
      return (await store.readStream(stream)).flatMap((recorded) => codec.decode(recorded) ?? []);
    } catch (error) {
      if (error instanceof StreamNotFound) return [];
      throw error;
    }
  };
