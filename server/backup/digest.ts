import { createHash } from 'node:crypto';
import type { RecordedEvent } from '../event-store/event-store.ts';

/** What a log has come to: two logs with the same digest tell the same, event by event. */
export type Digest = { readonly events: number; readonly position: string | null; readonly checksum: string };

/** Adds up events in the order of the log. */
export class DigestOfLog {
  readonly #hash = createHash('sha256');
  #events = 0;
  #position: bigint | null = null;

  add({ position, stream, revision, recordedAt, id, type, data, metadata }: RecordedEvent): void {
    const fields = [String(position), stream, String(revision), recordedAt, id, type, data, metadata];
    this.#hash.update(`${JSON.stringify(fields)}\n`);
    this.#events += 1;
    this.#position = position;
  }

  end(): Digest {
    const position = this.#position === null ? null : String(this.#position);
    return { events: this.#events, position, checksum: this.#hash.digest('hex') };
  }
}

/**
 * @param through the last position that counts; what came later does not
 * @param onEvent is shown each event that counts
 */
export async function digestOf(
  pages: AsyncIterable<readonly RecordedEvent[]>,
  through: bigint | null = null,
  onEvent: (event: RecordedEvent) => void = () => undefined,
): Promise<Digest> {
  const digest = new DigestOfLog();
  for await (const page of pages)
    for (const event of page) {
      if (through !== null && event.position > through) return digest.end();
      digest.add(event);
      onEvent(event);
    }
  return digest.end();
}

export const isSame = (one: Digest, other: Digest): boolean =>
  one.events === other.events && one.position === other.position && one.checksum === other.checksum;
