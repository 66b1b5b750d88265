import type { CollectionStatus } from './collect/status.ts';
import type { Log } from './log.ts';

/** Says in the log what becomes of each repository: when it has been read, and when it cannot be, once each. */
export function collectionLog(log: Log): (statuses: readonly CollectionStatus[]) => void {
  const said = new Map<string, string>();
  return (statuses) => {
    for (const { path, name, state, reason, message, done } of statuses) {
      const outcome = state === 'failed' ? `failed ${reason ?? ''}` : 'read';
      if (state === 'waiting' || state === 'reading' || said.get(path) === outcome) continue;
      said.set(path, outcome);
      if (state === 'failed') log.warn({ repository: path, reason }, message ?? 'A repository cannot be read');
      else log.info({ repository: name, commits: done }, 'A repository has been read and is being followed');
    }
  };
}
