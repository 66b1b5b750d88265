import { challenge, challengeStream, closeJoining, openJoining } from '../../domain/challenge.ts';
import { Deciding, type DecidingParts } from './deciding.ts';

/** Opens a challenge to whoever signs in, or closes it to them again; one that has ended stays closed. @throws {StoreUnavailable} */
export async function setJoining(
  parts: DecidingParts,
  { challengeId, open, by }: { challengeId: string; open: boolean; by: string },
): Promise<void> {
  const deciding = new Deciding(parts);
  const at = deciding.at();
  await deciding.decide({
    stream: challengeStream(challengeId),
    aggregate: challenge,
    intention: `joining ${open} ${at}`,
    decide: (state) => (open ? openJoining({ by, at }, state) : closeJoining({ by, at }, state)),
  });
}
