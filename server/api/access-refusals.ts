import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';
import type { AccessRefusal } from '../../domain/access.ts';

/** What the API answers where the rules about access say no. */
export const ACCESS_REFUSALS: Record<AccessRefusal, TRPC_ERROR_CODE_KEY> = {
  'not-allowed': 'FORBIDDEN',
  'never-asked': 'CONFLICT',
  'has-access': 'CONFLICT',
  'no-access': 'CONFLICT',
  deactivated: 'CONFLICT',
  erased: 'NOT_FOUND',
  'last-owner': 'CONFLICT',
  unknown: 'NOT_FOUND',
  'not-one': 'CONFLICT',
};
