import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VaultRefused } from '../../server/vault/master-key.ts';
import { openVaultOfLog } from '../../server/vault/vault-of-log.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { Vaults } from '../support/vaults.ts';

describe('of two servers that start at once on one new log', () => {
  test('one makes its vault; the other is told so, and leaves none behind', async () => {
    await using log = await temporaryStore();
    await using another = await temporaryStore();
    using one = new Vaults();
    using other = new Vaults();
    const start = (vaults: Vaults, store = log.store) =>
      openVaultOfLog(store, { dataDirectory: vaults.directory, masterKeys: [] });
    const [first, second] = await Promise.allSettled([start(one), start(other)]);
    const outcomes = [first, second].map(({ status }) => status);
    expect(outcomes.toSorted()).toEqual(['fulfilled', 'rejected']);
    const [winner, loser] = first.status === 'fulfilled' ? [one, other] : [other, one];
    const refused = [first, second].find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toBeInstanceOf(VaultRefused);
    expect(String(refused?.reason)).toMatch(/One vault serves one server/);
    for (const outcome of [first, second]) if (outcome.status === 'fulfilled') outcome.value.close();
    expect(readdirSync(loser.path())).toEqual([]);
    (await start(winner)).close();
    await expect(start(loser)).rejects.toThrow(/one vault serves one server/);
    (await start(loser, another.store)).close();
  });
});
