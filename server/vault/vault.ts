import { createHmac, randomBytes, type KeyObject } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { KeyRing, tokenOf, wrap, type MemberKey } from './key-ring.ts';
import { useNextKey, VaultRefused, type MasterKeys } from './master-key.ts';
import { newKey } from './sealing.ts';
import { emptyJournal, inTransaction } from './vault-file.ts';
import { openUnlocked, wrapWithNextKey } from './vault-opening.ts';

export type VaultOptions = {
  /** DATA_DIR; the vault is the folder `vault` in it. */
  readonly dataDirectory: string;
  /** MASTER_KEY, then the ones before it; empty: the file `master.key`, made with the vault. */
  readonly masterKeys: readonly string[];
  /** Whether a vault may be made where there is none. */
  readonly mayFound: boolean;
};

/** How a thread opens the vault for reading. */
export type VaultAccess = { readonly directory: string; readonly masterKeys: MasterKeys };

/** What somebody erased is remembered by: nothing personal. `said` is the event that says so in the log. */
export type Erasure<Said = unknown> = { readonly memberId: string; readonly said: Said };

/** Somebody erased gets no secrets kept. */
export class MemberIsErased extends Error {
  override readonly name = 'MemberIsErased';
}

/**
 * A key for each person, apart from the log: without it nothing personal of theirs can be read, in the log or in any copy of it.
 * @throws {VaultRefused} saying what to do, when it is missing, damaged, or another master key's
 */
export const openVault = (options: VaultOptions): Vault => new Vault(openUnlocked(options));

export class Vault implements Disposable {
  /** Said in the log this vault belongs to. */
  readonly id: string;
  readonly access: VaultAccess;
  /** Files that `openVault` made just now. */
  readonly #made: readonly string[];
  readonly #database: DatabaseSync;
  readonly #ring: KeyRing;
  readonly #pepper: KeyObject;
  #master: KeyObject;

  constructor({ database, master, pepper, id, access, made }: ReturnType<typeof openUnlocked>) {
    this.#database = database;
    this.#master = master;
    this.#pepper = pepper;
    this.id = id;
    this.access = access;
    this.#made = made;
    this.#ring = new KeyRing(database, () => [this.#master]);
  }

  /**
   * Makes the keys that are missing, all in one go. They are on the disk when this returns; people erased get none.
   * @throws {StoreUnavailable} when the disk refuses
   */
  prepare(memberIds: Iterable<string>): void {
    const missing = [...new Set(memberIds)].filter((id) => !this.#ring.ofMember(id) && !this.#ring.isErased(id));
    if (missing.length === 0) return;
    const insert = this.#database.prepare('INSERT INTO keys VALUES (?, ?, ?)');
    const made = inTransaction(this.#database, () => missing.map((memberId) => this.#newKeyOf(memberId, insert)));
    for (const key of made) this.#ring.add(key);
  }

  #newKeyOf(memberId: string, insert: ReturnType<DatabaseSync['prepare']>): MemberKey {
    // Never used twice, so that a number in the log means one key for ever, whatever backup of the vault is restored.
    const keyId = randomBytes(9).toString('base64url');
    const { bytes, key } = newKey();
    insert.run(keyId, memberId, wrap(this.#master, keyId, memberId, bytes));
    bytes.fill(0);
    return { keyId, memberId, key };
  }

  #keyOf(memberId: string): MemberKey | null {
    const known = this.#ring.ofMember(memberId);
    if (known) return known;
    this.prepare([memberId]);
    return this.#ring.ofMember(memberId) ?? null;
  }

  /** @param place `Type.field` @returns null: the member is erased, and nothing is sealed for them any more */
  seal(memberId: string, place: string, text: string): string | null {
    const key = this.#keyOf(memberId);
    return key && tokenOf(key, place, text);
  }

  /** @see KeyRing.open */
  open(memberId: string | null, place: string, token: string): string | null {
    return this.#ring.open(memberId, place, token);
  }

  /**
   * The keys and secrets of these members are gone for good when this returns, and none is ever made again.
   * What was there is overwritten, in the file and its journal.
   */
  destroy(erasures: readonly Erasure[]): void {
    if (erasures.length > 0) {
      inTransaction(this.#database, () => {
        for (const { memberId, said } of erasures) this.#destroy(memberId, JSON.stringify(said));
      });
      this.#ring.forget();
    }
    emptyJournal(this.#database);
  }

  #destroy(memberId: string, said: string): void {
    const row = this.#database.prepare('SELECT key_id FROM keys WHERE member_id = ?').get(memberId);
    const left = this.#database.prepare('SELECT 1 FROM secrets WHERE member_id = ?').get(memberId);
    if (!row && !left && this.#ring.isErased(memberId)) return;
    const keyId = (row?.['key_id'] ?? null) as string | null;
    this.#database
      .prepare(
        `INSERT INTO erased (member_id, key_id, said) VALUES (?, ?, ?)
          ON CONFLICT (member_id) DO UPDATE SET key_id = coalesce(excluded.key_id, key_id), scrubbed = 0`,
      )
      .run(memberId, keyId, said);
    this.#database.prepare('DELETE FROM keys WHERE member_id = ?').run(memberId);
    this.#database.prepare('DELETE FROM secrets WHERE member_id = ?').run(memberId);
  }

  /** Everybody whose key was destroyed. */
  erasures<Said>(): Erasure<Said>[] {
    const rows = this.#database.prepare('SELECT member_id, said FROM erased ORDER BY member_id').all();
    return rows.map((row) => ({ memberId: String(row['member_id']), said: JSON.parse(String(row['said'])) as Said }));
  }

  /** People whose keys are destroyed while read models may still hold what was opened before. */
  unscrubbed(): string[] {
    const rows = this.#database.prepare('SELECT member_id FROM erased WHERE scrubbed = 0').all();
    return rows.map((row) => String(row['member_id']));
  }

  /** Nothing of theirs is left in read models. */
  scrubbed(memberIds: readonly string[]): void {
    this.#setScrubbed(memberIds, 1);
  }

  /** Something of theirs may have come back to read models, with a backup. */
  scrubAgain(memberIds: readonly string[]): void {
    this.#setScrubbed(memberIds, 0);
  }

  #setScrubbed(memberIds: readonly string[], scrubbed: 0 | 1): void {
    const update = this.#database.prepare('UPDATE erased SET scrubbed = ? WHERE member_id = ?');
    inTransaction(this.#database, () => {
      for (const memberId of memberIds) update.run(scrubbed, memberId);
    });
  }

