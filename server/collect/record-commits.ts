import { commitHistory, commitStream, observe, type SeenCommit } from '../../domain/commit-history.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';
import { appendable, inFlight } from './in-flight.ts';

/**
 * Records commits, each in the stream of its member and UTC month; resolves when the store has acknowledged them.
 * @returns how many were new
 * @throws {StoreUnavailable} some may have been recorded: to record them again is harmless
 */
export async function recordCommits(store: EventStore, codec: Codec, commits: readonly SeenCommit[]): Promise<number> {
  const streams = [
    ...Map.groupBy(commits, ({ memberId, authoredAt }) => commitStream(memberId, authoredAt.slice(0, 7))),
  ];
  let observed = 0;
  await inFlight(streams, async ([stream, all]) => {
    for (const some of appendable(all, ({ message }) => JSON.stringify(message))) {
      const { events } = await execute(store, codec, {
        stream,
        aggregate: commitHistory,
        decide: (history) => observe(some, history),
        commandId: stream,
        eventId: ({ data }) => commitEventId(data.sha),
      });
      observed += events.length;
    }
  });
  return observed;
}

/** A commit is one fact wherever it is seen. */
export const commitEventId = (sha: string): string => derivedId('commit', sha);
