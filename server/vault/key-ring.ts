import { createSecretKey, type KeyObject } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { seal, SealBroken, unseal } from './sealing.ts';

/** A member's key as it is used. */
export type MemberKey = { readonly keyId: string; readonly memberId: string; readonly key: KeyObject };

/** The key that something personal was sealed with is not in the vault, and nobody destroyed it. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';
}

/** What a wrapped key is bound to: it opens in no other row. */
const wrapping = (keyId: string, memberId: string) => `key ${keyId}:${memberId}`;
/** What a text is bound to: it opens for no other member and in no other field. */
const binding = (memberId: string, place: string) => `${memberId}:${place}`;

export const wrap = (master: KeyObject, keyId: string, memberId: string, bytes: Buffer): Buffer =>
  seal(master, wrapping(keyId, memberId), bytes);

/** @throws {SealBroken} */
export const unwrap = (master: KeyObject, keyId: string, memberId: string, wrapped: Uint8Array): Buffer =>
  unseal(master, wrapping(keyId, memberId), wrapped);

/** `<keyId>.<base64url(nonce|tag|ciphertext)>` */
export const tokenOf = ({ keyId, memberId, key }: MemberKey, place: string, text: string): string =>
  `${keyId}.${seal(key, binding(memberId, place), text).toString('base64url')}`;

type Row = { key_id: string; member_id: string; wrapped: Uint8Array };

/** The keys of a vault's file, unwrapped when they are first needed. */
export class KeyRing {
  readonly #master: () => readonly KeyObject[];
  readonly #byId = new Map<string, MemberKey>();
  readonly #byMember = new Map<string, MemberKey>();
  readonly #rowById: StatementSync;
  readonly #rowByMember: StatementSync;
  readonly #erasedMember: StatementSync;
  readonly #erasedKey: StatementSync;

  /** @param master the keys that may have wrapped what is in the file just now */
  constructor(database: DatabaseSync, master: () => readonly KeyObject[]) {
    this.#master = master;
    this.#rowById = database.prepare('SELECT * FROM keys WHERE key_id = ?');
    this.#rowByMember = database.prepare('SELECT * FROM keys WHERE member_id = ?');
    this.#erasedMember = database.prepare('SELECT 1 FROM erased WHERE member_id = ?');
    this.#erasedKey = database.prepare('SELECT 1 FROM erased WHERE key_id = ?');
  }

  ofMember(memberId: string): MemberKey | undefined {
    return this.#byMember.get(memberId) ?? this.#unwrapped(this.#rowByMember.get(memberId) as Row | undefined);
  }

  #byKeyId(keyId: string): MemberKey | undefined {
    return this.#byId.get(keyId) ?? this.#unwrapped(this.#rowById.get(keyId) as Row | undefined);
  }

  isErased(memberId: string): boolean {
    return this.#erasedMember.get(memberId) !== undefined;
  }

  /**
   * @param memberId whose it must be; null: whosever key it names
   * @returns null: its key was destroyed
   * @throws {SealBroken} when it was changed or moved @throws {KeyMissing} when the key is lost
   */
  open(memberId: string | null, place: string, token: string): string | null {
    const dot = token.indexOf('.');
    const keyId = token.slice(0, Math.max(0, dot));
    const found = this.#byKeyId(keyId);
    if (!found) {
      if (memberId === null ? this.#erasedKey.get(keyId) : this.isErased(memberId)) return null;
      throw new KeyMissing(`Key ${keyId} of ${memberId ?? 'a member'} is not in the vault: was an older one restored?`);
    }
    if (memberId !== null && found.memberId !== memberId)
      throw new SealBroken(`${place} of ${memberId} was sealed with the key of ${found.memberId}.`);
    const sealed = Buffer.from(token.slice(dot + 1), 'base64url');
    return unseal(found.key, binding(found.memberId, place), sealed).toString();
  }

  /** Keys may have been destroyed, or wrapped anew. */
  forget(): void {
    this.#byId.clear();
    this.#byMember.clear();
  }

  add(found: MemberKey): MemberKey {
    this.#byId.set(found.keyId, found);
    this.#byMember.set(found.memberId, found);
    return found;
  }

  #unwrapped(row: Row | undefined): MemberKey | undefined {
    if (!row) return undefined;
    const { key_id: keyId, member_id: memberId, wrapped } = row;
    for (const master of this.#master()) {
      try {
        const bytes = unwrap(master, keyId, memberId, wrapped);
        const key = createSecretKey(bytes);
        bytes.fill(0);
        return this.add({ keyId, memberId, key });
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error;
      }
    }
    throw new SealBroken(`Key ${keyId} of ${memberId} was changed in the vault.`);
  }
}
