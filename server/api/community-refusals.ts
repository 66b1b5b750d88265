import type { TRPCError } from '@trpc/server';
import { CheerRefused, type CheerRefusal } from '../../domain/cheer.ts';
import { GoalRefused, type GoalRefusal } from '../../domain/goal.ts';
import { NameMissing } from '../../domain/published-profile.ts';
import { fieldError } from './errors.ts';

type Code = TRPCError['code'];
/** The field of the form, and how bad it is. */
const GOALS: Record<GoalRefusal, readonly [string, Code]> = {
  'too-many': ['kind', 'CONFLICT'],
  target: ['target', 'BAD_REQUEST'],
  text: ['text', 'BAD_REQUEST'],
  due: ['due', 'BAD_REQUEST'],
  counted: ['id', 'CONFLICT'],
  unknown: ['id', 'NOT_FOUND'],
};
const CHEERS: Record<CheerRefusal, readonly [string, Code]> = {
  empty: ['text', 'BAD_REQUEST'],
  'too-long': ['text', 'BAD_REQUEST'],
  'too-many': ['day', 'TOO_MANY_REQUESTS'],
  oneself: ['handle', 'BAD_REQUEST'],
  unknown: ['id', 'NOT_FOUND'],
  'not-yours': ['id', 'FORBIDDEN'],
};

/** What comes of a decision; a refusal by the rules names the field that can be mended. @throws {TRPCError} */
export async function decided<Answer>(deciding: Promise<Answer>): Promise<Answer> {
  try {
    return await deciding;
  } catch (thrown) {
    if (thrown instanceof GoalRefused) throw refused(GOALS[thrown.reason], thrown.message);
    if (thrown instanceof CheerRefused) throw refused(CHEERS[thrown.reason], thrown.message);
    if (thrown instanceof NameMissing) throw fieldError('name', thrown.message);
    throw thrown;
  }
}

const refused = ([field, code]: readonly [string, Code], message: string) => fieldError(field, message, code);
