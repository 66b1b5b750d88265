import { z } from 'zod';
import { memberOf } from '../identity/caller.ts';
import { BeforeTheLog, PAST_MODELS, type PastModelName, type PastMoment } from '../read-models/as-of.ts';
import { challengeFor } from './book.ts';
import { fieldError } from './errors.ts';
import type { Services } from './services.ts';
import type { Context } from './trpc.ts';

/** A moment of the past, folded from the log. */
export interface PastServices {
  /** @throws {BeforeTheLog} @throws {ReadModelUnavailable} */
  at(instant: number, asker: string): Promise<PastMoment>;
}

/** `2025-03-20T12:00`, as a form writes it: a time of the challenge's zone. */
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const isMoment = (text: string): boolean => {
  try {
    if (LOCAL.test(text)) return Temporal.PlainDateTime.from(text, { overflow: 'reject' }) !== null;
    return INSTANT.test(text) && Temporal.Instant.from(text) !== null;
  } catch {
    return false;
  }
};

const moment = z
  .string()
  .refine(isMoment, {
    error: 'Expected an instant such as 2025-03-20T03:00:00Z, or a local time such as 2025-03-20T12:00',
  })
  .meta({
    description:
      'Answers with what was known then: an instant, or a local time of the challenge. Who was erased since has no name in the past either.',
    examples: ['2025-03-20T03:00:00Z'],
  });

/** The field of a question that can be asked of the past. */
export const asOf = { as_of: moment.optional() };

const pasts = new WeakMap<PastMoment, Services>();

/**
 * What answers the question: the services of now, or those of the past moment asked for, whose clock stands still at it.
 * @throws BAD_REQUEST for a moment to come, NOT_FOUND for one before anything was recorded, both naming `as_of`
 */
export async function servicesAsOf(
  { services, caller }: Pick<Context, 'services' | 'caller'>,
  { as_of, challenge }: { as_of?: string | undefined; challenge?: string | undefined },
): Promise<Services> {
  if (as_of === undefined) return services;
  const zone = () => challengeFor(services, challenge)?.timeZone ?? services.timeZone;
  const instant = LOCAL.test(as_of)
    ? Temporal.PlainDateTime.from(as_of).toZonedDateTime(zone()).epochMilliseconds
    : Temporal.Instant.from(as_of).epochMilliseconds;
  if (instant > services.now()) throw fieldError('as_of', `${as_of} is still to come: nothing is known of it.`);
  return pastServices(services, await momentAt({ services, caller }, instant, as_of));
}

async function momentAt(
  { services, caller }: Pick<Context, 'services' | 'caller'>,
  instant: number,
  text: string,
): Promise<PastMoment> {
  try {
    return await services.past.at(instant, memberOf(caller) ?? caller.kind);
  } catch (error) {
    if (error instanceof BeforeTheLog) throw fieldError('as_of', `Nothing had been recorded at ${text}.`, 'NOT_FOUND');
    throw error;
  }
}

/** The same object for the same moment, so that what is computed from its book is kept with it. */
function pastServices(services: Services, past: PastMoment): Services {
  const known = pasts.get(past);
  if (known) return known;
  const isFolded = (name: string): name is PastModelName => PAST_MODELS.some((one) => one === name);
  const then: Pick<Services, 'model' | 'now'> = {
    now: () => past.instant,
    model: (name) => (isFolded(name) ? past.model(name) : services.model(name)),
  };
  const made: Services = { ...services, ...then, defaultChallenge: () => services.defaultChallenge(then) };
  pasts.set(past, made);
  return made;
}
