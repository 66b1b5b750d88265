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
import { sessionsOf } from '../../projections/sessions.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { AccessTokens } from './access-tokens.ts';
import { Deciding, type DecidingParts } from '../event-store/deciding.ts';
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

type Given = DecidingParts & {
  readonly tokens: AccessTokens;
  /** The read model of sessions. */
  readonly model: () => ReadModel;
};

/** A refresh token: whose session, and a secret. */
const REFRESH_TOKEN = /^([0-9a-f-]{36})\.([\w-]{43})$/;
/** Revisions that decide: enough to tell a token that was rotated away from one that never was. */
const NEWEST = 110;

/** Begins, refreshes and ends sessions: each a stream of its own, whose newest events decide. */
export class Sessions {
  readonly #given: Given;
  readonly #deciding: Deciding;
  /** By refresh token's hash: requests of one page that show the same one at once are one refresh. */
  readonly #refreshing = new Map<string, Promise<Refreshed>>();

  constructor(given: Given) {
    this.#given = given;
    this.#deciding = new Deciding(given);
  }

  /** @param client what the browser or program calls itself @throws {StoreUnavailable} */
  async start(memberId: string, client: string): Promise<SessionTokens> {
    const sessionId = randomUUID();
    const refreshToken = `${sessionId}.${newSecret()}`;
    const input = { sessionId, memberId, refreshHash: secretHash(refreshToken), client, at: this.#deciding.at() };
    await this.#deciding.decide(aboutSession(sessionId, 'start', (state) => startSession(input, state)));
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
    const input = { presentedHash, nextHash: secretHash(next), at: this.#deciding.at() };
    let judged: { outcome: RefreshOutcome; memberId: string } = { outcome: 'unknown', memberId: '' };
    const decide = (state: Session) => {
      judged = { outcome: judgeRefresh(input, state), memberId: state.status === 'none' ? '' : state.memberId };
      return refreshSession(input, state);
    };
    const position = await this.#deciding.say(aboutSession(sessionId, `refresh ${input.nextHash}`, decide));
    // Whoever has refreshed holds the only token there is: they get it, whether or not the time of it is shown yet. A session that
    // was ended by it is not to look open.
    if (judged.outcome !== 'refreshed') await this.#deciding.shown(position);
    const { outcome, memberId } = judged;
    if (outcome === 'raced') return { outcome, memberId, sessionId };
    if (outcome !== 'refreshed') return { outcome };
    const accessToken = await this.#given.tokens.issue({ memberId, sessionId });
    return { outcome, memberId, sessionId, tokens: { accessToken, refreshToken: next } };
  }

  /** Ends a session; one that has ended already stays as it is. @throws {StoreUnavailable} */
  async revoke(sessionId: string, by: string, reason: Revocation): Promise<void> {
    const at = this.#deciding.at();
    await this.#deciding.decide(
      aboutSession(sessionId, `revoke ${at}`, (state) => revokeSession({ by, reason, at }, state)),
    );
  }

  /** The sessions of a member that are shown as open. */
  openOf(memberId: string): string[] {
    return sessionsOf(this.#given.model(), memberId, this.#given.now()).map(({ id }) => id);
  }

  /** Ends sessions of somebody who may not come in any more: they do not wake when that changes. @throws {StoreUnavailable} */
  async endAccess(sessionIds: readonly string[], by: string): Promise<void> {
    for (const sessionId of sessionIds) await this.revoke(sessionId, by, 'access-ended');
  }
}

const aboutSession = (sessionId: string, intention: string, decide: (state: Session) => SessionEvent[]) => ({
  ...{ stream: sessionStream(sessionId), aggregate: sessionLife, newest: NEWEST },
  ...{ intention, decide },
});
