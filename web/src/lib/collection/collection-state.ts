import type { StatusView } from '../../../../server/api/views.ts';

/** What the collection is doing, in one of the words the header can show. */
export type CollectionState =
  | { kind: 'away' | 'none' | 'waiting' | 'empty' | 'models' }
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'failed'; count: number }
  | { kind: 'watching'; lastRead: string | null };

const latest = (instants: (string | null)[]): string | null =>
  instants.reduce((last, instant) => (instant !== null && (last === null || instant > last) ? instant : last), null);

/** Reading comes first (it moves), then what went wrong, then what is usual. */
export function collectionState(status: StatusView | null): CollectionState {
  if (status === null) return { kind: 'away' };
  const { repositories, readModels } = status;
  // A group is read at GitHub, wherever the server was started.
  if (status.collection) return { kind: 'reading', done: status.collection.done, total: status.collection.total };
  if (status.state === 'no-repository')
    return status.defaultChallenge === null ? { kind: 'none' } : { kind: 'watching', lastRead: null };
  const reading = repositories.filter(({ state }) => state === 'reading');
  if (reading.length > 0) {
    const sum = (part: 'done' | 'total') => reading.reduce((all, repository) => all + repository[part], 0);
    return { kind: 'reading', done: sum('done'), total: sum('total') };
  }
  const failed = repositories.filter(({ state }) => state === 'failed');
  if (failed.length > 0) return { kind: 'failed', count: failed.length };
  if (readModels.some(({ state }) => state === 'rebuilding' || state === 'parked')) return { kind: 'models' };
  if (repositories.some(({ state }) => state === 'waiting')) return { kind: 'waiting' };
  if (repositories.every(({ state }) => state === 'empty')) return { kind: 'empty' };
  return { kind: 'watching', lastRead: latest(repositories.map(({ lastRead }) => lastRead)) };
}
