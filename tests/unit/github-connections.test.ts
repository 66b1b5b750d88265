import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { access, accessStream } from '../../domain/access.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { load } from '../../server/event-store/command-handler.ts';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';
import { GitHubConnections } from '../../server/identity/github-connections.ts';
import type { GitHubRepository } from '../../server/identity/github.ts';
import { TokenRevoked } from '../../server/identity/github-faults.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';
import { Vaults } from '../support/vaults.ts';

const codec = createCodec();
const NAME = 'github-token';
const wide = { token: 'wide', scopes: ['read:user', 'repo', 'user:email'] };
const narrow = { token: 'narrow', scopes: ['read:user', 'user:email'] };
const garden: GitHubRepository = {
  ...{ id: 7, fullName: 'kim/garden', private: true, pushedAt: null },
  ...{ url: 'https://github.com/kim/garden', description: null },
};

/** GitHub as far as tokens go. */
class Tokens {
  readonly ended = new Set<string>();
  readonly givenBack: string[] = [];
  /** Struck before an answer is given. */
  meanwhile: () => Promise<void> = async () => undefined;
  async revoke(token: string): Promise<void> {
    this.givenBack.push(token);
    this.ended.add(token);
  }
  async repositories(token: string): Promise<GitHubRepository[]> {
    const isOver = this.ended.has(token);
    await this.meanwhile();
    if (isOver) throw new TokenRevoked();
    return [garden];
  }
}

let vaults: Vaults;
let store: MemoryEventStore;
let github: Tokens;
let clock = Date.UTC(2026, 10, 21, 12);
beforeEach(() => {
  [vaults, store, github] = [new Vaults(), new MemoryEventStore(), new Tokens()];
});
afterEach(() => vaults[Symbol.dispose]());

type Vault = ReturnType<Vaults['open']>;
function opened(change: { vault?: Partial<Vault>; store?: Partial<MemoryEventStore> } = {}) {
  const vault = vaults.open();
  const connections = new GitHubConnections({
    github,
    store: Object.assign(Object.create(store) as MemoryEventStore, bound(store), change.store),
    codec,
    vault: {
      putSecret: (...of) => vault.putSecret(...of),
      secret: (...of) => vault.secret(...of),
      removeSecret: (...of) => vault.removeSecret(...of),
      ...change.vault,
    },
    now: () => (clock += 1_000),
    shown: async () => undefined,
    onTrouble: () => undefined,
  });
  return { connections, vault };
}
const bound = (whole: MemoryEventStore): Partial<MemoryEventStore> => ({
  append: (...of) => whole.append(...of),
  readStream: (...of) => whole.readStream(...of),
});
const scopesOf = async () => (await load(store, codec, accessStream('kim'), access)).state.token?.scopes ?? null;
const away = async (): Promise<never> => {
  throw new StoreUnavailable('The process was killed.');
};

