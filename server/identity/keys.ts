import { randomBytes } from 'node:crypto';
import {
  apiKey,
  apiKeyStream,
  issueKey,
  noteUse,
  revokeKey,
  USE_NOTED_EVERY_MS,
  type ApiKey,
  type ApiKeyEvent,
  type Scope,
} from '../../domain/api-key.ts';
import type { Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import { newSecret, secretHash } from './secrets.ts';

/** `almanac_<id>_<secret>`: known by its beginning to those who look for leaked secrets, found by its id, proven by its secret. */
const KEY = /^almanac_([0-9a-f]{16})_([\w-]{43})$/;

/** The id a text claims as an API key; null for what is none. */
export const keyIdIn = (text: string): string | null => KEY.exec(text)?.[1] ?? null;

export type KeyWish = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ISO instant; null: until it is revoked. */
  readonly expiresAt: string | null;
  readonly requestsPerMinute: number | null;
};

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when what was written at a position is shown by the read model of keys. */
  readonly shown: (position: Position) => Promise<void>;
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** Makes and ends API keys: each a stream of its own, which holds the hash of the key and never the key. */
export class Keys {
  readonly #given: Given;
  /** By id: when its use was last noted by this process, milliseconds since the epoch. */
  readonly #noted = new Map<string, number>();

  constructor(given: Given) {
    this.#given = given;
  }

  /**
   * @param maker whose key it is, who makes it, and the scopes they hold: it can grant no other
   * @returns the key's text, which is shown once and cannot be had again
   * @throws {KeyRefused} @throws {StoreUnavailable}
   */
  async issue(
    wish: KeyWish,
    maker: { memberId: string; by: string; held: readonly Scope[] },
  ): Promise<{ keyId: string; key: string }> {
    const keyId = randomBytes(8).toString('hex');
    const key = `almanac_${keyId}_${newSecret()}`;
    const { memberId, by, held } = maker;
    const input = { ...wish, scopes: [...wish.scopes], keyId, memberId, by, hash: secretHash(key), at: this.#at() };
    await this.#execute(keyId, `issue ${keyId}`, (state) => issueKey(input, held, state));
    return { keyId, key };
  }

  /** Ends a key; one that has ended stays as it is. @throws {StoreUnavailable} */
  async revoke(keyId: string, by: string): Promise<void> {
    const at = this.#at();
    await this.#execute(keyId, `revoke ${keyId} ${at}`, (state) => revokeKey({ by, at }, state));
  }

  /** Notes that a key was used, once an hour at most; nobody waits for it. */
  used(keyId: string): void {
    const now = this.#given.now();
    if (now - (this.#noted.get(keyId) ?? 0) < USE_NOTED_EVERY_MS) return;
    this.#noted.set(keyId, now);
    const at = this.#at();
    this.#execute(keyId, `use ${keyId} ${at}`, (state) => noteUse(at, state)).catch((error: unknown) =>
      this.#given.onTrouble('That a key was used could not be noted', error),
    );
  }

  #at(): string {
    return new Date(this.#given.now()).toISOString();
  }

  async #execute(keyId: string, commandId: string, decide: (state: ApiKey) => ApiKeyEvent[]): Promise<void> {
    const { store, codec, shown } = this.#given;
    const command = { stream: apiKeyStream(keyId), aggregate: apiKey, decide, commandId, newest: 1 };
    const { appended } = await execute(store, codec, command);
    if (appended) await shown(appended.position);
  }
}
