/** What a stream's metadata (the last event of `$$<stream>`) says about which of its events still count. */
export type StreamMetadata = {
  readonly maxCount?: bigint;
  readonly truncateBefore?: bigint;
  readonly maxAgeMs?: number;
};

/** Event number of a tombstone, and `$tb` of a soft-deleted stream. */
export const DELETED_STREAM = 9_223_372_036_854_775_807n;

/** A JSON number loses the last digits of `DELETED_STREAM`; nothing else comes near it. */
const AS_GOOD_AS_DELETED = 9_223_372_036_854_000_000;

const metastreamPrefix = '$$';

export const isMetastream = (stream: string): boolean => stream.startsWith(metastreamPrefix);
export const metastreamOf = (stream: string): string => `${metastreamPrefix}${stream}`;
export const originalOf = (metastream: string): string => metastream.slice(metastreamPrefix.length);

const integer = (value: unknown): bigint | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? BigInt(Math.trunc(value)) : undefined;

/** Malformed metadata counts as none, as in EventStoreDB. */
export function parseMetadata(data: Uint8Array | undefined): StreamMetadata {
  const json = rawMetadata(data);
  if (json === undefined) return {};
  const maxCount = integer(json.$maxCount);
  const truncate = json.$tb;
  const truncateBefore =
    typeof truncate === 'number' && truncate >= AS_GOOD_AS_DELETED ? DELETED_STREAM : integer(truncate);
  const maxAge = integer(json.$maxAge);
  return {
    ...(maxCount === undefined ? {} : { maxCount }),
    ...(truncateBefore === undefined ? {} : { truncateBefore }),
    ...(maxAge === undefined ? {} : { maxAgeMs: Number(maxAge) * 1000 }),
  };
}

/** The JSON object itself, for rewriting one of its fields. */
export function rawMetadata(data: Uint8Array | undefined): Record<string, unknown> | undefined {
  if (data === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof json === 'object' && json !== null ? { ...json } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
