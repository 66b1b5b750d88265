import { expect, test } from 'vitest';
import type { Accounts } from '../../server/identity/accounts.ts';
import type { Begun } from '../../server/vault/erase.ts';
import { eraseKeepingAnOwner } from '../../server/identity/open-identity.ts';
import { ReadModelsBehind } from '../../server/read-models/waiting.ts';

/** Notes when the turn begins and ends; `after`: what it does once the act is done. */
function turns(after: () => Promise<void> = () => Promise.resolve()) {
  const noted: string[] = [];
  const accounts: Pick<Accounts, 'keepingAnOwner'> = {
    async keepingAnOwner(memberId, act) {
      noted.push(`begins for ${memberId}`);
      const result = await act();
      await after();
      noted.push('ends');
      return result;
    },
  };
  return { noted, accounts };
}
const begun = (ended: Promise<boolean>): Promise<Begun> => Promise.resolve({ erased: ['kim'], ended });

test('whoever decides about others waits until it is said and shown, not until everything is folded anew', async () => {
  const { noted, accounts } = turns();
  const folding = Promise.withResolvers<boolean>();
  const answered = eraseKeepingAnOwner(accounts, 'kim', () => begun(folding.promise));
  await expect.poll(() => noted).toEqual(['begins for kim', 'ends']);
  folding.resolve(true);
  expect(await answered).toBe('erased');
});

test('what is said and not ended is told as that, also where it is not shown yet', async () => {
  const { accounts } = turns();
  expect(await eraseKeepingAnOwner(accounts, 'kim', () => begun(Promise.resolve(false)))).toBe('erasing');
  const late = turns(() => Promise.reject(new ReadModelsBehind('Later.')));
  expect(await eraseKeepingAnOwner(late.accounts, 'kim', () => begun(Promise.resolve(false)))).toBe('erasing');
});

test('what was not said is the error it was', async () => {
  const { accounts } = turns();
  const erase = () => Promise.reject(new Error('It does not answer.'));
  await expect(eraseKeepingAnOwner(accounts, 'kim', erase)).rejects.toThrow('It does not answer.');
});
