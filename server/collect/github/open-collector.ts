import { accessOf } from '../../../projections/access.ts';
import { failingCollections, isCollected } from '../../../projections/collections.ts';
import { connectedRepositories, connectedTo } from '../../../projections/connections.ts';
import type { ProjectionName } from '../../../projections/all.ts';
import { memberById } from '../../../projections/members.ts';
import type { ReadModel } from '../../../projections/projection.ts';
import type { CollectionServices } from '../../api/collections-services.ts';
import type { ChangeFeed } from '../../change-feed.ts';
import type { Settings } from '../../config.ts';
import type { Codec } from '../../event-store/codec.ts';
import type { EventStore } from '../../event-store/event-store.ts';
import type { GitHubConnections } from '../../identity/github-connections.ts';
import type { Log } from '../../log.ts';
import { marked } from '../../settled.ts';
import type { Subscriber } from '../../subscribers/subscriber.ts';
import type { Ledger } from '../ledger.ts';
import type { GitHubCollector } from './collector.ts';
import { openGitHubCollector } from './github-collection.ts';
import { Newcomers } from './newcomers.ts';
import { peopleCollected } from './people.ts';

type Given = {
  readonly settings: Settings;
  readonly store: EventStore;
  readonly codec: Codec;
  readonly ledger: Ledger;
  readonly readModels: {
    model(name: ProjectionName): ReadModel;
    /** @returns ends it */
    onChange(listener: (change: { readonly projections: readonly string[] }) => void): () => void;
  };
  readonly keeper: Pick<Subscriber, 'waitFor'>;
  readonly feed: Pick<ChangeFeed, 'publish'>;
  readonly log: Log;
  readonly now: () => number;
  /** A server goes on by itself; a command reads once. */
  readonly watch: boolean;
};

/** Read models whose changes may mean that more is to be read. */
const ABOUT_PEOPLE: ReadonlySet<string> = new Set(['access', 'members', 'connections', 'attendance-book']);

type Tokens = Pick<GitHubConnections, 'token' | 'forgetEnded'>;

/** Reads what members have at GitHub, for a server or a command. */
export class MembersCollection implements AsyncDisposable {
  readonly collector: GitHubCollector;
  readonly #given: Given;
  readonly #newcomers: Newcomers;
  readonly #stopLooking: () => void;
  #tokens: Tokens | null = null;

  constructor(given: Given) {
    this.#given = given;
    const { settings, store, codec, ledger, readModels, feed, log, now, watch } = given;
    this.collector = openGitHubCollector({
      ...{ store, codec, ledger, now, retries: watch },
      marked: (signal) => marked(given, signal),
      dataDirectory: settings.dataDirectory,
      apiUrl: settings.gitHubApiUrl,
      sharedToken: settings.gitHubToken,
      timeZone: settings.timeZone,
      people: () => this.people(),
      failed: () => failingCollections(readModels.model('collections')),
      connectedBy: (githubId) => connectedTo(readModels.model('connections'), githubId),
      isGone: (memberId) => memberById(readModels.model('members'), memberId) === undefined,
      connections: {
        token: (memberId) => this.#tokens?.token(memberId) ?? Promise.resolve(null),
        forgetEnded: (memberId, token) => this.#tokens?.forgetEnded(memberId, token) ?? Promise.resolve(),
      },
      onProgress: () => feed.publish(['status']),
      onTrouble: (message, err) => log.warn({ err }, message),
    });
    this.#newcomers = this.#lookingFor();
    this.#stopLooking = readModels.onChange(({ projections }) => {
      if (watch && this.forJobs && projections.some((name) => ABOUT_PEOPLE.has(name))) this.#newcomers.look();
    });
  }

  #lookingFor(): Newcomers {
    const { readModels, log } = this.#given;
    return new Newcomers({
      people: () => this.people(),
      reachOf: ({ memberId }) => [
        accessOf(readModels.model('access'), memberId)?.tokenScopes,
        connectedRepositories(readModels.model('connections'), memberId).map(({ githubId }) => githubId),
      ],
      isKnown: ({ memberId }) => isCollected(readModels.model('collections'), memberId),
      collect: (memberIds) => this.collector.soon(memberIds),
      onTrouble: (message, err) => log.warn({ err }, message),
    });
  }

  /** Members' own tokens are kept by who lets them in; until it is known who does, there are none. */
  readBy(tokens: Tokens | null): void {
    this.#tokens = tokens;
  }

  /** What is read every hour; null: there is no way to read anybody. */
  get forJobs(): GitHubCollector | null {
    const { github, gitHubToken } = this.#given.settings;
    return github === null && gitHubToken === null ? null : this.collector;
  }

  /** Reads everybody now; joins where that is under way. */
  async collectEverybody(): Promise<void> {
    await this.collector.collectAll(new AbortController().signal);
  }

  people(): ReturnType<typeof peopleCollected> {
    const { readModels } = this.#given;
    return peopleCollected((name) => readModels.model(name));
  }

  /** @param shown resolves when what is in the log can be queried */
  services(shown: () => Promise<void>): CollectionServices {
    const { collector } = this;
    const hasSharedToken = this.#given.settings.gitHubToken !== null;
    return { collector, people: () => this.people(), hasSharedToken, shown };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopLooking();
    this.#newcomers[Symbol.dispose]();
    await this.collector.close();
  }
}
