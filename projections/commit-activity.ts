import { endOfDay, localTime, startOfDay, type Day, type TimeZone } from '../domain/calendar.ts';
import { defineProjection, table, type ReadModel } from './projection.ts';

type CommitRow = {
  member_id: string;
  /** Seconds since the epoch: a day, an hour or a weekday is one of a zone, and the zone comes with the question. */
  authored_at: number;
  sha: string;
  repository_id: string;
  /** As it is kept: sealed with its author's key. */
  message: string;
};
/** A repository that holds a commit first seen in another one. */
type ElsewhereRow = { repository_id: string; sha: string };
/** A private one has no name here: each member who connected it has their own. */
type RepositoryRow = {
  repository_id: string;
  name: string;
  private: number;
  /** Whose account the name was seen with; null: it lies on this machine. */
  named_by: string | null;
};
type ConnectionRow = { repository_id: string; member_id: string; name: string };

export const commitActivity = defineProjection({
  name: 'commit-activity',
  version: 7,
  tables: {
    commits: table<CommitRow>({
      key: [],
      columns: { member_id: 'TEXT', authored_at: 'INTEGER', sha: 'TEXT', repository_id: 'TEXT', message: 'TEXT' },
      indexes: [
        ['member_id', 'authored_at'],
        ['authored_at', 'member_id'],
      ],
    }),
    elsewhere: table<ElsewhereRow>({
      key: ['repository_id', 'sha'],
      columns: { repository_id: 'TEXT', sha: 'TEXT' },
    }),
    repositories: table<RepositoryRow>({
      key: ['repository_id'],
      columns: { repository_id: 'TEXT', name: 'TEXT', private: 'INTEGER', named_by: 'TEXT NULL' },
      indexes: [['named_by']],
    }),
    connections: table<ConnectionRow>({
      key: ['repository_id', 'member_id'],
      columns: { repository_id: 'TEXT', member_id: 'TEXT', name: 'TEXT' },
      indexes: [['member_id']],
    }),
  },
  on: {
    CommitObserved: ({ data }, { commits }) =>
      commits.add({
        member_id: data.memberId,
        authored_at: Date.parse(data.authoredAt) / 1000,
        sha: data.sha,
        repository_id: data.repositoryId,
        message: data.message,
      }),
    CommitAlsoObserved: ({ data }, { elsewhere }) => elsewhere.put({ repository_id: data.repositoryId, sha: data.sha }),
    MemberMerged: ({ data }, { commits }) => commits.replace('member_id', data.memberId, data.into),
    MemberErased: ({ data: { memberId } }, { commits, connections, repositories }) => {
      commits.overwrite('message', '', 'member_id', memberId);
      // Most are called after their owners; others who read them say again what they are called.
      for (const row of repositories.where('named_by', memberId))
        repositories.put({ ...row, name: '', named_by: null });
      for (const { repository_id } of connections.where('member_id', memberId))
        connections.delete(repository_id, memberId);
    },
    // What a member has said to be private does not become public by being collected.
    RepositoryRegistered: ({ data: { repositoryId, name } }, { repositories }) => {
      if (repositories.get(repositoryId)?.private === 1) return;
      repositories.put({ repository_id: repositoryId, name, private: 0, named_by: null });
    },
    // GitHub says itself who may see it.
    RepositoryDiscovered: ({ data }, { repositories }) =>
      repositories.put({
        repository_id: data.repositoryId,
        name: data.name ?? '',
        private: data.private ? 1 : 0,
        named_by: data.memberId,
      }),
    // What was connected once stays private when it is disconnected: its commits are in the log.
    RepositoryConnected: ({ data }, { repositories, connections }) => {
      const { repositoryId: repository_id, memberId: member_id, name } = data;
      const hidden = data.private ? 1 : 0;
      repositories.put({ repository_id, name: data.private ? '' : name, private: hidden, named_by: member_id });
      connections.put({ repository_id, member_id, name });
    },
  },
});

/** The repositories that are private today. */
export const privateRepositories = (model: ReadModel): string[] =>
  model
    .all<{ repository_id: string }>('SELECT repository_id FROM repositories WHERE private = 1 ORDER BY repository_id')
    .map(({ repository_id }) => repository_id);

