import type { TimeZone } from '../../domain/calendar.ts';

/**
 * When a job is due. Days and weeks are those of the zone's wall clock; hours are UTC's, which no zone repeats or skips.
 * `at`: `22:00`. `weekday`: ISO, 1 Monday … 7 Sunday.
 */
export type Schedule =
  | { readonly kind: 'hourly' }
  | { readonly kind: 'daily'; readonly at: string; readonly zone: TimeZone }
  | { readonly kind: 'weekly'; readonly weekday: number; readonly at: string; readonly zone: TimeZone };

/** Which periods that passed unserved (nobody ran, or the store was away) are made up for, up to which age in milliseconds. */
export type CatchUp = { readonly periods: 'each' | 'last' | 'none'; readonly within: number };

export type Progress = { readonly done: number; readonly total: number };

/** What a run is for. */
export type Slot = {
  /** Names it in the log: the period, and the season where the job is one season's; `now-<instant>` where somebody asked for it. */
  readonly slot: string;
  /** `2025-03-10`, `2025-W11` or `2025-03-10T14`: the period that was due, or, where somebody asked, the one they asked in. */
  readonly period: string;
};

export type Job = {
  /** kebab-case. Jobs of several seasons share a name. */
  readonly name: string;
  /** The season the job is for. */
  readonly challenge?: { readonly id: string; readonly title: string };
  readonly schedule: Schedule;
  readonly catchUp: CatchUp;
  /** Whether a period is still worth a run, at an instant in milliseconds since the epoch. Default: all are. */
  readonly matters?: (period: string, now: number) => boolean;
  /**
   * Does it, so that doing it twice for one slot is as doing it once: whoever dies in the middle is taken over.
   * @param signal the server stops, or the run was taken over: give up by throwing
   * @returns what came of it, in a few words that name nobody
   */
  readonly run: (slot: Slot, signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<string>;
};

/** Names a job among all: the same for the same job at each asking. */
export const jobKey = ({ name, challenge }: Pick<Job, 'name' | 'challenge'>): string =>
  challenge ? `${name} ${challenge.id}` : name;

/** The period comes first and has no underscore, so that a season's id may hold anything. */
export const slotOf = (period: string, challengeId?: string): string =>
  challengeId === undefined ? period : `${period}_${challengeId}`;

/** What `slotOf` was made of. */
export function partsOf(slot: string): { readonly period: string; readonly challengeId: string | null } {
  const at = slot.indexOf('_');
  return at < 0 ? { period: slot, challengeId: null } : { period: slot.slice(0, at), challengeId: slot.slice(at + 1) };
}

const ASKED = 'now-';
export const askedPeriod = (at: string): string => `${ASKED}${at}`;
/** The instant somebody asked for a run at; null for a period of the schedule. */
export const askedAt = (period: string): string | null =>
  period.startsWith(ASKED) ? period.slice(ASKED.length) : null;
