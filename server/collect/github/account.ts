import { z } from 'zod';
import { GitHubRefused } from '../../identity/github-faults.ts';
import { inForm } from '../../identity/github-requests.ts';
import type { Credential } from './credential.ts';

/** An account as GitHub knows it now. */
export type GitHubAccount = { readonly id: number; readonly login: string };

const account = z.object({ id: z.int().positive(), login: z.string().regex(/^[\w-]{1,100}(\[bot\])?$/) });

/** Whom a token belongs to. */
export const ownAccount = (as: Credential): Promise<GitHubAccount> => accountAt(as, 'GET /user');

/**
 * Who somebody is now, by the number of their account, which stays when the login changes; by the login of who never signed in.
 * @throws {GitHubRefused} when there is no such account (any more)
 */
export function knownAccount(
  as: Credential,
  { accountId, login }: { readonly accountId: number | null; readonly login: string | null },
): Promise<GitHubAccount> {
  if (accountId !== null) return accountAt(as, 'GET /user/{account_id}', { account_id: accountId });
  if (login !== null) return accountAt(as, 'GET /users/{username}', { username: login });
  throw new GitHubRefused('not_found');
}

async function accountAt(as: Credential, route: string, parameters: Record<string, unknown> = {}) {
  const { data } = await as.get(route, parameters);
  return inForm(account, data, as.host);
}