/** A stretch of local days, both included. */
export type DayRange = { from: Day; to: Day; zone: TimeZone };

const seconds = ({ from, to, zone }: DayRange): [number, number] => [startOfDay(from, zone), endOfDay(to, zone)];

/** The days, and the repositories whose commits count; none named: all there are. */
export type CommitScope = DayRange & { readonly repositories?: readonly string[] };

/** A condition on `commits` for those that any of the repositories holds. Most logs have no others: then there is nothing to look at. */
export function heldBy(model: ReadModel, repositories: readonly string[] = []): { sql: string; values: string[] } {
  const list = JSON.stringify(repositories);
  const LISTED = '(SELECT value FROM json_each(?))';
  const others = `SELECT 1 AS there FROM repositories WHERE repository_id NOT IN ${LISTED} LIMIT 1`;
  if (repositories.length === 0 || !model.get<{ there: number }>(others, list)) return { sql: '', values: [] };
  const held = `SELECT 1 FROM json_each(?) JOIN elsewhere ON elsewhere.repository_id = value AND elsewhere.sha = commits.sha`;
  return { sql: ` AND (repository_id IN ${LISTED} OR EXISTS (${held}))`, values: [list, list] };
}

/** Commits per member within the days; members without one are not in the map. */
export function countByMember(model: ReadModel, { repositories, ...range }: CommitScope): Map<string, number> {
  const held = heldBy(model, repositories);
  const rows = model.all<{ member_id: string; commits: number }>(
    `SELECT member_id, count(*) AS commits FROM commits
      WHERE authored_at >= ? AND authored_at < ?${held.sql} GROUP BY member_id`,
    ...seconds(range),
    ...held.values,
  );
  return new Map(rows.map((row) => [row.member_id, row.commits]));
}

export type Activity = {
  /** Commits by local hour, 24 numbers. */
  hours: number[];
  /** Monday to Sunday, 7 numbers. */
  weekdays: number[];
  /** [weekday][hour], Monday first. */
  hoursOfWeekdays: number[][];
  /** Commits by local day, only days that have one. */
  days: Map<Day, number>;
  total: number;
};

