import type { PlainDay } from '#lib/calendar/plain-day.ts';

/** The local day of an instant in a zone. */
export const dayOf = (instant: string, timeZone: string): PlainDay =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(instant),
  );
