import { byChance, EVERY_FAULT, type Fault, type SeenRequest } from '../github/faults.ts';
import { at, HOUR_S } from './plan.ts';

/** A night and a morning in which GitHub answers nobody. */
export const OUTAGE = { from: at(26, 20), to: at(27, 9) } as const;

const SILENT: readonly (() => Fault)[] = [() => ({ unanswered: true })];
const isSilent = (fault: () => Fault) => fault().unanswered === true;
const QUICK = EVERY_FAULT.filter((fault) => !isSilent(fault));

type Choose = (request: SeenRequest) => Fault | null;
/** `silent`: some requests are never answered, which costs whoever asks all their patience. */
export type Weather = { readonly choose: Choose; readonly silent: boolean };

export const CALM: Weather = { choose: () => null, silent: false };

/** How GitHub is at an hour of the season: mostly well, sometimes striking a tenth or half of the requests, in an outage all. */
export function weatherAt(seed: number, seconds: number): Weather {
  const hour = Math.floor(seconds / HOUR_S);
  if (seconds >= OUTAGE.from && seconds < OUTAGE.to) return { choose: () => ({ status: 503 }), silent: false };
  if (hour % 307 === seed % 12) return { choose: byChance(seed + hour, 0.1, SILENT), silent: true };
  const kind = (hour * 7 + seed) % 10;
  if (kind < 4) return CALM;
  return { choose: byChance(seed + hour, kind < 8 ? 0.1 : 0.5, QUICK), silent: false };
}
