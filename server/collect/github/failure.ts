import type { FailureReason } from '../../../domain/repository.ts';
import { GitHubRefused, GitHubUnavailable, TokenRevoked } from '../../identity/github-faults.ts';

/** Why a member's commits could not be read to the end, in the words of the log and of the page. */
export type Failure = {
  readonly reason: FailureReason;
  /** Names no repository. */
  readonly message: string;
  /** Seconds after which it may be tried again, where GitHub named them. */
  readonly retryAfter: number | null;
  /** It may pass by itself: it is tried again without being asked. */
  readonly passing: boolean;
};

/** There is no way to see what somebody has at GitHub. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
  /** Repositories that only their own token shows. */
  readonly reason: 'not-connected' | 'token-revoked';
  constructor(reason: NotConnected['reason']) {
    super(
      reason === 'not-connected'
        ? 'Almanac has no token for this account: the member signs in once more, or GITHUB_TOKEN is set.'
        : 'The member has connected private repositories, and there is no token any more that shows them: GitHub has to be connected again.',
    );
    this.reason = reason;
  }
}

/** GitHub does not take the token of the settings. */
const SHARED_TOKEN_REVOKED = 'GitHub does not take GITHUB_TOKEN (any more): set another one.';
const lasting = { retryAfter: null, passing: false } as const;

/**
 * What went wrong. Nothing of an error that nobody foresaw is repeated: it could hold anything.
 * @param own the member's own token was used
 */
export function failureOf(error: unknown, own: boolean): Failure {
  if (error instanceof NotConnected) return { reason: error.reason, message: error.message, ...lasting };
  if (error instanceof TokenRevoked)
    return own
      ? { reason: 'token-revoked', message: error.message, ...lasting }
      : { reason: 'refused', message: SHARED_TOKEN_REVOKED, ...lasting };
  if (error instanceof GitHubRefused) return { reason: 'refused', message: error.message, ...lasting };
  if (error instanceof GitHubUnavailable) {
    const { message, retryAfter, rateLimited } = error;
    return { reason: rateLimited ? 'rate-limited' : 'unavailable', message, retryAfter, passing: true };
  }
  const message = 'Reading was broken off by an error of Almanac: the log of the server says more.';
  return { reason: 'unreadable', message, retryAfter: null, passing: true };
}

/** Whether an error says something of GitHub, and is no fault of ours. */
export const isForeseen = (error: unknown): boolean =>
  error instanceof NotConnected ||
  error instanceof TokenRevoked ||
  error instanceof GitHubRefused ||
  error instanceof GitHubUnavailable;
