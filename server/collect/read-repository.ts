import { collectionStream } from '../../domain/repository.ts';
import { StreamNotFound, type EventStore } from '../event-store/event-store.ts';
import type { Cursor } from './cursor.ts';
import { RepositoryFailure } from './failure.ts';
import type { LocalRepository } from './local-git.ts';
import { snapshotOf, type Snapshot } from './snapshot.ts';
import { readHistory, type History } from './read-history.ts';
import { MOST_EXAMPLES, recordHistory, type Recorded, type RecordingContext } from './record-history.ts';

export type RepositoryReading = {
  /** Where the next reading may start; its witness is still to be found. Null: from the beginning. */
  readonly cursor: Omit<Cursor, 'witness'> | null;
  /** Nothing has changed since the reading before. */
  readonly unchanged: boolean;
  readonly observed: number;
  /** Part of the history could not be read; the rest was. */
  readonly failure: RepositoryFailure | null;
};

export type Progress = (done: number, total: number) => void;

/**
 * Reads what is new in a repository and records it. After a change of the mailmap, or of where a shallow clone is cut off, all of
 * it is read again: who wrote a commit may be somebody else now, and old history may be new here. For a book that does not have
 * its people yet, too.
 * @param at when the reading began, ISO instant
 * @throws {RepositoryFailure} @throws {StoreUnavailable}
 */
export async function readRepository(
  context: RecordingContext,
  repository: LocalRepository,
  { repositoryId, at, previous }: { repositoryId: string; at: string; previous: RepositoryReading['cursor'] },
  onProgress: Progress,
): Promise<RepositoryReading> {
  const snapshot = await snapshotOf(repository);
  const broken = brokenRefs(snapshot);
  const book = context.enrolment.id ?? '';
  const known = previous?.enrolled.includes(book) ? previous : null;
  if (known && isSame(known, snapshot)) return { cursor: known, unchanged: true, observed: 0, failure: broken };

  const base = continued(known, snapshot);
  const before = base?.commits ?? 0;
  const history = await readHistory(repository, snapshot, base?.tips ?? [], (commits) =>
    onProgress(before, before + commits),
  );
  const total = before + history.shas.length;
  const { observed, skipped } = await recordHistory(
    context,
    repository,
    history,
    { repositoryId, observedAt: at, named: base?.newest ?? 0 },
    (done) => onProgress(before + done, total),
  );
  if (history.brokenOff) return { cursor: previous, unchanged: false, observed, failure: history.brokenOff };
  const enrolled = [...enrolledBefore(previous, snapshot), book];
  const cursor = cursorAfter(base, snapshot, { commits: total, skipped, enrolled, newest: newestOf(history, at) });
  return { cursor, unchanged: false, observed, failure: broken };
}

/** What can be read on from; null: all has to be read again. */
const continued = (known: RepositoryReading['cursor'], { mailmap, shallow }: Snapshot): RepositoryReading['cursor'] =>
  known?.mailmap === mailmap.digest && known.shallow === shallow ? known : null;

/** Seconds since the epoch; a commit from the future would make every later name an old one. */
const newestOf = ({ authors }: History, at: string): number =>
  Math.min(
    authors.reduce((latest, { newest }) => Math.max(latest, newest), 0),
    Math.floor(Date.parse(at) / 1000),
  );

function cursorAfter(
  base: Omit<Cursor, 'witness'> | null,
  { tips, mailmap, shallow }: Snapshot,
  { commits, skipped, enrolled, newest }: Pick<Cursor, 'commits' | 'enrolled' | 'newest'> & Pick<Recorded, 'skipped'>,
): Omit<Cursor, 'witness'> {
  const earlier = base ?? { skipped: { count: 0, examples: [] }, newest: 0 };
  return {
    version: 2,
    tips: [...tips],
    mailmap: mailmap.digest,
    shallow,
    commits,
    enrolled,
    skipped: {
      count: earlier.skipped.count + skipped.count,
      examples: [...earlier.skipped.examples, ...skipped.examples].slice(0, MOST_EXAMPLES),
    },
    newest: Math.max(earlier.newest, newest),
  };
}

/** Books that need not be read for again: nothing is new since they were told. */
const enrolledBefore = (previous: RepositoryReading['cursor'], snapshot: Snapshot): readonly string[] =>
  previous && isSame(previous, snapshot) ? previous.enrolled : [];

function isSame(previous: Omit<Cursor, 'witness'>, { tips, mailmap, shallow }: Snapshot): boolean {
  return (
    previous.mailmap === mailmap.digest &&
    previous.shallow === shallow &&
    previous.tips.length === tips.length &&
    previous.tips.every((tip, index) => tip === tips[index])
  );
}

function brokenRefs({ broken }: Snapshot): RepositoryFailure | null {
  if (broken.length === 0) return null;
  const others = broken.length > 1 ? ` and ${broken.length - 1} more` : '';
  return new RepositoryFailure('unreadable', `${broken[0] ?? ''}${others} leads to no commit: try git fsck.`);
}

/** Does the log still hold the event the cursor was written beside? */
export async function isWitnessed(store: EventStore, repositoryId: string, { witness }: Cursor): Promise<boolean> {
  try {
    const [event] = await store.readStream(collectionStream(repositoryId), {
      from: BigInt(witness.revision),
      limit: 1,
    });
    return event?.id === witness.id;
  } catch (error) {
    if (error instanceof StreamNotFound) return false;
    throw error;
  }
}

/** The last thing the log says about collecting a repository; null: nothing. */
export async function newWitness(store: EventStore, repositoryId: string): Promise<Cursor['witness'] | null> {
  const [event] = await store.readStream(collectionStream(repositoryId), { direction: 'backwards', limit: 1 });
  return event ? { revision: String(event.revision), id: event.id } : null;
}
