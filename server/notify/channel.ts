/** What is told to somebody. */
export type Outgoing = {
  readonly title: string;
  /** Plain text; what matters comes first, since a channel may cut it. */
  readonly text: string;
  /** Where to read on; none: nobody said what address this server is reached by. */
  readonly url?: string;
};

/** One way of reaching somebody. */
export interface Channel {
  /** `webhook`, `email`, `kakao`: what settings and the history call it. */
  readonly name: string;
  /**
   * @param to an address where the channel needs one
   * @param idempotencyKey the same for the same message however often it is sent, so that a receiver who can tells it again
   * @throws {DeliveryFailed}
   */
  send(message: Outgoing, to: string, idempotencyKey: string, signal: AbortSignal): Promise<void>;
}

/** A message did not arrive, or nobody knows whether it did. Never quotes an address, a secret or the message. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed';
  /** Whether the same message may arrive another time. */
  readonly retryable: boolean;
  /** Milliseconds the receiver wants to be left alone. */
  readonly retryAfterMs: number | null;
  constructor(
    message: string,
    { retryable, retryAfterMs = null, cause }: { retryable: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, { cause });
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The wait a `Retry-After` names, in milliseconds: seconds, or an HTTP date (RFC 9110, 10.2.3); null for what is neither.
 * @param now milliseconds since the epoch
 */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds * 1000));
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** What an answer of a web service that is not 2xx means. The body is not quoted: it could be anything. */
export function failedAnswer(name: string, { status, headers }: Response, now: number): DeliveryFailed {
  const retryable = status === 408 || status === 425 || status === 429 || status >= 500;
  return new DeliveryFailed(`${name} answered with ${status}.`, {
    retryable,
    retryAfterMs: retryable ? retryAfter(headers.get('retry-after'), now) : null,
  });
}

/** A request that got no answer at all. */
export function noAnswer(name: string, cause: unknown): DeliveryFailed {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  const what = isLate ? 'did not answer in time' : 'cannot be reached';
  return new DeliveryFailed(`${name} ${what}${codeOf(cause)}.`, { retryable: true });
}

/** The system's word for it: `ECONNREFUSED`. Other errors may quote the address. */
function codeOf(error: unknown): string {
  const { cause = error } = (error ?? {}) as { cause?: unknown };
  const { code } = (cause ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[A-Z_\d]+$/.test(code) ? ` (${code})` : '';
}

/** Control characters, and marks that turn the direction of text: none of it belongs into a message. */
const CONTROLS = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
export const plainText = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll(CONTROLS, ' ');
export const oneLine = (text: string): string => plainText(text).replaceAll(/\s+/g, ' ').trim();

const graphemes = new Intl.Segmenter('ko', { granularity: 'grapheme' });

/** A text of at most `most` UTF-16 units, cut between characters as people see them. */
export function fitted(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + segment.length > most - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
