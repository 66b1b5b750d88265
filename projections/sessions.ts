import { IDLE_MS } from '../domain/session.ts';
import { defineProjection, table, type ReadModel } from './projection.ts';

type SessionRow = { session_id: string; member_id: string; client: string; started_at: string; refreshed_at: string };

/** Sessions that nobody has ended. One that has expired stays until somebody shows its token, and is not answered with. */
export const sessions = defineProjection({
  name: 'sessions',
  version: 1,
  tables: {
    sessions: table<SessionRow>({
      key: ['session_id'],
      columns: {
        session_id: 'TEXT',
        member_id: 'TEXT',
        client: 'TEXT',
        started_at: 'TEXT',
        refreshed_at: 'TEXT',
      },
      indexes: [['member_id']],
    }),
  },
  on: {
    SessionStarted: ({ data }, { sessions }) =>
      sessions.put({
        session_id: data.sessionId,
        member_id: data.memberId,
        client: data.client,
        started_at: data.at,
        refreshed_at: data.at,
      }),
    SessionRefreshed: ({ data }, { sessions }) => {
      const row = sessions.get(data.sessionId);
      if (row) sessions.put({ ...row, refreshed_at: data.at });
    },
    SessionRevoked: ({ data }, { sessions }) => sessions.delete(data.sessionId),
    MemberErased: ({ data }, { sessions }) => {
      for (const { session_id } of sessions.where('member_id', data.memberId)) sessions.delete(session_id);
    },
  },
});

const isOpen = ({ refreshed_at }: Pick<SessionRow, 'refreshed_at'>, now: number): boolean =>
  now - Date.parse(refreshed_at) <= IDLE_MS;

/** Whose session it is; undefined when it was ended, has expired or never was. @param now milliseconds since the epoch */
export function sessionOf(model: ReadModel, sessionId: string, now: number): { memberId: string } | undefined {
  const row = model.get<Pick<SessionRow, 'member_id' | 'refreshed_at'>>(
    'SELECT member_id, refreshed_at FROM sessions WHERE session_id = ?',
    sessionId,
  );
  return row && isOpen(row, now) ? { memberId: row.member_id } : undefined;
}

export type OpenSession = {
  readonly id: string;
  /** What the browser or program called itself when the session began. */
  readonly client: string;
  readonly startedAt: string;
  readonly refreshedAt: string;
};

/** The sessions of a member that are open, the one refreshed last first. @param now milliseconds since the epoch */
export const sessionsOf = (model: ReadModel, memberId: string, now: number): OpenSession[] =>
  model
    .all<SessionRow>(
      'SELECT * FROM sessions WHERE member_id = ? ORDER BY refreshed_at DESC, started_at DESC, session_id',
      memberId,
    )
    .filter((row) => isOpen(row, now))
    .map(({ session_id: id, client, started_at: startedAt, refreshed_at: refreshedAt }) => ({
      id,
      client,
      startedAt,
      refreshedAt,
    }));
