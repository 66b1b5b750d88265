import type { ReadModels } from '../read-models/database.ts';
import type { Vault } from './vault.ts';
import { eraseEverybody, reconcileErased, type Erasing } from './vault-of-log.ts';

type OpenRows = { readonly vault: Vault; readonly readModels: Pick<ReadModels, 'rebuild'> };

/**
 * Erases a person, and everybody who turned out to be them: says so, destroys the keys, and folds anew what had been opened before.
 * The log is told first and the vault remembers what is still to be folded: killed anywhere, the next start ends it
 * (`reconcileErased`, `scrubReadModels`), and calling it again does no harm.
 * @param input.by the actor @param input.at ISO instant
 * @returns who is erased now; nobody: there is no such member, or they were erased before
 * @throws {StoreUnavailable} @throws {RebuildFailed} when the keys are gone and read models are not folded anew yet
 */
export async function erase(
  given: Erasing & OpenRows,
  input: { readonly memberId: string; readonly by: string; readonly at: string },
): Promise<readonly string[]> {
  // What an earlier attempt said and could not do is done first.
  await reconcileErased(given);
  const erased = await eraseEverybody(given, input);
  // A log that is ever set back to before this ends before it.
  given.vault.readThrough = await given.store.head();
  await scrubReadModels(given);
  return erased;
}

/** Ends what `erase` began: nothing that was opened before is left in a read model. @throws {RebuildFailed} */
export async function scrubReadModels({ vault, readModels }: OpenRows): Promise<void> {
  const memberIds = vault.unscrubbed();
  if (memberIds.length === 0) return;
  // All of them: whatever holds a name is folded from events that no longer open.
  await readModels.rebuild();
  vault.scrubbed(memberIds);
}
