import { connections, connectionStream, type Connections } from '../../../domain/connection.ts';
import type { FailureReason } from '../../../domain/repository.ts';
import { load } from '../../event-store/command-handler.ts';
import { StoreUnavailable } from '../../event-store/event-store.ts';
import type { GitHubConnections } from '../../identity/github-connections.ts';
import { Credential, type CredentialOptions } from './credential.ts';
import type { Cursors } from './cursors.ts';
import { failureOf, isForeseen, NotConnected } from './failure.ts';
import type { Collected } from './people.ts';
import { readMember, type Access, type MemberRead } from './read-member.ts';
import { recordRead, sayCompleted, sayFailed, type RecordContext } from './record.ts';

/** How reading a member ended. */
export type Outcome =
  | { readonly status: 'completed'; readonly observed: number }
  | {
      readonly status: 'failed';
      readonly reason: FailureReason;
      readonly observed: number;
      /** Seconds after which GitHub may be asked again; null: it named none. */
      readonly retryAfter: number | null;
      /** It may pass by itself. */
      readonly passing: boolean;
    };

export type MemberContext = RecordContext & {
  readonly cursors: () => Promise<Cursors>;
  /** Members' own tokens; null: nobody signs in by GitHub here. */
  readonly connections: Pick<GitHubConnections, 'token' | 'forgetEnded'> | null;
  /** The token of the settings; null: none is set. */
  readonly sharedToken: string | null;
  readonly gitHub: Pick<CredentialOptions, 'baseUrl' | 'fetch' | 'timeoutMs'>;
  /** Resolves when the days are marked that the commits in the log attend. */
  readonly marked: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whose days count where there is no season. */
  readonly timeZone: string;
  readonly signal: AbortSignal;
  /** Something went wrong that nobody foresaw. */
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** Requests under way at once by one token. A member's own is theirs alone; many are read by the one of the settings. */
const MOST_OF_ONE = 4;
const MOST_SHARED = 16;

/** Reads members one at a time each, and says in the log how that ended. */
export class MemberCollection {
  readonly #context: MemberContext;
  /** By member: their token as it was last used, with what GitHub has said of it. */
  readonly #credentials = new Map<string, Credential>();
  readonly #shared: Credential | null;

  constructor(context: MemberContext) {
    this.#context = context;
    this.#shared =
      context.sharedToken === null ? null : this.#credential({ token: context.sharedToken, most: MOST_SHARED });
  }

  /**
   * Reads what is new of a member. What cannot be read is no exception: the log says so.
   * @throws {StoreUnavailable}, and what the signal was aborted with
   */
  async collect(person: Collected): Promise<Outcome> {
    const began = this.#context.now();
    const { chosen, own } = await this.#ownOf(person.memberId);
    const outcome = await this.#attempt(person, { chosen, own }, began);
    if (own === null || outcome.status === 'completed' || outcome.reason !== 'token-revoked') return outcome;
    await this.#context.connections?.forgetEnded(person.memberId, own.token);
    // They may have connected GitHub again meanwhile.
    const anew = await this.#ownOf(person.memberId);
    return anew.own === null ? outcome : this.#attempt(person, anew, this.#context.now());
  }

  async #ownOf(memberId: string): Promise<{ chosen: Connections; own: Credential | null }> {
    const { store, codec, connections: tokens } = this.#context;
    const { state: chosen } = await load(store, codec, connectionStream(memberId), connections);
    const token = (await tokens?.token(memberId)) ?? null;
    if (token === null) this.#credentials.delete(memberId);
    else if (this.#credentials.get(memberId)?.token !== token)
      this.#credentials.set(memberId, this.#credential({ token, most: MOST_OF_ONE }));
    return { chosen, own: this.#credentials.get(memberId) ?? null };
  }

  async #attempt(
    person: Collected,
    { chosen, own }: { chosen: Connections; own: Credential | null },
    began: number,
  ): Promise<Outcome> {
    const at = new Date(began).toISOString();
    const cursors = await this.#context.cursors();
    const before = cursors.read(person.memberId);
    let observed = 0;
    let since = before.member?.since;
    try {
      const { timeZone } = this.#context;
      const way = this.#wayTo(person, chosen, own);
      const read = await readMember(person, way, before, { now: Math.floor(began / 1000), timeZone });
      since = read?.member?.since ?? since;
      if (read) observed = await this.#record(person, { at, chosen }, read);
      if (read?.failure) throw read.failure as Error;
      // Said earlier, it would call days missed for as long as it takes to mark them.
      await this.#context.marked(this.#context.signal);
    } catch (error) {
      return this.#failed(person, { at, observed, own: own !== null }, error);
    }
    const { timeZone } = this.#context;
    const zones = [...new Set([timeZone, ...person.seasons.map((season) => season.timeZone)])];
    const from = new Date((since ?? 0) * 1000).toISOString();
    await sayCompleted(this.#context, { memberId: person.memberId, through: at, from, observed, zones });
    return { status: 'completed', observed };
  }

  /** @throws {NotConnected} */
  #wayTo({ login, accountId }: Collected, chosen: Connections, own: Credential | null): Access {
    const connected = new Set([...chosen.values()].map(({ githubId }) => githubId));
    if (own) return { as: own, own: true, connected };
    // What they have chosen to be read would be left out, and their days be called empty for it.
    if ([...chosen.values()].some((one) => one.private)) throw new NotConnected('token-revoked');
    if (this.#shared === null || (login === null && accountId === null)) throw new NotConnected('not-connected');
    return { as: this.#shared, own: false, connected };
  }

  /** Also what was read before something failed: it need not be read again. */
  async #record(
    { memberId }: Collected,
    { at, chosen }: { at: string; chosen: Connections },
    read: MemberRead,
  ): Promise<number> {
    const { observed, cursors } = await recordRead(this.#context, { memberId, at, chosen }, read);
    try {
      await (await this.#context.cursors()).write(memberId, { member: read.member, repositories: cursors });
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      // Without it the next reading asks everything once more: slower, not wrong.
      this.#context.onTrouble('How far GitHub has been read could not be noted', error);
    }
    return observed;
  }

  async #failed(
    { memberId }: Collected,
    { at, observed, own }: { at: string; observed: number; own: boolean },
    error: unknown,
  ): Promise<Outcome> {
    const { signal, now, onTrouble } = this.#context;
    signal.throwIfAborted();
    if (error instanceof StoreUnavailable) throw error;
    if (!isForeseen(error)) onTrouble('Reading GitHub was broken off', error);
    const failure = failureOf(error, own);
    const { reason, retryAfter, passing } = failure;
    const retryAt = retryAfter === null ? null : new Date(now() + retryAfter * 1000).toISOString();
    await sayFailed(this.#context, { memberId, at, retryAt }, failure);
    return { status: 'failed', reason, observed, retryAfter, passing };
  }

  #credential({ token, most }: { token: string; most: number }): Credential {
    const { gitHub, now, signal } = this.#context;
    return new Credential({ ...gitHub, token, most, now, signal });
  }
}
