import type { StatusView } from '../../../../server/api/views.ts';

const commitsRead = (status: StatusView | null): number =>
  status?.repositories.reduce((sum, { done }) => sum + done, 0) ?? 0;

/** How many commits more a status knows than the one before it. */
export const newCommits = (before: StatusView | null, after: StatusView | null): number =>
  before && after ? Math.max(0, commitsRead(after) - commitsRead(before)) : 0;
