import {
  commitHistory,
  commitStream,
  observe,
  type CommitEvent,
  type SeenCommit,
} from '../../domain/commit-history.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';
import { appendable, inFlight } from './appends.ts';
import type { Ledger } from './ledger.ts';

/**
 * Records commits, and that a repository holds commits the log has from elsewhere, each in the stream of its member and UTC
 * month; resolves when the store has acknowledged them.
 * @returns how many were new to the log, or to what it knows of the repository
 * @throws {StoreUnavailable} some may have been recorded: to record them again is harmless
 */
export async function recordCommits(
  { store, codec, ledger }: { store: EventStore; codec: Codec; ledger: Ledger },
  commits: readonly SeenCommit[],
): Promise<number> {
  const streams = [
    ...Map.groupBy(commits, ({ memberId, authoredAt }) => commitStream(memberId, authoredAt.slice(0, 7))),
  ];
  let observed = 0;
  const isRecorded = (sha: string) => ledger.authorOf(sha) !== undefined;
  await inFlight(streams, async ([stream, all]) => {
    for (const some of appendable(all, ({ message }) => message)) {
      const events = observe(some, null, isRecorded);
      const appended = await ledger.append(
        stream,
        events.map((event) => codec.encode(event, commitEventId(event))),
      );
      observed += appended ? events.length : await recordAfterReading({ store, codec }, stream, some, isRecorded);
    }
  });
  return observed;
}

/** Somebody else records commits in the same log: what they wrote is read before deciding. */
async function recordAfterReading(
  { store, codec }: { store: EventStore; codec: Codec },
  stream: string,
  commits: readonly SeenCommit[],
  isRecorded: (sha: string) => boolean,
): Promise<number> {
  const { events } = await execute(store, codec, {
    stream,
    aggregate: commitHistory,
    decide: (history) => observe(commits, history, isRecorded),
    commandId: stream,
    eventId: commitEventId,
  });
  return events.length;
}

/** A commit is one fact wherever it is seen, and that a further repository holds it is another. */
export const commitEventId = ({ type, data }: CommitEvent): string =>
  type === 'CommitObserved' ? derivedId('commit', data.sha) : derivedId('commit', data.repositoryId, data.sha);
