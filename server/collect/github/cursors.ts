import type { DatabaseSync } from 'node:sqlite';
import { StreamDeleted, StreamNotFound, type EventStore } from '../../event-store/event-store.ts';
import { openDisposableFile } from '../../sqlite/disposable-file.ts';

/** How far the list of a member's repositories has been read. */
export type MemberCursor = {
  /** Of the first page of their repositories; null: it is to be read again whatever its tag. */
  readonly etag: string | null;
  /** A hash of whom and what was asked for; where something else is asked for the tag says nothing. */
  readonly wanted: string;
  /** Seconds since the epoch: commits from then on were looked for in all of them. */
  readonly since: number;
  /** Seconds since the epoch: when the whole list was read. */
  readonly listedAt: number;
};

/** How far one repository has been read for a member. */
export type RepositoryCursor = {
  /** GitHub's number of it. */
  readonly githubId: number;
  /** Seconds since the epoch; 0: never, or not to be relied on. */
  readonly pushedAt: number;
  /** Seconds since the epoch: commits from then on were looked for. */
  readonly since: number;
  /** Hashes at which its branches stood. */
  readonly heads: readonly string[];
  /** A hash of its name and visibility as the log has been told; null: it was told nothing. */
  readonly told: string | null;
};

export type MemberState = {
  readonly member: MemberCursor | null;
  readonly repositories: ReadonlyMap<number, RepositoryCursor>;
};

/**
 * How far each member's GitHub has been read: `DATA_DIR/collect-github.sqlite`. It holds numbers and hashes, no names.
 * Losing it loses no fact: everything is asked again, and nothing is recorded twice. It belongs to the log it was written beside: with
 * another one, or one that was set back, it begins empty.
 */
export interface Cursors {
  read(memberId: string): MemberState;
  /** After everything it stands for was acknowledged. `member` null: the list was not read to its end. */
  write(
    memberId: string,
    state: { member: MemberCursor | null; repositories: readonly RepositoryCursor[] },
  ): Promise<void>;
  /** Members for whom a repository has been read, by GitHub's number of it. */
  readersOf(githubId: number): string[];
  /** Forgets members who are no more. */
  forgetThose(isGone: (memberId: string) => boolean): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS members (
    member_id TEXT PRIMARY KEY,
    etag TEXT,
    wanted TEXT NOT NULL,
    since INTEGER NOT NULL,
    listed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS repositories (
    member_id TEXT NOT NULL,
    github_id INTEGER NOT NULL,
    pushed_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    heads TEXT NOT NULL,
    told TEXT,
    PRIMARY KEY (member_id, github_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS readers ON repositories (github_id);
  CREATE TABLE IF NOT EXISTS witness (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    stream TEXT NOT NULL,
    revision TEXT NOT NULL,
    event_id TEXT NOT NULL
  ) STRICT;
`;

/**
 * Opens the cursors, or makes them. A file that is damaged is put aside as `<path>.damaged`.
 * @param path of the file, or `:memory:`
 * @throws {StoreUnavailable}
 */
export async function openCursors(path: string, store: EventStore): Promise<Cursors> {
  const database = openDisposableFile(path, { schema: SCHEMA });
  try {
    if (!(await isWitnessed(database, store)))
      database.exec('DELETE FROM members; DELETE FROM repositories; DELETE FROM witness;');
    return cursorsOf(database, store);
  } catch (error) {
    database.close();
    throw error;
  }
}

type Witness = { readonly stream: string; readonly revision: string; readonly event_id: string };

/** Does the log still hold the event that was its last when the cursors were written? */
async function isWitnessed(database: DatabaseSync, store: EventStore): Promise<boolean> {
  const witness = database.prepare('SELECT * FROM witness').get() as Witness | undefined;
  if (!witness) return false;
  try {
    const [event] = await store.readStream(witness.stream, { from: BigInt(witness.revision), limit: 1 });
    return event?.id === witness.event_id && String(event.revision) === witness.revision;
  } catch (error) {
    if (error instanceof StreamNotFound || error instanceof StreamDeleted) return false;
    throw error;
  }
}

async function newWitness(store: EventStore): Promise<Witness | null> {
  for await (const [last] of store.readAll({ direction: 'backwards', limit: 1 }))
    if (last) return { stream: last.stream, revision: String(last.revision), event_id: last.id };
  return null;
}

type MemberRow = { etag: string | null; wanted: string; since: number; listed_at: number };
type RepositoryRow = { github_id: number; pushed_at: number; since: number; heads: string; told: string | null };

function cursorsOf(database: DatabaseSync, store: EventStore): Cursors {
  const sql = {
    member: database.prepare('SELECT etag, wanted, since, listed_at FROM members WHERE member_id = ?'),
    repositories: database.prepare('SELECT * FROM repositories WHERE member_id = ?'),
    everybody: database.prepare('SELECT member_id FROM members UNION SELECT member_id FROM repositories'),
    putMember: database.prepare('INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?)'),
    putRepository: database.prepare('INSERT OR REPLACE INTO repositories VALUES (?, ?, ?, ?, ?, ?)'),
    putWitness: database.prepare('INSERT OR REPLACE INTO witness VALUES (1, ?, ?, ?)'),
    dropMember: database.prepare('DELETE FROM members WHERE member_id = ?'),
    dropRepositories: database.prepare('DELETE FROM repositories WHERE member_id = ?'),
    readers: database.prepare('SELECT member_id FROM repositories WHERE github_id = ? ORDER BY member_id'),
  };
  const forget = (memberId: string) => {
    sql.dropMember.run(memberId);
    sql.dropRepositories.run(memberId);
  };
  return {
    read(memberId) {
      const row = sql.member.get(memberId) as MemberRow | undefined;
      const rows = sql.repositories.all(memberId) as RepositoryRow[];
      const member = row ? { etag: row.etag, wanted: row.wanted, since: row.since, listedAt: row.listed_at } : null;
      return { member, repositories: new Map(rows.map((one) => [one.github_id, toCursor(one)])) };
    },
    async write(memberId, { member, repositories }) {
      const witness = await newWitness(store);
      if (!witness) return;
      inTransaction(database, () => {
        forget(memberId);
        if (member) sql.putMember.run(memberId, member.etag, member.wanted, member.since, member.listedAt);
        for (const { githubId, pushedAt, since, heads, told } of repositories)
          sql.putRepository.run(memberId, githubId, pushedAt, since, JSON.stringify(heads), told);
        sql.putWitness.run(witness.stream, witness.revision, witness.event_id);
      });
    },
    readersOf: (githubId) => (sql.readers.all(githubId) as { member_id: string }[]).map(({ member_id }) => member_id),
    forgetThose(isGone) {
      const known = sql.everybody.all() as { member_id: string }[];
      const gone = known.filter(({ member_id }) => isGone(member_id));
      if (gone.length > 0) inTransaction(database, () => gone.forEach(({ member_id }) => forget(member_id)));
    },
    close: () => database.close(),
  };
}

const toCursor = ({ github_id, pushed_at, since, heads, told }: RepositoryRow): RepositoryCursor => ({
  githubId: github_id,
  pushedAt: pushed_at,
  since,
  heads: JSON.parse(heads) as string[],
  told,
});

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
