import { saidOfPeople } from '../../domain/access.ts';
import {
  emptyDirectory,
  eraseMember,
  evolveDirectory,
  memberStream,
  presentMember,
  type MemberEvent,
  type PersonEvent,
} from '../../domain/member.ts';
import { vaultStream } from '../../domain/vault.ts';
import { createCodec, derivedId, type Codec } from '../event-store/codec.ts';
import {
  StreamNotFound,
  WrongExpectedRevision,
  type EventStore,
  type ExpectedRevision,
  type Position,
} from '../event-store/event-store.ts';
import { VaultRefused } from './master-key.ts';
import { memberIdsBy } from '../member-ids.ts';
import { openVault, type Vault, type VaultOptions } from './vault.ts';
import { sealOf, type OnTrouble } from './vault-seal.ts';

/** Conflicts in a row after which others are let go first. */
const MOST_CONFLICTS = 8;

type Said = Extract<MemberEvent, { type: 'MemberErased' }>['data'];

/** What a log is sealed with. */
type Sealing = { readonly vault: Vault; readonly codec: Codec };

/**
 * Opens the vault that a log is sealed with, and what seals by it; whoever the log says was erased cannot be read from here on.
 * @throws {VaultRefused} @throws {StoreUnavailable}
 */
export async function openSealing(
  store: EventStore,
  options: Omit<VaultOptions, 'mayFound'>,
  onTrouble: OnTrouble,
): Promise<Sealing> {
  const vault = await openVaultOfLog(store, options);
  try {
    const codec = createCodec(sealOf(vault, onTrouble));
    await reconcileErased({ store, codec, vault });
    return { vault, codec };
  } catch (error) {
    vault.close();
    throw error;
  }
}

/**
 * The log says which vault it is sealed with, so that one that is missing, or another log's, is noticed by reading one event.
 * Nothing may be sealed or served before `reconcileErased`.
 * @throws {VaultRefused} @throws {StoreUnavailable}
 */
