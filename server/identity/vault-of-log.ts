import {
  emptyDirectory,
  eraseMember,
  evolveDirectory,
  memberEvents,
  memberStream,
  type MemberDirectory,
  type MemberEvent,
} from '../../domain/member.ts';
import { vaultStream } from '../../domain/vault.ts';
import { createCodec, derivedId, type Codec } from '../event-store/codec.ts';
import { StreamNotFound, type EventStore } from '../event-store/event-store.ts';
import { VaultRefused } from './master-key.ts';
import { memberIdsBy } from './member-ids.ts';
import { openVault, type Vault, type VaultOptions } from './vault.ts';

type Said = Extract<MemberEvent, { type: 'MemberErased' }>['data'];

/**
 * Opens the vault that a log is sealed with. The log says which that is, so that a vault that is missing, or another log's, is
 * noticed by reading one event. Nothing may be sealed or served before `reconcileErased`.
 * @throws {VaultRefused} @throws {StoreUnavailable}
 */
export async function openVaultOfLog(store: EventStore, options: Omit<VaultOptions, 'mayFound'>): Promise<Vault> {
  const named = await vaultNamedIn(store);
  const vault = openVault({ ...options, mayFound: named === null });
  try {
    if (named === null) {
      const event = { type: 'VaultFounded', data: { vaultId: vault.id } } as const;
      const founded = createCodec().encode(event, derivedId('vault', vault.id));
      await store.append(vaultStream, [founded], { expectedRevision: 'no_stream' });
    } else if (named !== vault.id)
      throw new VaultRefused(
        `The vault ${vault.access.directory} belongs to another event log than the one it stands beside. Restore the one that was ` +
          `backed up for this log, or choose another DATA_DIR.`,
      );
    return vault;
  } catch (error) {
    vault.close();
    throw error;
  }
}

async function vaultNamedIn(store: EventStore): Promise<string | null> {
  try {
    const [founded] = await store.readStream(vaultStream, { direction: 'backwards', limit: 1 });
    return founded ? String(founded.data['vaultId']) : null;
  } catch (error) {
    if (error instanceof StreamNotFound) return null;
    throw error;
  }
}

/** What says and makes that somebody is erased. */
export type Erasing = { readonly store: EventStore; readonly codec: Codec; readonly vault: Vault };

/**
 * Log and vault agree on who is erased, whichever of the two was set back to an older backup or killed half-way: whoever the log
 * says was erased loses the keys, with everybody they were known as, and what a log set back has forgotten is said again. Reads what
 * came since the last time only.
 * @throws {StoreUnavailable}
 */
export async function reconcileErased(given: Erasing): Promise<void> {
  const { store, vault } = given;
  const head = await store.head();
  const through = vault.readThrough;
  const isSetBack = through !== null && (head === null || head < through);
  const from = isSetBack ? null : through;
  const told = new Map<string, Said>();
  for await (const page of store.readAll({
    ...(from !== null && { from }),
    filter: { typePrefixes: ['MemberErased'] },
  }))
    for (const { data } of page) told.set(String(data['memberId']), data as Said);
  vault.destroy([...told].map(([memberId, said]) => ({ memberId, said })));
  const untold = isSetBack ? vault.erasures<Said>().filter(({ memberId }) => !told.has(memberId)) : [];
  // Read models set back with the log hold what was opened then.
  vault.scrubbed(
    untold.map(({ memberId }) => memberId),
    false,
  );
  for (const { said } of untold) await sayErased(given, said);
  for (const said of [...told.values(), ...untold.map(({ said }) => said)]) await eraseEverybody(given, said);
  vault.readThrough = await store.head();
}

/**
 * Erases a person and everybody who turned out to be them: says so, then destroys the keys. Going on with what was broken off is the
 * same as doing it.
 * @returns who is erased now and was not before
 * @throws {StoreUnavailable}
 */
export async function eraseEverybody(
  given: Erasing,
  input: { readonly memberId: string; readonly by: string; readonly at: string },
): Promise<string[]> {
  const erased: string[] = [];
  for (const { data } of eraseMember(input, await readDirectory(given), memberIdsBy(given.codec))) {
    await sayErased(given, data);
    given.vault.destroy([{ memberId: data.memberId, said: data }]);
    erased.push(data.memberId);
  }
  return erased;
}

/** Says so once, however often it is called. */
async function sayErased({ store, codec }: Erasing, data: Said): Promise<void> {
  const event = codec.encode({ type: 'MemberErased', data }, codec.fingerprint('erased', data.memberId));
  await store.append(memberStream(data.memberId), [event], { expectedRevision: 'any' });
}

async function readDirectory({ store, codec }: Erasing): Promise<MemberDirectory> {
  const events: MemberEvent[] = [];
  for await (const page of store.readAll({ filter: { streamPrefixes: [memberStream('')] } }))
    for (const recorded of page) {
      const event = recorded.type in memberEvents ? codec.decode(recorded) : null;
      if (event) events.push(event as unknown as MemberEvent);
    }
  return evolveDirectory(emptyDirectory, events);
}
