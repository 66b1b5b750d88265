import { listChallenges } from '../../projections/attendance-book-queries.ts';
import { runsUnderWay } from '../../projections/jobs.ts';
import type { ProjectionName } from '../../projections/all.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { ChangeFeed } from '../change-feed.ts';
import type { Settings } from '../config.ts';
import type { Codec } from '../event-store/codec.ts';
import type { EventStore } from '../event-store/event-store.ts';
import type { Log } from '../log.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { Jobs } from './job-control.ts';
import { backupJob, collectionJob, seasonJobs, type Collecting, type SeasonWork } from './jobs.ts';

export type JobsGiven = {
  readonly settings: Settings;
  readonly store: EventStore;
  readonly codec: Codec;
  readonly vault: { readonly access: VaultAccess };
  readonly readModels: { model(name: ProjectionName): ReadModel };
  readonly feed: Pick<ChangeFeed, 'publish'>;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** null: nobody's account is read. */
  readonly collector: Collecting | null;
  readonly seasons: SeasonWork | null;
};

/** The jobs of this server: which there are, and what they do. They wait for `start`. */
export function openJobs(given: JobsGiven): Jobs {
  const { settings, store, codec, readModels, feed, log, now, collector, seasons } = given;
  const always = [
    ...(collector ? [collectionJob(collector)] : []),
    backupJob(settings.timeZone, (signal, onProgress) => backup(given, signal, onProgress)),
  ];
  const ofSeasons = () =>
    seasons ? seasonJobs(listChallenges(readModels.model('attendance-book'), now() / 1_000), seasons) : [];
  return new Jobs({
    ...{ store, codec, log, now },
    jobs: () => [...always, ...ofSeasons()],
    underWay: () => runsUnderWay(readModels.model('jobs')),
    // The embedded log has one server: it holds the lock of the directory.
    alone: settings.eventStoreUrl === null,
    onProgress: () => feed.publish(['jobs']),
  });
}

async function backup(
  given: JobsGiven,
  signal: AbortSignal,
  onProgress: (at: { done: number; total: number }) => void,
) {
  const { settings, store, vault, now } = given;
  const { makeBackup } = await import('../backup/backup.ts');
  const { dataDirectory: directory, eventStoreUrl, backups } = settings;
  return makeBackup({
    log: eventStoreUrl === null ? { kind: 'sqlite', directory } : { kind: 'store', store },
    vault: vault.access,
    ...backups,
    ...{ now, signal, onProgress },
  });
}
