import { defineProjection, table, type ReadModel } from './projection.ts';

type ConnectionRow = {
  member_id: string;
  repository_id: string;
  github_id: number;
  /** `owner/name`, as the member's account sees it. */
  name: string;
  private: number;
};

/** The repositories members have connected; each sees their own only. */
export const connections = defineProjection({
  name: 'connections',
  version: 1,
  tables: {
    connections: table<ConnectionRow>({
      key: ['member_id', 'repository_id'],
      columns: { member_id: 'TEXT', repository_id: 'TEXT', github_id: 'INTEGER', name: 'TEXT', private: 'INTEGER' },
    }),
  },
  on: {
    RepositoryConnected: ({ data }, { connections }) =>
      connections.put({
        member_id: data.memberId,
        repository_id: data.repositoryId,
        github_id: data.githubId,
        name: data.name,
        private: data.private ? 1 : 0,
      }),
    RepositoryDisconnected: ({ data }, { connections }) => connections.delete(data.memberId, data.repositoryId),
    MemberErased: ({ data }, { connections }) => {
      for (const row of connections.where('member_id', data.memberId))
        connections.delete(row.member_id, row.repository_id);
    },
  },
});

export type ConnectedRepository = { repositoryId: string; githubId: number; name: string; private: boolean };

/** What a member has connected, by name. */
export const connectedRepositories = (model: ReadModel, memberId: string): ConnectedRepository[] =>
  model
    .all<ConnectionRow>('SELECT * FROM connections WHERE member_id = ? ORDER BY name, repository_id', memberId)
    .map((row) => ({
      repositoryId: row.repository_id,
      githubId: row.github_id,
      name: row.name,
      private: row.private === 1,
    }));

/** Who has connected a repository, by GitHub's number of it. */
export const connectedTo = (model: ReadModel, githubId: number): string[] =>
  model
    .all<{ member_id: string }>('SELECT member_id FROM connections WHERE github_id = ? ORDER BY member_id', githubId)
    .map(({ member_id }) => member_id);