  /**
   * Keeps a secret of a member (a token) until it is removed or the member is erased.
   * @throws {MemberIsErased} @throws {StoreUnavailable}
   */
  putSecret(memberId: string, name: string, text: string): void {
    const sealed = this.seal(memberId, secretPlace(name), text);
    if (sealed === null) throw new MemberIsErased(`${memberId} was erased: nothing can be kept for them.`);
    const sql = `INSERT INTO secrets VALUES (?, ?, ?) ON CONFLICT (member_id, name) DO UPDATE SET sealed = excluded.sealed`;
    inTransaction(this.#database, () => this.#database.prepare(sql).run(memberId, name, sealed));
  }

  /** Null when there is none. @throws {SealBroken} when it was changed */
  secret(memberId: string, name: string): string | null {
    const row = this.#database
      .prepare('SELECT sealed FROM secrets WHERE member_id = ? AND name = ?')
      .get(memberId, name);
    return row ? this.open(memberId, secretPlace(name), String(row['sealed'])) : null;
  }

  removeSecret(memberId: string, name: string): void {
    const remove = this.#database.prepare('DELETE FROM secrets WHERE member_id = ? AND name = ?');
    inTransaction(this.#database, () => remove.run(memberId, name));
    emptyJournal(this.#database);
  }

  /**
   * A name for something nobody outside can guess by trying (an address, say): the same parts, the same name, in this vault only.
   * A UUID of version 8 (RFC 9562, 5.8) from HMAC-SHA-256.
   */
  fingerprint(...parts: readonly string[]): string {
    const digest = createHmac('sha256', this.#pepper).update(JSON.stringify(parts)).digest();
    digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
    digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
    const hex = digest.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  }

  /** How far the log was looked through for people it says were erased; null: not at all. */
  get readThrough(): bigint | null {
    const row = this.#database.prepare("SELECT value FROM meta WHERE name = 'read through'").get();
    return row ? BigInt(Buffer.from(row['value'] as Uint8Array).toString()) : null;
  }

  set readThrough(position: bigint | null) {
    inTransaction(this.#database, () => {
      this.#database.prepare("DELETE FROM meta WHERE name = 'read through'").run();
      if (position === null) return;
      this.#database.prepare("INSERT INTO meta VALUES ('read through', ?)").run(Buffer.from(String(position)));
    });
  }

  /**
   * Wraps everything with a new master key, in the generated file. Killed between any two steps, the next start finds the one or the
   * other key and goes on with it.
   * @throws {VaultRefused} when the master key comes from the settings: it is changed there
   * @throws {StoreUnavailable} when it cannot be written, or when what the old key wrapped is still in the journal: exchange it again
   */
  rotate(): void {
    const { masterKeys } = this.access;
    if (masterKeys.kind !== 'file')
      throw new VaultRefused('The master key is MASTER_KEY: set a new one there, and this one as MASTER_KEY_PREVIOUS.');
    // It is the one in use from here on, whatever fails afterwards: keys made now are wrapped with it.
    this.#master = wrapWithNextKey(this.#database, masterKeys.path, this.#master);
    useNextKey(masterKeys.path);
    emptyJournal(this.#database);
  }

  /** Closes it, and removes what `openVault` made just now, where nothing may be sealed with it. One that was there stays. */
  discard(): void {
    this.close();
    for (const file of this.#made) rmSync(file, { force: true });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const secretPlace = (name: string) => `secret/${name}`;
