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
  /** Shared with whoever else records commits in this process: it knows each of them. Default: one of its own. */
  readonly ledger?: Ledger;
  readonly dataDirectory: string;
  /** `https://api.github.com` */
  readonly apiUrl: string;
  readonly timeZone: TimeZone;
  readonly people: () => readonly Collected[];
  /** Members whose last reading failed, also one of an earlier process; without it none before this one. */
  readonly failed?: () => readonly string[];
  /** Members who have connected a repository, by GitHub's number of it. */
  readonly connectedBy: (githubId: number) => readonly string[];
  /** Resolves when the days are marked that the commits in the log attend; at once, if left out. */
  readonly marked?: MemberContext['marked'];
  /** Nobody is this any more: they were erased. Nobody was, if left out. */
  readonly isGone?: (memberId: string) => boolean;
  readonly onProgress?: (progress: CollectionProgress | null) => void;
  /** Tries again by itself what may pass. */
  readonly retries: boolean;
  /** For one request; 20 seconds: a page of commits of a large repository takes GitHub some. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly random?: () => number;
};

const TIMEOUT_MS = 20_000;

/** Opens the collector of members' GitHub; what it remembers in the data directory is opened when it is first needed. */
export function openGitHubCollector(options: GitHubCollectionOptions): GitHubCollector {
  const { store, codec, now, onTrouble } = options;
  const remembered = new Remembered(() => openCursors(join(options.dataDirectory, 'collect-github.sqlite'), store));
  const stop = new AbortController();
  const members = new MemberCollection({
    ...{ store, codec, now, onTrouble },
    marked: options.marked ?? (() => Promise.resolve()),
    cursors: () => remembered.cursors(),
    connections: options.connections,
    sharedToken: options.sharedToken,
    ledger: options.ledger ?? new Ledger(store, codec),
    gitHub: { baseUrl: options.apiUrl, fetch: options.fetch ?? fetch, timeoutMs: options.timeoutMs ?? TIMEOUT_MS },
    timeZone: options.timeZone,
    signal: stop.signal,
  });
  const { isGone = () => false } = options;
  return createGitHubCollector({
    ...{ people: options.people, now, onTrouble, stop, retries: options.retries },
    collect: (person) => members.collect(person),
    failed: options.failed ?? (() => []),
    readersOf: async (githubId) => [
      ...(await remembered.cursors()).readersOf(githubId),
      ...options.connectedBy(githubId),
    ],
    onProgress: options.onProgress ?? (() => undefined),
    onEverybody: async () => (await remembered.cursors()).forgetThose(isGone),
    onClosed: () => remembered.close(),
    ...(options.random && { random: options.random }),
  });
}

/** Opened once, and again only when that failed. */
class Remembered {
  readonly #open: () => Promise<Cursors>;
  #opened: Promise<Cursors> | null = null;

  constructor(open: () => Promise<Cursors>) {
    this.#open = open;
  }

  /** @throws {StoreUnavailable} */
  cursors(): Promise<Cursors> {
    return (this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    }));
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    opened?.close();
  }
}
