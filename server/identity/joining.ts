import { challenge, challengeStream, closeJoining, openJoining } from '../../domain/challenge.ts';
import type { Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';

type Given = {
  readonly store: EventStore;
  readonly codec: Codec;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when what was written at a position is shown. */
  readonly shown: (position: Position) => Promise<void>;
};

/** Opens a challenge to whoever signs in, or closes it to them again; one that has ended stays closed. @throws {StoreUnavailable} */
export async function setJoining(
  { store, codec, now, shown }: Given,
  { challengeId, open, by }: { challengeId: string; open: boolean; by: string },
): Promise<void> {
  const at = new Date(now()).toISOString();
  const { appended } = await execute(store, codec, {
    stream: challengeStream(challengeId),
    aggregate: challenge,
    decide: (state) => (open ? openJoining({ by, at }, state) : closeJoining({ by, at }, state)),
    commandId: `${challengeId} joining ${open} ${at}`,
  });
  if (appended) await shown(appended.position);
}
