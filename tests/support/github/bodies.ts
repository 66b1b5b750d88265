import type { Account, Commit, Repository, World } from './world.ts';

/** The JSON GitHub's API speaks, as far as it is of use: https://docs.github.com/rest */
export type Bodies = ReturnType<typeof createBodies>;

export function createBodies(world: World, webUrl: string, apiUrl: string) {
  const account = ({ id, login, type }: Account) => ({
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${webUrl}/avatars/${id}`,
    url: `${apiUrl}/users/${login}`,
    html_url: `${webUrl}/${login}`,
    type,
    site_admin: false,
  });
  const accountOrNull = (id: number | null) => {
    const found = id === null ? undefined : world.accounts.get(id);
    return found ? account(found) : null;
  };
  return {
    user: (user: Account) => ({
      ...account(user),
      name: user.name,
      // Public address of the profile; people leave it empty.
      email: null,
      created_at: '2011-01-25T18:44:36Z',
    }),
    emails: ({ emails }: Account) =>
      emails.map((email) => ({ ...email, visibility: email.primary ? 'private' : null })),
    repository(repository: Repository) {
      const name = world.fullName(repository);
      return {
        id: repository.id,
        node_id: `R_${repository.id}`,
        name: repository.name,
        full_name: name,
        private: repository.private,
        visibility: repository.private ? 'private' : 'public',
        owner: account(world.ownerOf(repository)),
        html_url: `${webUrl}/${name}`,
        description: repository.description,
        fork: false,
        url: `${apiUrl}/repos/${name}`,
        default_branch: repository.defaultBranch,
        created_at: repository.createdAt,
        updated_at: repository.pushedAt ?? repository.createdAt,
        pushed_at: repository.pushedAt,
      };
    },
    branch: (repository: Repository, name: string, head: Commit | undefined) => ({
      name,
      commit: { sha: head?.sha, url: `${apiUrl}/repos/${world.fullName(repository)}/commits/${head?.sha}` },
      protected: false,
    }),
    commit(repository: Repository, commit: Commit) {
      const of = (base: string, sha: string) => `${base}/${world.fullName(repository)}/commits/${sha}`;
      const api = `${apiUrl}/repos`;
      return {
        sha: commit.sha,
        node_id: `C_${commit.sha}`,
        commit: {
          author: commit.author,
          committer: commit.committer,
          message: commit.message,
          comment_count: 0,
        },
        url: of(api, commit.sha),
        html_url: of(webUrl, commit.sha).replace('/commits/', '/commit/'),
        author: accountOrNull(commit.authorId),
        committer: accountOrNull(commit.committerId),
        parents: commit.parents.map((sha) => ({ sha, url: of(api, sha) })),
      };
    },
  };
}
