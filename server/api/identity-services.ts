import type { Accounts } from '../identity/accounts.ts';
import type { GitHubConnections } from '../identity/github-connections.ts';
import type { ApiKeys } from '../identity/keys.ts';
import type { Sessions } from '../identity/sessions.ts';

/** What the API needs to let people in, and to let them decide about what is theirs. */
export interface IdentityServices {
  /** Local mode: whoever reaches the server is its owner. */
  readonly local: boolean;
  /** Where accounts are shown, `https://github.com`; null: signing in is not configured. */
  readonly gitHubUrl: string | null;
  /** Requests a minute that everybody has; 0: as many as they like. A key of somebody who is no admin has no more. */
  readonly requestsPerMinute: number;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  /** null: signing in is not configured. */
  readonly connections: GitHubConnections | null;
  /**
   * Destroys everything personal of somebody; what was counted stays.
   * @returns `erasing`: it is said and cannot be taken back; something is left, and is being ended
   * @throws {AccessRefused} @throws {StoreUnavailable} when nothing was said
   */
  erase(memberId: string, by: string): Promise<'erased' | 'erasing'>;
}
