import { TRPCError, type TRPC_ERROR_CODE_KEY } from '@trpc/server';
import { AccessRefused, type AccessRefusal } from '../../domain/access.ts';

const CODES: Record<AccessRefusal, TRPC_ERROR_CODE_KEY> = {
  'not-allowed': 'FORBIDDEN',
  'never-asked': 'CONFLICT',
  'has-access': 'CONFLICT',
  'no-access': 'CONFLICT',
  deactivated: 'CONFLICT',
  erased: 'NOT_FOUND',
  'last-owner': 'CONFLICT',
};

/** Decides, and says what the rules refuse as the API does. @throws {TRPCError} 403, 404, 409 */
export async function decided<Result>(decide: () => Promise<Result>): Promise<Result> {
  try {
    return await decide();
  } catch (cause) {
    if (!(cause instanceof AccessRefused)) throw cause;
    throw new TRPCError({ code: CODES[cause.reason], message: cause.message, cause });
  }
}
