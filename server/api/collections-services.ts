import type { GitHubCollector } from '../collect/github/collector.ts';
import type { Collected } from '../collect/github/people.ts';

/** What the API needs of reading members' GitHub. */
export interface CollectionServices {
  readonly collector: Pick<GitHubCollector, 'collectAll' | 'collectMember' | 'retryFailed' | 'failing' | 'progress'>;
  /** Whose commits are read. */
  people(): readonly Collected[];
  readonly hasSharedToken: boolean;
  /** Resolves when what is in the log can be queried. */
  shown(): Promise<void>;
}