/** A condition on `commits`. Of several members they are found by their dates, and not each member's for themselves: in order, that is. */
function authorsAre(whose: string | readonly string[] | undefined): { sql: string; values: string[] } {
  if (whose === undefined) return { sql: '', values: [] };
  if (typeof whose === 'string') return { sql: ' AND member_id = ?', values: [whose] };
  return { sql: ' AND +member_id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(whose)] };
}

/** When commits were made, of one member or of several (left out: of everybody), within the days. */
export function activity(
  model: ReadModel,
  { repositories, ...range }: CommitScope,
  whose?: string | readonly string[],
): Activity {
  const held = heldBy(model, repositories);
  const made = authorsAre(whose);
  const rows = model.all<{ authored_at: number }>(
    `SELECT authored_at FROM commits
      WHERE authored_at >= ? AND authored_at < ?${made.sql}${held.sql} ORDER BY authored_at`,
    ...seconds(range),
    ...made.values,
    ...held.values,
  );
  const hoursOfWeekdays = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  const days = new Map<Day, number>();
  for (const { authored_at } of rows) {
    const { day, hour, weekday } = localTime(authored_at, range.zone);
    const hours = hoursOfWeekdays[weekday - 1];
    if (hours) hours[hour] = (hours[hour] ?? 0) + 1;
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    hours: Array.from({ length: 24 }, (_, hour) => sum(hoursOfWeekdays.map((hours) => hours[hour] ?? 0))),
    weekdays: hoursOfWeekdays.map(sum),
    hoursOfWeekdays,
    days,
    total: rows.length,
  };
}

/** First and last commit of a member in any of the repositories (none named: anywhere), seconds since the epoch. */
export function commitSpan(
  model: ReadModel,
  memberId: string,
  repositories?: readonly string[],
): { first: number; last: number } | null {
  const held = heldBy(model, repositories);
  const row = model.get<{ first: number | null; last: number | null }>(
    `SELECT min(authored_at) AS first, max(authored_at) AS last FROM commits WHERE member_id = ?${held.sql}`,
    memberId,
    ...held.values,
  );
  return row && row.first !== null && row.last !== null ? { first: row.first, last: row.last } : null;
}

export type Commit = {
  memberId: string;
  /** Seconds since the epoch. */
  authoredAt: number;
  sha: string;
  repository: string;
  /** As it is kept; `Services.openText` opens it. */
  message: string;
  /** No public repository holds it: what it is is shown to its author alone. */
  private: boolean;
};
type JoinedRow = Omit<CommitRow, 'repository_id'> & { repository: string; public_name: string | null; private: number };

/** The name of a public repository that holds a commit first seen in a private one. */
const PUBLIC_NAME = `SELECT open.name FROM repositories AS open JOIN elsewhere USING (repository_id)
  WHERE open.private = 0 AND elsewhere.sha = commits.sha LIMIT 1`;
/** What nobody has said to be public is private. */
const SELECT_COMMITS = `SELECT commits.member_id, authored_at, sha, message,
    coalesce(connections.name, repositories.name, repository_id) AS repository,
    coalesce(repositories.private, 1) AS private,
    CASE WHEN coalesce(repositories.private, 1) = 1 THEN (${PUBLIC_NAME}) END AS public_name
  FROM commits LEFT JOIN repositories USING (repository_id)
    LEFT JOIN connections USING (repository_id, member_id)`;
const toCommit = (row: JoinedRow): Commit => ({
  memberId: row.member_id,
  authoredAt: row.authored_at,
  sha: row.sha,
  repository: row.public_name ?? row.repository,
  message: row.message,
  private: row.private === 1 && row.public_name === null,
});

export type CommitQuery = {
  /** Either end may be open. */
  readonly from?: Day;
  readonly to?: Day;
  readonly zone: TimeZone;
  readonly repositories?: readonly string[];
  readonly skip: number;
  readonly limit: number;
};

/** A member's commits, newest first, and how many there are. */
export function listCommits(
  model: ReadModel,
  memberId: string,
  { from, to, zone, repositories, skip, limit }: CommitQuery,
): { commits: Commit[]; total: number } {
  const held = heldBy(model, repositories);
  const where = `WHERE commits.member_id = ? AND authored_at >= ? AND authored_at < ?${held.sql}`;
  const values = [
    memberId,
    from === undefined ? Number.MIN_SAFE_INTEGER : startOfDay(from, zone),
    to === undefined ? Number.MAX_SAFE_INTEGER : endOfDay(to, zone),
    ...held.values,
  ];
  const total = model.get<{ total: number }>(`SELECT count(*) AS total FROM commits ${where}`, ...values);
  const rows = model.all<JoinedRow>(
    `${SELECT_COMMITS} ${where} ORDER BY authored_at DESC, sha LIMIT ? OFFSET ?`,
    ...values,
    limit,
    skip,
  );
  return { commits: rows.map(toCommit), total: total?.total ?? 0 };
}

/** One commit of a member; undefined when there is none. @param commit `authoredAt`: seconds since the epoch */
export const findCommit = (
  model: ReadModel,
  { memberId, authoredAt, sha }: { readonly memberId: string; readonly authoredAt: number; readonly sha: string },
): Commit | undefined =>
  model
    .all<JoinedRow>(
      `${SELECT_COMMITS} WHERE commits.member_id = ? AND authored_at = ? AND sha = ?`,
      memberId,
      authoredAt,
      sha,
    )
    .map(toCommit)[0];

/** Everybody's commits of a day, oldest first; of each member at most so many. */
export function commitsOfDay(
  model: ReadModel,
  { day, most, zone, repositories }: { day: Day; most: number } & Pick<CommitScope, 'zone' | 'repositories'>,
): Commit[] {
  const held = heldBy(model, repositories);
  const places = `SELECT rowid AS id, row_number() OVER (PARTITION BY member_id ORDER BY authored_at, sha) AS place
    FROM commits WHERE authored_at >= ? AND authored_at < ?${held.sql}`;
  return model
    .all<JoinedRow>(
      `${SELECT_COMMITS} WHERE commits.rowid IN (SELECT id FROM (${places}) WHERE place <= ?) ORDER BY authored_at, sha`,
      ...seconds({ from: day, to: day, zone }),
      ...held.values,
      most,
    )
    .map(toCommit);
}
