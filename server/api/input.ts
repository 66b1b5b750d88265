import { z } from 'zod';
import { isDay } from '../../domain/calendar.ts';
import { findMember, type Member } from '../../projections/members.ts';
import { fieldError } from './errors.ts';
import type { Services } from './services.ts';

/** A local day that exists; `2025-02-29` is refused. */
export const day = z
  .string()
  .refine(isDay, { error: 'Expected a day that exists, as YYYY-MM-DD' })
  .meta({ format: 'date', examples: ['2025-03-10'] });

/** A member's handle. */
export const handle = z.string().min(1).max(200).meta({ description: "The member's handle." });

export const challengeId = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'A challenge; without it the one this server shows.' });

/** @throws BAD_REQUEST when the range runs backwards */
export function orderedRange(
  from: string | undefined,
  to: string | undefined,
  field: string,
): { from?: string; to?: string } {
  if (from !== undefined && to !== undefined && from > to)
    throw fieldError(field, `The range ends (${to}) before it begins (${from}).`);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** @throws NOT_FOUND naming the field */
export function requireMember(services: Services, wanted: string, field: string): Member {
  const member = findMember(services.model('members'), wanted);
  if (member) return member;
  throw fieldError(field, `There is no member "${wanted}".`, 'NOT_FOUND');
}
