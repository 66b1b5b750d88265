import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionStream } from '../../domain/connection.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { openGitHubCollector, type GitHubCollectionOptions } from '../../server/collect/github/github-collection.ts';
import type { GitHubCollector } from '../../server/collect/github/collector.ts';
import type { Collected } from '../../server/collect/github/people.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { gitHubRepositoryId } from '../../server/identity/github-connections.ts';
import { startGitHub, type GitHubStandIn } from './github/server.ts';
import type { Repository } from './github/world.ts';
import { MemoryEventStore } from './memory-event-store.ts';

/** A hundred days from 10 March 2025, as in seed 002. */
export const SPRING = { season: { kind: 'fixed', start: '2025-03-10', days: 100 }, timeZone: 'Asia/Seoul' } as const;

/** A GitHub, a log, and what collects from the one into the other: members are called as their logins. */
export class GitHubCollecting implements AsyncDisposable {
  readonly github: GitHubStandIn;
  store: EventStore = new MemoryEventStore();
  readonly codec = createCodec();
  readonly directory = mkdtempSync(join(tmpdir(), 'almanac-collect-github-'));
  readonly people: Collected[] = [];
  readonly tokens = new Map<string, string>();
  readonly troubles: string[] = [];
  /** What the collector believes the time is, milliseconds since the epoch. */
  clock = Date.parse('2025-04-01T03:00:00Z');
  sharedToken: string | null = null;
  #collector: GitHubCollector | null = null;
  readonly #options: Partial<GitHubCollectionOptions>;

  constructor(github: GitHubStandIn, options: Partial<GitHubCollectionOptions>) {
    this.github = github;
    this.#options = options;
  }

  static async start(options: Partial<GitHubCollectionOptions> = {}): Promise<GitHubCollecting> {
    return new GitHubCollecting(await startGitHub(), options);
  }

  /** Somebody with an account, and unless told otherwise a token of their own. */
  join(login: string, { seasons = [SPRING], token = true }: { seasons?: Collected['seasons']; token?: boolean } = {}) {
    const { id } = this.github.addUser({
      login,
      emails: [{ email: `${login}@example.org`, verified: true, primary: true }],
    });
    const person: Collected = { memberId: login, login, accountId: id, seasons };
    this.people.push(person);
    if (token) this.tokens.set(login, this.github.tokenFor(login, ['repo']));
    return person;
  }

  /** What is asked of somebody from now on. */
  change(login: string, change: Partial<Collected>): void {
    const place = this.people.findIndex(({ memberId }) => memberId === login);
    const before = this.people[place];
    if (before) this.people[place] = { ...before, ...change };
  }

  repository(owner: string, name: string, facts: { private?: boolean; readers?: string[] } = {}): Repository {
    return this.github.addRepository({ owner, name, ...facts });
  }

  /** Somebody pushes a commit they wrote at an instant. */
  commit(repository: Repository, login: string, date: string, more: { branch?: string; message?: string } = {}) {
    return this.github.addCommit(repository, { author: { name: login, email: `${login}@example.org`, date }, ...more });
  }

  async say(stream: string, event: AlmanacEvent): Promise<void> {
    const appended = [this.codec.encode(event, crypto.randomUUID())];
    await this.store.append(stream, appended, { expectedRevision: 'any' });
  }

  async connect(login: string, { id, name, private: hidden }: Repository): Promise<void> {
    const repositoryId = gitHubRepositoryId(id);
    const data = { memberId: login, repositoryId, githubId: id, name: `x/${name}`, private: hidden };
    await this.say(connectionStream(login), { type: 'RepositoryConnected', data: { ...data, at: this.at } });
  }

  get at(): string {
    return new Date(this.clock).toISOString();
  }

  get collector(): GitHubCollector {
    return (this.#collector ??= openGitHubCollector({
      store: this.store,
      codec: this.codec,
      dataDirectory: this.directory,
      apiUrl: this.github.apiUrl,
      timeZone: 'Asia/Seoul',
      people: () => this.people,
      connectedBy: () => [],
      isGone: (memberId) => !this.people.some((person) => person.memberId === memberId),
      connections: {
        token: (memberId) => Promise.resolve(this.tokens.get(memberId) ?? null),
        forgetEnded: (memberId, token) => {
          if (this.tokens.get(memberId) === token) this.tokens.delete(memberId);
          return Promise.resolve();
        },
      },
      sharedToken: this.sharedToken,
      now: () => this.clock,
      retries: false,
      timeoutMs: 2_000,
      onTrouble: (message, error) => this.troubles.push(`${message}: ${String(error)}`),
      ...this.#options,
    }));
  }

  /** Reads everybody. */
  collect() {
    return this.collector.collectAll(new AbortController().signal);
  }

  /** What was asked since `work` began, without what stands before the path of the API. */
  async asked(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.github.requests.length;
    await work();
    return this.github.requests.slice(before).map(({ path }) => path.replace('/api/v3', ''));
  }

  async stop(): Promise<void> {
    await this.#collector?.close();
    this.#collector = null;
  }

  async events(prefix = ''): Promise<AlmanacEvent[]> {
    const events: AlmanacEvent[] = [];
    for await (const page of this.store.readAll(prefix === '' ? {} : { filter: { streamPrefixes: [prefix] } }))
      for (const recorded of page) {
        const event = this.codec.decode(recorded);
        if (event) events.push({ type: event.type, data: event.data } as AlmanacEvent);
      }
    return events;
  }

  /** Commits the log has of somebody, by when they were written. */
  async commitsOf(login: string): Promise<string[]> {
    const events = await this.events(`commits-${login}-`);
    return events.flatMap(({ type, data }) => (type === 'CommitObserved' ? [data.authoredAt] : [])).toSorted();
  }

  /** How somebody's readings ended, as far as the log says: `completed <through>` or `failed <reason>`. */
  async endings(login: string): Promise<string[]> {
    return (await this.events(`collection-${login}`)).flatMap(({ type, data }) => {
      if (type === 'CollectionCompleted' && data.sourceId === login) return [`completed ${data.through}`];
      return type === 'CollectionFailed' && data.sourceId === login ? [`failed ${data.reason}`] : [];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.store.close();
    await this.github[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
