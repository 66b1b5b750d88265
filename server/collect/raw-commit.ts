import { decode } from './text.ts';

/** What a commit says of itself, beside who wrote it. */
export type CommitText = {
  /** ISO 8601, seconds, UTC. */
  readonly authoredAt: string;
  /** Minutes east of UTC. */
  readonly authorOffset: number;
  readonly committedAt: string;
  readonly message: string;
};
export type Unreadable = { readonly unreadable: string };

export const LONGEST_MESSAGE = 4_000;

/**
 * Git writes any number as a date. Earlier than 1970 becomes 1970-01-01, later than 9999-12-30 becomes that day's end: so the
 * local day has four digits of year in every zone, as everywhere else in Almanac.
 */
const EARLIEST = 0;
const LATEST = Date.parse('9999-12-30T23:59:59Z') / 1000;
const MOST_OFFSET = 24 * 60;

/** Reads a commit object's bytes (`git cat-file`; git-commit-tree(1), "Commit information"). @param cutOff they are the beginning of more */
export function parseCommit(bytes: Buffer, cutOff = false): CommitText | Unreadable {
  const blank = bytes.indexOf('\n\n');
  const headers = `\n${bytes.toString('latin1', 0, blank === -1 ? bytes.length : blank)}\n`;
  const written = afterAddress(header(headers, 'author'));
  const authored = dateOf(written);
  if (!authored) return { unreadable: 'its author line holds no date' };
  const entered = afterAddress(header(headers, 'committer'));
  const committed = (entered === written ? authored : dateOf(entered)) ?? authored;
  const encoding = header(headers, 'encoding');
  return {
    authoredAt: authored.at,
    authorOffset: authored.offset,
    committedAt: committed.at,
    message: blank === -1 ? '' : shortened(decode(bytes.subarray(blank + 2), encoding, cutOff).trimEnd()),
  };
}

/** The first of that name; what belongs to a signature or a merged tag is indented. */
function header(headers: string, name: string): string | undefined {
  const start = headers.indexOf(`\n${name} `) + name.length + 2;
  return start === name.length + 1 ? undefined : headers.slice(start, headers.indexOf('\n', start));
}

const afterAddress = (signature = '') => signature.slice(signature.lastIndexOf('>') + 1);

function dateOf(text: string): { at: string; offset: number } | null {
  const [, seconds, zone = '+0000'] = /^\s*(-?\d+)(?:\s+([+-]\d+))?\s*$/.exec(text) ?? [];
  if (seconds === undefined) return null;
  return { at: instantOf(Number(seconds)) ?? '', offset: offsetOf(zone) };
}

/** A date as events have it, in whole seconds of UTC, moved into the years they know. @returns null for what is no number */
export function instantOf(seconds: number): string | null {
  if (Number.isNaN(seconds)) return null;
  const clamped = Math.min(Math.max(Math.floor(seconds), EARLIEST), LATEST);
  return `${new Date(clamped * 1000).toISOString().slice(0, 19)}Z`;
}

/** `+0930` is 570; what no clock on Earth shows counts as UTC. */
function offsetOf(zone: string): number {
  const digits = Math.abs(Number(zone));
  const minutes = Math.floor(digits / 100) * 60 + (digits % 100);
  if (minutes > MOST_OFFSET) return 0;
  return zone.startsWith('-') && minutes > 0 ? -minutes : minutes;
}

/** A message as events have it: cut so that no character is halved. */
export function shortened(text: string): string {
  if (text.length <= LONGEST_MESSAGE) return text;
  const last = text.charCodeAt(LONGEST_MESSAGE - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? LONGEST_MESSAGE - 1 : LONGEST_MESSAGE);
}
