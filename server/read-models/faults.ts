import { extendedCode, isDamaged, isPassing } from '../sqlite/result-codes.ts';
import { UnusableFile } from './model-file.ts';

/**
 * What to do about an error while folding or reading a file:
 * `passing`: try again later; `damaged`: throw the file away and fold afresh; `lasting`: the projection's own fault, trying again changes nothing.
 */
export type Fault = 'passing' | 'damaged' | 'lasting';

/** `SQLITE_READONLY_DBMOVED`: the file was deleted or renamed while open. */
const MOVED = 1032;

export function faultOf(error: unknown): Fault {
  if (error instanceof UnusableFile || extendedCode(error) === MOVED || isDamaged(error)) return 'damaged';
  return isPassing(error) ? 'passing' : 'lasting';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
