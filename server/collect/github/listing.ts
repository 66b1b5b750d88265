import { z } from 'zod';
import { inForm } from '../../identity/github-requests.ts';
import type { Credential } from './credential.ts';

export type ListedRepository = {
  /** GitHub's number of it: it stays when it is renamed or moved. */
  readonly githubId: number;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  /** Seconds since the epoch; 0: never. */
  readonly pushedAt: number;
};

export type Listing = {
  /** Of the first page. */
  readonly etag: string | null;
  /** Seconds since the epoch, by GitHub's clock. */
  readonly askedAt: number;
  readonly repositories: readonly ListedRepository[];
};

const repository = z
  .object({
    id: z.int().positive(),
    full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    private: z.boolean(),
    pushed_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .transform(({ id, full_name, private: hidden, pushed_at }): ListedRepository => {
    const [owner = '', name = ''] = full_name.split('/');
    const pushedAt = pushed_at ? Math.floor(Date.parse(pushed_at) / 1000) : 0;
    return { githubId: id, owner, name, private: hidden, pushedAt };
  });

/** Which list: of whom the token belongs to, or the public ones of an account. */
export type ListOf = { readonly route: string; readonly parameters: Record<string, unknown> };

export const listOfOwn: ListOf = { route: 'GET /user/repos', parameters: {} };
export const listOf = (login: string): ListOf => ({
  route: 'GET /users/{username}/repos',
  parameters: { username: login, type: 'all' },
});

const PAGE_SIZE = 100;

/**
 * The repositories of a list, whole.
 * @param etag of the answer before; null: there was none, or it says nothing
 * @returns null: nothing has been pushed to any of them since
 */
export async function listRepositories(
  as: Credential,
  { route, parameters }: ListOf,
  etag: string | null,
): Promise<Listing | null> {
  const byPush = { ...parameters, sort: 'pushed', per_page: PAGE_SIZE };
  const first = await as.getIfChanged(route, byPush, etag);
  if (first === null) return null;
  const { data, headers } = first;
  const page = inForm(z.array(repository), data, as.host);
  // A push between two pages would move one from a page still to be read to one that was: by age they stay where they are.
  const hasMore = String(headers['link'] ?? '').includes('rel="next"');
  const all = hasMore ? await as.list(route, repository, { ...parameters, sort: 'created', direction: 'asc' }) : page;
  const once = new Map(all.map((one) => [one.githubId, one]));
  const answeredAt = Date.parse(String(headers['date']));
  return {
    etag: typeof headers['etag'] === 'string' ? headers['etag'] : null,
    askedAt: Number.isNaN(answeredAt) ? as.now() : Math.floor(answeredAt / 1000),
    repositories: [...once.values()],
  };
}
