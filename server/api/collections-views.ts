/** What the API answers with about reading members' GitHub: instants are ISO 8601 UTC. */

export type CollectionView = {
  id: string;
  handle: string;
  name: string;
  /** `unread`: never yet. `reading` is told by the progress. */
  state: 'unread' | 'read' | 'failed';
  /** Everything before this instant was seen; null: nothing yet. */
  through: string | null;
  /** When a reading was last said to have ended well; it is said when something was found, and once a day. */
  lastSuccessAt: string | null;
  failure: {
    reason: string;
    message: string;
    since: string;
    /** It is tried again by itself then; null: when the hour comes, or somebody asks for it. */
    retryAt: string | null;
  } | null;
  /** Their own token is connected; without one what is public is read by the server's, where it has one. */
  hasToken: boolean;
};

export type CollectionsView = {
  /** Those that cannot be read first, then by name. */
  members: CollectionView[];
  progress: CollectionProgressView | null;
  /** The server has a token of its own for what is public. */
  hasSharedToken: boolean;
};

/** How far the reading of everybody is; null where it stands for nothing under way. */
export type CollectionProgressView = { done: number; total: number; failed: number; startedAt: string };

/** What came of a reading: members read, those of them that failed, and events about commits that were new. */
export type CollectionRunView = { members: number; failed: number; observed: number };

export type FlaggedView = {
  commits: {
    handle: string;
    name: string;
    /** `late`: written more than 48 hours before what had been read already. `future`: written after it was seen. */
    why: 'late' | 'future';
    authoredAt: string;
    observedAt: string;
    /** null: private, and somebody else's. */
    sha: string | null;
    private: boolean;
  }[];
  total: number;
};
