import type { ProjectionName } from '../../projections/all.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { CollectionStatus } from '../collect/status.ts';
import type { Community } from '../community/community.ts';
import type { EventStore } from '../event-store/event-store.ts';
import type { Seasons } from '../seasons/seasons.ts';
import type { Difference } from '../read-models/compare.ts';
import type { ReadModelStatus } from '../read-models/shown-model.ts';
import type { ParkedEvents } from '../subscribers/parked-events.ts';
import type { SubscriberStatus } from '../subscribers/subscriber.ts';
import type { JobControl } from '../schedule/job-control.ts';
import type { History } from '../history.ts';
import type { MessageServices } from '../notify/open-messages.ts';
import type { PastServices } from './as-of.ts';
import type { CollectionServices } from './collections-services.ts';
import type { IdentityServices } from './identity-services.ts';
import type { ChangeTopic, StatusView } from './views.ts';

/** What the API needs of the rest of the house; `main.ts` provides it, tests provide parts of it. */
export interface Services {
  readonly version: string;
  /** ISO instant. */
  readonly startedAt: string;
  /** Milliseconds since the epoch. */
  now(): number;
  model(name: ProjectionName): ReadModel;
  /** The book as it was at a past moment. */
  readonly past: PastServices;
  /** The log itself, sealed as it lies there. */
  readonly log: Pick<EventStore, 'readAll'>;
  /** What a stream of the log says, for what no read model keeps. */
  readonly history: History;
  /**
   * The challenge pages show when none is asked for; null where there is none.
   * @param then what was known, and the time it was, at a past moment; now where it is left out
   */
  defaultChallenge(then?: Pick<Services, 'model' | 'now'>): string | null;
  /** Whose days count where there is no challenge. */
  readonly timeZone: string;
  repositories(): readonly CollectionStatus[];
  /** Reading what members have at GitHub. */
  readonly collections: CollectionServices;
  /** Reads all repositories now, and everybody at GitHub; a call while one is under way joins it. */
  collectNow(): Promise<void>;
  readModelStatus(): readonly ReadModelStatus[];
  subscribers(): readonly SubscriberStatus[];
  /** How many people are said to be erased while something of theirs is left. */
  erasing(): number;
  /** What each subscriber has put aside, under the subscriber's name. */
  readonly parking: ReadonlyMap<string, Pick<ParkedEvents, 'list' | 'replay' | 'discard'>>;
  readonly store: StatusView['store'];
  /** Resolves when the event store answers. @throws {StoreUnavailable} */
  health(): Promise<void>;
  /** What to load again, until the signal ends it; `id` names the moment. A client that missed changes since `after` is told of all topics first. */
  changes(signal: AbortSignal, after?: string | null): AsyncIterable<{ id: string; topics: ChangeTopic[] }>;
  /** The id of the last change so far. */
  moment(): string;
  readonly projections: ProjectionsControl;
  readonly identity: IdentityServices;
  readonly community: Community;
  readonly seasons: Seasons;
  readonly jobs: JobControl;
  readonly messages: MessageServices;
  /** Wraps all keys with a new master key. @throws {VaultRefused} where the master key comes from the settings */
  rotateMasterKey(): void;
  /** Opens a text that a read model keeps sealed; empty when its author is erased. @param place `CommitObserved.message` */
  openText(place: string, kept: string): string;
}

export type ProjectionProgress = { name: string; done: number; total: number; ratePerSecond: number };
export type ProjectionInfo = {
  name: string;
  version: number;
  state: StatusView['readModels'][number]['state'];
  /** Text, since positions are 64 bit. */
  position: string | null;
  error: string | null;
};

/** What `almanac projections` can do, in this process or asked of a running server. */
export interface ProjectionsControl {
  list(): Promise<ProjectionInfo[]>;
  /** @throws {TypeError} for a name that does not exist; names none: all */
  rebuild(
    names: readonly string[],
    onProgress: (progress: ProjectionProgress) => void,
  ): Promise<{ events: number; milliseconds: number }>;
  /** Folds afresh and compares; no difference: an empty list. */
  verify(names: readonly string[], onProgress: (progress: ProjectionProgress) => void): Promise<Difference[]>;
}