export async function openVaultOfLog(store: EventStore, options: Omit<VaultOptions, 'mayFound'>): Promise<Vault> {
  const named = await vaultNamedIn(store);
  const vault = openVault({ ...options, mayFound: named === null });
  try {
    if (named === null) await sayFounded(store, vault);
    else if (named !== vault.id)
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

/** Killed before it is said, the next start says it of the same vault. */
async function sayFounded(store: EventStore, vault: Vault): Promise<void> {
  const event = { type: 'VaultFounded', data: { vaultId: vault.id } } as const;
  const founded = createCodec().encode(event, derivedId('vault', vault.id));
  try {
    await store.append(vaultStream, [founded], { expectedRevision: 'no_stream' });
  } catch (cause) {
    if (!(cause instanceof WrongExpectedRevision)) throw cause;
    // Kept, it would be taken for another log's by every start to come.
    vault.discard();
    throw new VaultRefused(
      'Another server has just made the vault of this event log. One vault serves one server: leave this log to the other one and ' +
        'choose another for this one; or stop the other one, and bring its vault here.',
      { cause },
    );
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

type Input = { readonly memberId: string; readonly by: string; readonly at: string };

/**
 * Log and vault agree on who is erased, whichever of the two was set back to an older backup or killed half-way: whoever the log
 * says was erased loses the keys, with everybody they were known as, also since then, and what a log set back has forgotten is said
 * again. Reads what came since the last time only.
 * @throws {StoreUnavailable}
 */
export async function reconcileErased(given: Erasing): Promise<void> {
  const { store, vault } = given;
  const head = await store.head();
  const through = vault.readThrough;
  const isSetBack = through !== null && (head === null || head < through);
  const { told, merged } = await toldSince(store, isSetBack ? null : through);
  vault.destroy([...told.values()].map((said) => ({ memberId: said.memberId, said })));
  const untold = isSetBack ? vault.erasures<Said>().filter(({ memberId }) => !told.has(memberId)) : [];
  // Read models set back with the log hold what was opened then.
  vault.scrubAgain(untold.map(({ memberId }) => memberId));
  let position = head;
  for (const { said } of untold) position = await sayErased(given, said, 'any');
  const inputs = [...told.values(), ...untold.map(({ said }) => said), ...(await erasedBy(given, merged))];
  vault.readThrough = (await eraseEverybody(given, inputs)) ?? position;
}

/** What the log says after a place: who was erased, and who turned out to be somebody. */
async function toldSince(store: EventStore, from: Position | null) {
  const told = new Map<string, Said>();
  const merged: string[] = [];
  for await (const page of store.readAll({
    ...(from !== null && { from }),
    filter: { typePrefixes: ['MemberErased', 'MemberMerged'] },
  }))
    for (const { type, data } of page) {
      const memberId = String(data['memberId']);
      if (type === 'MemberErased') told.set(memberId, data as Said);
      else merged.push(memberId);
    }
  return { told, merged };
}

/** Who turned out to be a person erased is erased as that person was. */
async function erasedBy(given: Erasing, merged: readonly string[]): Promise<Input[]> {
  const erasures = new Map(given.vault.erasures<Said>().map(({ memberId, said }) => [memberId, said]));
  if (merged.length === 0 || erasures.size === 0) return [];
  const { directory } = await readMembers(given);
  return merged.flatMap((memberId) => {
    const said = erasures.get(presentMember(directory, memberId)?.memberId ?? '');
    return said ? [{ ...said, memberId }] : [];
  });
}

/**
 * Erases people and everybody who turned out to be them: says so, then destroys the keys. Going on with what was broken off is the
 * same as doing it. The log is read again until it has nobody left to say it of: meanwhile others may have turned out to be them.
 * @param onSaid is told of each when the log has it
 * @returns the place of the last event said; null: there was nothing to say
 * @throws {StoreUnavailable} @throws {WrongExpectedRevision} when others went on writing of them meanwhile
 */
export async function eraseEverybody(
  given: Erasing,
  inputs: readonly Input[],
  onSaid: (memberId: string) => void = () => undefined,
): Promise<Position | null> {
  const idOf = memberIdsBy(given.codec);
  let position: Position | null = null;
  for (let conflicts = 0; inputs.length > 0;) {
    const { directory, revisions } = await readMembers(given);
    const events = inputs.flatMap((input) => eraseMember(input, directory, idOf));
    if (events.length === 0) break;
    try {
      for (const data of new Map(events.map((event) => [event.data.memberId, event.data])).values()) {
        position = await sayErased(given, data, revisions.get(data.memberId) ?? 'no_stream');
        onSaid(data.memberId);
        given.vault.destroy([{ memberId: data.memberId, said: data }]);
      }
    } catch (error) {
      conflicts += 1;
      if (!(error instanceof WrongExpectedRevision) || conflicts === MOST_CONFLICTS) throw error;
    }
  }
  return position;
}

/** Says so once, however often it is called. */
async function sayErased({ store, codec }: Erasing, data: Said, expectedRevision: ExpectedRevision): Promise<Position> {
  const event = codec.encode({ type: 'MemberErased', data }, codec.fingerprint('erased', data.memberId));
  const { position } = await store.append(memberStream(data.memberId), [event], { expectedRevision });
  return position;
}

/** Everybody, and the revision each one's stream was read at. */
async function readMembers({ store, codec }: Erasing) {
  const events: PersonEvent[] = [];
  const revisions = new Map<string, bigint>();
  for await (const page of store.readAll({ filter: { streamPrefixes: [memberStream('')] } }))
    for (const recorded of page) {
      revisions.set(recorded.stream.slice(memberStream('').length), recorded.revision);
      const event = recorded.type in saidOfPeople ? codec.decode(recorded) : null;
      if (event) events.push(event as unknown as PersonEvent);
    }
  return { directory: evolveDirectory(emptyDirectory, events), revisions };
}
