import { access, accessStream, connectToken, disconnectToken, type Access } from '../../domain/access.ts';
import {
  connections,
  connectionStream,
  connectRepositories,
  disconnectRepository,
  type ConnectedRepository,
  type ConnectionEvent,
  type Connections,
} from '../../domain/connection.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute, load } from '../event-store/command-handler.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import { covers, type GitHub, type GitHubRepository } from './github.ts';
import { TokenRevoked } from './github-faults.ts';
import type { Vault } from './vault.ts';

/** Under this name the vault keeps a member's token. */
const TOKEN = 'github-token';

type Given = {
  readonly github: GitHub;
  readonly store: EventStore;
  readonly codec: Codec;
  readonly vault: Pick<Vault, 'putSecret' | 'secret' | 'removeSecret'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when what was written at a position is shown. */
  readonly shown: (position: Position) => Promise<void>;
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** The id of a repository of GitHub's in the log: by its number, which says nothing about its name. */
export const gitHubRepositoryId = (githubId: number): string => derivedId('repository', 'github', String(githubId));

/** What members let Almanac see of their GitHub accounts: tokens in the vault, and the repositories they have chosen. */
export class GitHubConnections {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  /**
   * Keeps a token that opens at least what the one kept opens; a narrower one is given back to GitHub instead. A newer one of the
   * same scopes takes the older one's place: GitHub ends the oldest of ten.
   * @throws {StoreUnavailable}
   */
  async keep(memberId: string, { token, scopes }: { token: string; scopes: readonly string[] }): Promise<void> {
    const { store, codec, vault, github } = this.#given;
    const { state } = await load(store, codec, accessStream(memberId), access);
    const kept = vault.secret(memberId, TOKEN);
    if (kept !== null && state.token && !covers(scopes, state.token.scopes)) return this.#giveBack(github, token);
    // Before the log says so: a token nobody speaks of does no harm, one that is spoken of and missing does.
    vault.putSecret(memberId, TOKEN, token);
    const input = { memberId, scopes: [...scopes], at: this.#at() };
    await this.#decideAccess(memberId, `connect token ${input.at}`, (access) => connectToken(input, access));
  }

  /** The member's token; null when there is none. */
  token(memberId: string): string | null {
    return this.#given.vault.secret(memberId, TOKEN);
  }

  /** Ends what GitHub lets Almanac see: the token is given back, and forgotten. @throws {StoreUnavailable} */
  async disconnect(memberId: string, by: string): Promise<void> {
    const { github, vault } = this.#given;
    const token = this.token(memberId);
    const input = { memberId, by, at: this.#at() };
    await this.#decideAccess(memberId, `disconnect token ${input.at}`, (access) => disconnectToken(input, access));
    vault.removeSecret(memberId, TOKEN);
    if (token !== null) await this.#giveBack(github, token);
  }

  /**
   * Every repository the member's token reaches; null when there is no token, or GitHub does not take it any more.
   * @throws {GitHubUnavailable}
   */
  async reachable(memberId: string): Promise<GitHubRepository[] | null> {
    const token = this.token(memberId);
    if (token === null) return null;
    try {
      return await this.#given.github.repositories(token);
    } catch (error) {
      if (!(error instanceof TokenRevoked)) throw error;
      await this.disconnect(memberId, memberId);
      return null;
    }
  }

  /**
   * Connects repositories, by GitHub's numbers, of those the member's token reaches.
   * @returns those that were connected; a number the token does not reach is not among them
   * @throws {GitHubUnavailable} @throws {StoreUnavailable}
   */
  async connect(memberId: string, githubIds: readonly number[]): Promise<ConnectedRepository[]> {
    const reachable = (await this.reachable(memberId)) ?? [];
    const chosen = reachable
      .filter(({ id }) => githubIds.includes(id))
      .map((one) => ({
        memberId,
        repositoryId: gitHubRepositoryId(one.id),
        githubId: one.id,
        name: one.fullName,
        private: one.private,
      }));
    const at = this.#at();
    await this.#decideConnections(memberId, `connect ${at}`, (state) => connectRepositories(chosen, at, state));
    return chosen;
  }

  /** @throws {StoreUnavailable} */
  async remove(memberId: string, repositoryId: string): Promise<void> {
    const at = this.#at();
    await this.#decideConnections(memberId, `disconnect ${repositoryId} ${at}`, (state) =>
      disconnectRepository(repositoryId, at, state),
    );
  }

  /** What GitHub does not take back now it will end by itself; nobody has to wait for it. */
  async #giveBack(github: GitHub, token: string): Promise<void> {
    try {
      await github.revoke(token);
    } catch (error) {
      this.#given.onTrouble('A token could not be given back to GitHub', error);
    }
  }

  #at(): string {
    return new Date(this.#given.now()).toISOString();
  }

  async #decideAccess(
    memberId: string,
    intention: string,
    decide: (state: Access) => ReturnType<typeof connectToken>,
  ): Promise<void> {
    const { store, codec, shown } = this.#given;
    const stream = accessStream(memberId);
    const commandId = `${stream} ${intention}`;
    const { appended } = await execute(store, codec, { stream, aggregate: access, decide, commandId });
    if (appended) await shown(appended.position);
  }

  async #decideConnections(
    memberId: string,
    intention: string,
    decide: (state: Connections) => ConnectionEvent[],
  ): Promise<void> {
    const { store, codec, shown } = this.#given;
    const stream = connectionStream(memberId);
    const commandId = `${stream} ${intention}`;
    const { appended } = await execute(store, codec, { stream, aggregate: connections, decide, commandId });
    if (appended) await shown(appended.position);
  }
}
