import { defineProjection, table, type ReadModel } from './projection.ts';

/** `opened`: the position at which joining was opened. */
type OpenRow = { challenge_id: string; opened: number };

/** Which challenges whoever signs in may join. */
export const joining = defineProjection({
  name: 'joining',
  version: 1,
  tables: {
    open: table<OpenRow>({ key: ['challenge_id'], columns: { challenge_id: 'TEXT', opened: 'INTEGER' } }),
  },
  on: {
    JoiningOpened: ({ data, position }, { open }) =>
      open.put({ challenge_id: data.challengeId, opened: Number(position) }),
    JoiningClosed: ({ data }, { open }) => open.delete(data.challengeId),
    ChallengeClosed: ({ data }, { open }) => open.delete(data.challengeId),
  },
});

/** Ids of the challenges that are open for joining, the one opened last first. */
export const openForJoining = (model: ReadModel): string[] =>
  model.all<OpenRow>('SELECT * FROM open ORDER BY opened DESC').map(({ challenge_id }) => challenge_id);
