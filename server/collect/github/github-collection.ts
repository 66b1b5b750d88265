import { join } from 'node:path';
import type { TimeZone } from '../../../domain/calendar.ts';
import type { Codec } from '../../event-store/codec.ts';
import type { EventStore } from '../../event-store/event-store.ts';
import { Ledger } from '../ledger.ts';
import { MemberCollection, type MemberContext } from './collect-member.ts';
import { createGitHubCollector, type CollectionProgress, type GitHubCollector } from './collector.ts';
import { openCursors, type Cursors } from './cursors.ts';
import type { Collected } from './people.ts';

export type GitHubCollectionOptions = Pick<MemberContext, 'connections' | 'sharedToken' | 'now' | 'onTrouble'> & {
  readonly store: EventStore;
  readonly codec: Codec;
  readonly dataDirectory: string;
  /** `https://api.github.com` */
  readonly apiUrl: string;
  readonly timeZone: TimeZone;
  readonly people: () => readonly Collected[];
  /** Members who have connected a repository, by GitHub's number of it. */
  readonly connectedBy: (githubId: number) => readonly string[];
  readonly onProgress?: (progress: CollectionProgress | null) => void;
  /** Tries again by itself what may pass. */
  readonly retries: boolean;
  /** For one request; 20 seconds: a page of commits of a large repository takes GitHub some. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly random?: () => number;
};

const TIMEOUT_MS = 20_000;

/** Opens the collector of members' GitHub, with what it remembers in the data directory. @throws {StoreUnavailable} */
export async function openGitHubCollector(options: GitHubCollectionOptions): Promise<GitHubCollector> {
  const { store, codec, now, onTrouble } = options;
  const cursors = await openCursors(join(options.dataDirectory, 'collect-github.sqlite'), store);
  const stop = new AbortController();
  const members = new MemberCollection({
    ...{ store, codec, cursors, now, onTrouble },
    connections: options.connections,
    sharedToken: options.sharedToken,
    ledger: new Ledger(store, codec),
    gitHub: { baseUrl: options.apiUrl, fetch: options.fetch ?? fetch, timeoutMs: options.timeoutMs ?? TIMEOUT_MS },
    timeZone: options.timeZone,
    signal: stop.signal,
  });
  const collector = createGitHubCollector({
    ...{ people: options.people, now, onTrouble, stop, retries: options.retries },
    collect: (person) => members.collect(person),
    readersOf: (githubId) => [...new Set([...cursors.readersOf(githubId), ...options.connectedBy(githubId)])],
    onProgress: options.onProgress ?? (() => undefined),
    ...(options.random && { random: options.random }),
  });
  return closing(collector, cursors);
}

const closing = (collector: GitHubCollector, cursors: Cursors): GitHubCollector => ({
  collectAll: (signal, onProgress) => collector.collectAll(signal, onProgress),
  collectMember: (memberId) => collector.collectMember(memberId),
  retryFailed: () => collector.retryFailed(),
  pushed: (push) => collector.pushed(push),
  failing: () => collector.failing(),
  progress: () => collector.progress(),
  async close() {
    await collector.close();
    cursors.close();
  },
});