describe('a token', () => {
  test('is used where the vault keeps it and the log says so', async () => {
    const { connections } = opened();
    await connections.keep('kim', wide);
    expect(await connections.token('kim')).toBe('wide');
    expect(await connections.reachable('kim')).toEqual([garden]);
    expect(github.givenBack).toEqual([]);
  });

  test('that opens less is given back, one that opens as much takes the place', async () => {
    const { connections } = opened();
    await connections.keep('kim', wide);
    await connections.keep('kim', narrow);
    expect(github.givenBack).toEqual(['narrow']);
    await connections.keep('kim', { ...wide, token: 'newer' });
    expect(await connections.token('kim')).toBe('newer');
    expect(await scopesOf()).toEqual(wide.scopes);
  });

  test('kept when the process was killed before the log said so is given back, not used', async () => {
    const killed = opened({ store: { append: away } });
    await expect(killed.connections.keep('kim', wide)).rejects.toThrow(StoreUnavailable);
    const { connections, vault } = opened();
    expect(await connections.reachable('kim')).toBe(null);
    expect(github.givenBack).toEqual(['wide']);
    expect(vault.secret('kim', NAME)).toBe(null);
  });

  test('of somebody erased while they signed in is given back, and not kept', async () => {
    const { connections, vault } = opened();
    const said = { memberId: 'kim', identityIds: [], by: 'kim', at: '2026-11-21T12:00:00Z' };
    const erased = codec.encode({ type: 'MemberErased', data: said }, crypto.randomUUID());
    await store.append(accessStream('kim'), [erased], { expectedRevision: 'any' });
    await expect(connections.keep('kim', wide)).rejects.toMatchObject({ reason: 'erased' });
    expect([github.givenBack, vault.secret('kim', NAME)]).toEqual([['wide'], null]);
    vault.destroy([{ memberId: 'kim', said }]);
    await expect(connections.keep('kim', { ...wide, token: 'later' })).rejects.toThrow('erased');
    expect(github.givenBack).toEqual(['wide', 'later']);
  });

  test('disconnected is given back, removed and said to be gone', async () => {
    const { connections, vault } = opened();
    await connections.keep('kim', wide);
    await connections.disconnect('kim', 'kim');
    expect(github.givenBack).toEqual(['wide']);
    expect([vault.secret('kim', NAME), await scopesOf()]).toEqual([null, null]);
  });

  test('given back when the process was killed before it was removed is ended at its next use', async () => {
    const { connections, vault } = opened();
    await connections.keep('kim', wide);
    github.ended.add('wide');
    expect(await connections.reachable('kim')).toBe(null);
    expect([vault.secret('kim', NAME), await scopesOf()]).toEqual([null, null]);
  });

  test('removed when the process was killed before the log said so is said to be gone at its next use', async () => {
    await opened().connections.keep('kim', wide);
    const killed = opened({ store: { append: away } });
    await expect(killed.connections.disconnect('kim', 'kim')).rejects.toThrow(StoreUnavailable);
    expect(await scopesOf()).toEqual(wide.scopes);
    const { connections } = opened();
    expect(await connections.token('kim')).toBe(null);
    expect(await scopesOf()).toBe(null);
    // And one that opens less is taken from now on, and called what it is.
    await connections.keep('kim', narrow);
    expect([await connections.token('kim'), await scopesOf()]).toEqual(['narrow', narrow.scopes]);
  });

  test('that the log says is gone is not used, though the vault was set back to when it was kept', async () => {
    const { connections, vault } = opened();
    await connections.keep('kim', wide);
    await connections.disconnect('kim', 'kim');
    vault.putSecret('kim', NAME, 'wide');
    expect(await connections.token('kim')).toBe(null);
    expect(vault.secret('kim', NAME)).toBe(null);
  });

  test('that the vault fails to remove has been given back, and is used no more', async () => {
    await opened().connections.keep('kim', wide);
    const { connections } = opened({
      vault: {
        removeSecret: () => {
          throw new StoreUnavailable('The journal of the vault is in use; try again.');
        },
      },
    });
    await expect(connections.disconnect('kim', 'kim')).rejects.toThrow('in use');
    expect([github.givenBack, await scopesOf()]).toEqual([['wide'], null]);
    const again = opened();
    expect(await again.connections.token('kim')).toBe(null);
    expect(again.vault.secret('kim', NAME)).toBe(null);
  });

  test('that GitHub takes no more does not end the one that has taken its place', async () => {
    const { connections } = opened();
    await connections.keep('kim', wide);
    github.ended.add('wide');
    github.meanwhile = async () => {
      github.meanwhile = async () => undefined;
      await connections.keep('kim', { ...wide, token: 'newer' });
    };
    expect(await connections.reachable('kim')).toEqual([garden]);
    expect(await connections.token('kim')).toBe('newer');
    expect(github.givenBack).toEqual([]);
  });

  test('being connected is not taken for one that was broken off', async () => {
    let asked: Promise<string | null> = Promise.resolve(null);
    const { connections } = opened({
      store: {
        append: async (...of) => {
          asked = connections.token('kim');
          await new Promise((resolve) => setTimeout(resolve, 10));
          return store.append(...of);
        },
      },
    });
    await connections.keep('kim', wide);
    expect([await asked, github.givenBack]).toEqual(['wide', []]);
  });
});

describe('repositories', () => {
  test('are connected of those the token reaches; without a token none can be', async () => {
    const { connections } = opened();
    expect(await connections.connect('kim', [7])).toBe(null);
    await connections.keep('kim', wide);
    expect(await connections.connect('kim', [7, 8])).toMatchObject([{ githubId: 7, name: 'kim/garden' }]);
  });
});
