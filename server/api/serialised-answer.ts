import { hash } from 'node:crypto';

type Bytes = Uint8Array<ArrayBuffer>;

const BEFORE = '[{"result":{"data":';
const AFTER = '}}]';
const encoder = new TextEncoder();
const kept = new WeakMap<object, SerialisedAnswer>();

/** An answer as it goes over the wire: written once with what tRPC puts around it, of which the other forms are parts. */
export class SerialisedAnswer {
  /** As tRPC answers a batch of this one call. */
  readonly batch: Bytes;
  #etag: string | null = null;

  constructor(data: unknown) {
    this.batch = encoder.encode(BEFORE + JSON.stringify(data ?? null) + AFTER);
  }

  /** As tRPC answers the call outside of a batch, and as one of several in a batch. */
  get result(): Bytes {
    return this.batch.subarray(1, -1);
  }

  /** By itself. */
  get json(): Bytes {
    return this.batch.subarray(BEFORE.length, -AFTER.length);
  }

  get etag(): string {
    return (this.#etag ??= `"${hash('sha1', this.json, 'base64url')}"`);
  }

  /** The very same object is written out once, however often it is asked for; it must not be changed afterwards. */
  static of(data: unknown): SerialisedAnswer {
    if (typeof data !== 'object' || data === null) return new SerialisedAnswer(data);
    const known = kept.get(data);
    if (known) return known;
    const fresh = new SerialisedAnswer(data);
    kept.set(data, fresh);
    return fresh;
  }
}
