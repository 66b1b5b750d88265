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
import { Deciding, type DecidingParts } from '../event-store/deciding.ts';
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

type Given = DecidingParts & { readonly onTrouble: (message: string, error: unknown) => void };

/** Makes and ends API keys: each a stream of its own, which holds the hash of the key and never the key. */
export class ApiKeys {
  readonly #given: Given;
  readonly #deciding: Deciding;
  /** By id: when its use was last noted by this process, milliseconds since the epoch. */
  readonly #noted = new Map<string, number>();

  constructor(given: Given) {
    this.#given = given;
    this.#deciding = new Deciding(given);
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
    const input = {
      ...wish,
      scopes: [...wish.scopes],
      keyId,
      memberId,
      by,
      hash: secretHash(key),
      at: this.#deciding.at(),
    };
    const position = await this.#deciding.say(aboutKey(keyId, 'issue', (state) => issueKey(input, held, state)));
    // It is there from now on, and can be told but once: whether it is listed already is another matter.
    await this.#deciding
      .shown(position)
      .catch((error: unknown) => this.#given.onTrouble('A key that was made is not shown yet', error));
    return { keyId, key };
  }

  /** Ends a key; one that has ended stays as it is. @throws {StoreUnavailable} */
  async revoke(keyId: string, by: string): Promise<void> {
    const at = this.#deciding.at();
    await this.#deciding.decide(aboutKey(keyId, `revoke ${at}`, (state) => revokeKey({ by, at }, state)));
  }

  /** Notes that a key was used, once an hour at most; nobody waits for it. */
  used(keyId: string): void {
    const now = this.#given.now();
    if (now - (this.#noted.get(keyId) ?? 0) < USE_NOTED_EVERY_MS) return;
    this.#noted.set(keyId, now);
    const at = this.#deciding.at();
    this.#deciding
      .say(aboutKey(keyId, `use ${at}`, (state) => noteUse(at, state)))
      .catch((error: unknown) => this.#given.onTrouble('That a key was used could not be noted', error));
  }
}

const aboutKey = (keyId: string, intention: string, decide: (state: ApiKey) => ApiKeyEvent[]) => ({
  ...{ stream: apiKeyStream(keyId), aggregate: apiKey, newest: 1 },
  ...{ intention, decide },
});
