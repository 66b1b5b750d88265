import type { StatusView } from '../../../../server/api/views.ts';

const BUSY: ReadonlySet<string> = new Set(['waiting', 'reading']);
const commitsRead = (status: StatusView | null): number =>
  status?.repositories.reduce((sum, { done }) => sum + done, 0) ?? 0;

/** How many commits more a status knows than the one before it. */
export function newCommits(before: StatusView | null, after: StatusView | null): number {
  // What was still being read was known already, for all one can tell.
  if (!before || !after || before.repositories.some(({ state }) => BUSY.has(state))) return 0;
  return Math.max(0, commitsRead(after) - commitsRead(before));
}
