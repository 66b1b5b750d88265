import { randomUUID } from 'node:crypto';
import {
  judgeRefresh,
  refreshSession,
  revokeSession,
  sessionLife,
  sessionStream,
  startSession,
  type RefreshOutcome,
  type Revocation,
  type Session,
  type SessionEvent,
} from '../../domain/session.ts';
import type { Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { newSecret, secretHash } from './secrets.ts';

export type SessionTokens = { readonly accessToken: string; readonly refreshToken: string };
export type Refreshed =
  | {
      readonly outcome: 'refreshed';
      readonly memberId: string;
      readonly sessionId: string;
      readonly tokens: SessionTokens;
    }
  /** The token was current a moment ago: whoever shows it may go on, without a new one. */
  | { readonly outcome: 'raced'; readonly memberId: string; readonly sessionId: string }
  | { readonly outcome: Exclude<RefreshOutcome, 'refreshed' | 'raced'> };

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly tokens: AccessTokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when what was written at a position is shown by the read model of sessions. */
  readonly shown: (position: Position) => Promise<void>;
};

/** A refresh token: whose session, and a secret. */
const REFRESH_TOKEN = /^([0-9a-f-]{36})\.([\w-]{43})$/;
/** Revisions that decide: enough to tell a token that was rotated away from one that never was. */
const NEWEST = 110;

/** Begins, refreshes and ends sessions: each a stream of its own, whose newest events decide. */
export class Sessions {
  readonly #given: Given;
  /** By refresh token's hash: requests of one page that show the same one at once are one refresh. */
  readonly #refreshing = new Map<string, Promise<Refreshed>>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** @param client what the browser or program calls itself @throws {StoreUnavailable} */
  async start(memberId: string, client: string): Promise<SessionTokens> {
    const sessionId = randomUUID();
    const refreshToken = `${sessionId}.${newSecret()}`;
    const input = { sessionId, memberId, refreshHash: secretHash(refreshToken), client, at: this.#at() };
    await this.#execute(sessionId, `start ${sessionId}`, (state) => startSession(input, state));
    return { accessToken: await this.#given.tokens.issue({ memberId, sessionId }), refreshToken };
  }

  /** Gives new tokens for a refresh token, which is then used up. @throws {StoreUnavailable} */
  refresh(refreshToken: string): Promise<Refreshed> {
    const presentedHash = secretHash(refreshToken);
    const underWay = this.#refreshing.get(presentedHash);
    if (underWay) return underWay;
    const refreshing = this.#refresh(refreshToken, presentedHash).finally(() => this.#refreshing.delete(presentedHash));
    this.#refreshing.set(presentedHash, refreshing);
    return refreshing;
  }

  async #refresh(refreshToken: string, presentedHash: string): Promise<Refreshed> {
    const sessionId = REFRESH_TOKEN.exec(refreshToken)?.[1];
    if (sessionId === undefined) return { outcome: 'unknown' };
    const next = `${sessionId}.${newSecret()}`;
    const input = { presentedHash, nextHash: secretHash(next), at: this.#at() };
    let judged: { outcome: RefreshOutcome; memberId: string } = { outcome: 'unknown', memberId: '' };
    await this.#execute(sessionId, `refresh ${input.nextHash}`, (state) => {
      judged = { outcome: judgeRefresh(input, state), memberId: state.status === 'none' ? '' : state.memberId };
      return refreshSession(input, state);
    });
    const { outcome, memberId } = judged;
    if (outcome === 'raced') return { outcome, memberId, sessionId };
    if (outcome !== 'refreshed') return { outcome };
    const accessToken = await this.#given.tokens.issue({ memberId, sessionId });
    return { outcome, memberId, sessionId, tokens: { accessToken, refreshToken: next } };
  }

  /** Ends a session; one that has ended already stays as it is. @throws {StoreUnavailable} */
  async revoke(sessionId: string, by: string, reason: Revocation): Promise<void> {
    const at = this.#at();
    await this.#execute(sessionId, `revoke ${sessionId} ${at}`, (state) => revokeSession({ by, reason, at }, state));
  }

  #at(): string {
    return new Date(this.#given.now()).toISOString();
  }

  async #execute(sessionId: string, commandId: string, decide: (state: Session) => SessionEvent[]): Promise<void> {
    const { store, codec, shown } = this.#given;
    const stream = sessionStream(sessionId);
    const { appended } = await execute(store, codec, {
      stream,
      aggregate: sessionLife,
      decide,
      commandId,
      newest: NEWEST,
    });
    if (appended) await shown(appended.position);
  }
}
