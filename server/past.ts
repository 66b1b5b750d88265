import { privateRepositories } from '../projections/commit-activity.ts';
import { countErased } from '../projections/members.ts';
import { Past, type PastOptions } from './read-models/as-of.ts';
import type { ReadModels } from './read-models/database.ts';

/** The book as of past moments, which forgets at once what must not be shown any more. */
export function openPast(
  readModels: Pick<ReadModels, 'model' | 'onChange'>,
  options: Omit<PastOptions, 'withheld'>,
): Past {
  const withheld = () =>
    JSON.stringify([
      countErased(readModels.model('members')),
      privateRepositories(readModels.model('commit-activity')),
    ]);
  const past = new Past({ ...options, withheld });
  readModels.onChange(() => past.forgetWithheld());
  return past;
}
