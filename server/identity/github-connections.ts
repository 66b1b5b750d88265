import {
  access,
  AccessRefused,
  accessStream,
  connectToken,
  disconnectToken,
  replaces,
  type Access,
  type ConnectedToken,
} from '../../domain/access.ts';
import {
  connections,
  connectionStream,
  connectRepositories,
  disconnectRepository,
  type ConnectedRepository,
  type ConnectionEvent,
  type Connections,
} from '../../domain/connection.ts';
import { derivedId } from '../event-store/codec.ts';
import { load } from '../event-store/command-handler.ts';
import { Deciding, type DecidingParts } from '../event-store/deciding.ts';
import type { GitHub, GitHubRepository } from './github.ts';
import { TokenRevoked } from './github-faults.ts';
import type { Vault } from '../vault/vault.ts';

/** Under this name the vault keeps a member's token. */
const TOKEN = 'github-token';

type Given = DecidingParts & {
  readonly github: Pick<GitHub, 'repositories' | 'revoke'>;
  readonly vault: Pick<Vault, 'putSecret' | 'secret' | 'removeSecret'>;
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** A token that the vault keeps and the log speaks of. */
type Usable = { readonly text: string; readonly opens: ConnectedToken };

/** The id of a repository of GitHub's in the log: by its number, which says nothing about its name. */
export const gitHubRepositoryId = (githubId: number): string => derivedId('repository', 'github', String(githubId));

/**
 * What members let Almanac see of their GitHub accounts: tokens in the vault, and the repositories they have chosen.
 *
 * A token is used where both agree: the vault keeps it, and the log says that it is connected. Where they do not, something was broken
 * off; whoever asks next ends it, the way it ends anyway: what is kept is given back and removed, what is spoken of is said to be gone.
 * - Connecting keeps, then says. Killed in between, a token is kept that nobody was told of: it is given back at the next use.
 * - Disconnecting gives back, removes, then says. Killed after giving back, GitHub does not take the token at its next use, which
 *   ends it. Killed after removing, the log speaks of a token that is not there: the next use says so. What cannot be removed is said
 *   to be gone all the same, and removed at the next use.
 * All of it one after the other for each member: this process alone writes to the vault.
 */
export class GitHubConnections {
  readonly #given: Given;
  readonly #deciding: Deciding;
  /** By member: what is being done about their token. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(given: Given) {
    this.#given = given;
    this.#deciding = new Deciding(given);
  }

  /**
   * Keeps a token that opens at least what the one kept opens; a narrower one is given back to GitHub instead. A newer one of the
   * same scopes takes the older one's place: GitHub ends the oldest of ten.
   * What cannot be kept is given back, such as that of somebody erased meanwhile.
   * @throws {StoreUnavailable} @throws {MemberIsErased} @throws {AccessRefused} when they are erased
   */
  keep(memberId: string, { token, scopes }: { token: string; scopes: readonly string[] }): Promise<void> {
    return this.#inTurn(memberId, async () => {
      const kept = await this.#usable(memberId);
      if (!replaces(scopes, kept?.opens ?? null)) return this.giveBack(token);
      try {
        this.#given.vault.putSecret(memberId, TOKEN, token);
      } catch (error) {
        await this.giveBack(token);
        throw error;
      }
      await this.#sayKept(memberId, token, scopes);
    });
  }

  async #sayKept(memberId: string, token: string, scopes: readonly string[]): Promise<void> {
    const at = this.#deciding.at();
    try {
      await this.#decideAccess(memberId, `connect token ${at}`, (state) =>
        connectToken({ memberId, scopes, at }, state),
      );
    } catch (error) {
      if (error instanceof AccessRefused) {
        await this.giveBack(token);
        this.#given.vault.removeSecret(memberId, TOKEN);
      }
      throw error;
    }
  }

  /** The member's token; null when there is none. @throws {StoreUnavailable} */
  token(memberId: string): Promise<string | null> {
    return this.#inTurn(memberId, async () => (await this.#usable(memberId))?.text ?? null);
  }

  /** Ends what GitHub lets Almanac see: the token is given back, and forgotten. @throws {StoreUnavailable} */
  disconnect(memberId: string, by: string): Promise<void> {
    return this.#inTurn(memberId, () => this.#end(memberId, by));
  }

  /**
   * Every repository the member's token reaches; null when there is no token, or GitHub does not take it any more.
   * @throws {GitHubUnavailable} @throws {GitHubRefused} @throws {StoreUnavailable}
   */
  async reachable(memberId: string): Promise<GitHubRepository[] | null> {
    const token = await this.token(memberId);
    if (token === null) return null;
    try {
      return await this.#given.github.repositories(token);
    } catch (error) {
      if (!(error instanceof TokenRevoked)) throw error;
    }
    await this.forgetEnded(memberId, token);
    // Another one may have taken its place meanwhile.
    return this.reachable(memberId);
  }

  /** GitHub does not take this token any more: it is forgotten, unless another one has taken its place. @throws {StoreUnavailable} */
  forgetEnded(memberId: string, token: string): Promise<void> {
    return this.#inTurn(memberId, async () => {
      const isStillKept = this.#given.vault.secret(memberId, TOKEN) === token;
      if (isStillKept) await this.#forget(memberId, memberId);
    });
  }

  /**
   * Connects repositories, by GitHub's numbers, of those the member's token reaches.
   * @returns those that were connected; a number the token does not reach is not among them; null: there is no token
   * @throws {GitHubUnavailable} @throws {GitHubRefused} @throws {StoreUnavailable}
   */
  async connect(memberId: string, githubIds: readonly number[]): Promise<ConnectedRepository[] | null> {
    const reachable = await this.reachable(memberId);
    if (reachable === null) return null;
    const chosen = reachable
      .filter(({ id }) => githubIds.includes(id))
      .map((one) => ({
        memberId,
        repositoryId: gitHubRepositoryId(one.id),
        githubId: one.id,
        name: one.fullName,
        private: one.private,
      }));
    const at = this.#deciding.at();
    await this.#decideConnections(memberId, `connect ${at}`, (state) => connectRepositories(chosen, at, state));
    return chosen;
  }

  /** @throws {StoreUnavailable} */
  async remove(memberId: string, repositoryId: string): Promise<void> {
    const at = this.#deciding.at();
    await this.#decideConnections(memberId, `disconnect ${repositoryId} ${at}`, (state) =>
      disconnectRepository(repositoryId, at, state),
    );
  }

  /** Ends a token at GitHub. What it does not take back now will end by itself, and nobody else has it. */
  async giveBack(token: string): Promise<void> {
    try {
      await this.#given.github.revoke(token);
    } catch (error) {
      this.#given.onTrouble('A token could not be given back to GitHub', error);
    }
  }

  /** What may be used, once what was broken off is ended. */
  async #usable(memberId: string): Promise<Usable | null> {
    const { store, codec, vault } = this.#given;
    const { state } = await load(store, codec, accessStream(memberId), access);
    const text = vault.secret(memberId, TOKEN);
    if (text !== null && state.token) return { text, opens: state.token };
    if (text !== null || state.token) await this.#end(memberId, memberId);
    return null;
  }

  async #end(memberId: string, by: string): Promise<void> {
    const kept = this.#given.vault.secret(memberId, TOKEN);
    if (kept !== null) await this.giveBack(kept);
    await this.#forget(memberId, by);
  }

  /** Removes a token that has ended, and says so: the latter also where the vault refuses. */
  async #forget(memberId: string, by: string): Promise<void> {
    const at = this.#deciding.at();
    try {
      this.#given.vault.removeSecret(memberId, TOKEN);
    } finally {
      await this.#decideAccess(memberId, `disconnect token ${at}`, (state) =>
        disconnectToken({ memberId, by, at }, state),
      );
    }
  }

  #inTurn<Result>(memberId: string, act: () => Promise<Result>): Promise<Result> {
    const done = (this.#turns.get(memberId) ?? Promise.resolve()).then(act);
    const turn = done.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(memberId, turn);
    void turn.then(() => this.#turns.get(memberId) === turn && this.#turns.delete(memberId));
    return done;
  }

  #decideAccess(memberId: string, intention: string, decide: (state: Access) => ReturnType<typeof connectToken>) {
    return this.#deciding.decide({ stream: accessStream(memberId), aggregate: access, intention, decide });
  }

  #decideConnections(memberId: string, intention: string, decide: (state: Connections) => ConnectionEvent[]) {
    return this.#deciding.decide({ stream: connectionStream(memberId), aggregate: connections, intention, decide });
  }
}
