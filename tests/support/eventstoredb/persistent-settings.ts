import type persistent from '@eventstore/db-client/generated/persistent_pb.js';
import { requestedFilter, type EventFilter } from './filters.ts';
import type { EventLog, LogEvent } from './log.ts';
import { indexAt, streamEvents } from './log-reading.ts';
import { groupFailed, invalidArgument } from './rpc-errors.ts';
import { streamName } from './wire.ts';

export type GroupSettings = {
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  readonly maxRetryCount: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0: as many as wish. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly messageTimeoutMs: number;
  readonly checkpointAfterMs: number;
  readonly strategy: string;
};

/** Where a group's events come from: a stream or everything, from a place on. */
export type GroupSource = {
  /** The stream's name, or `$all`. */
  readonly name: string;
  /** As shown to operators: a revision or `C:<commit>/P:<prepare>`. */
  readonly startsFrom: string;
  readonly describe: (event: LogEvent) => string;
  /** Up to `count` events not given before. */
  readonly take: (count: number) => readonly LogEvent[];
};

type CreateOptions = InstanceType<typeof persistent.CreateReq.Options>;
type UpdateOptions = InstanceType<typeof persistent.UpdateReq.Options>;
type Settings = InstanceType<typeof persistent.CreateReq.Settings> | InstanceType<typeof persistent.UpdateReq.Settings>;

const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned'];
const TICKS_PER_MILLISECOND = 10_000;
const LAST = 18_446_744_073_709_551_615n;

export function groupSettings(options: CreateOptions | UpdateOptions, stream: string): GroupSettings {
  const settings: Settings | undefined = options.getSettings();
  if (settings === undefined) throw invalidArgument('A subscription group needs settings.');
  const named = 'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : '';
  const parsed = {
    resolveLinks: settings.getResolveLinks(),
    extraStatistics: settings.getExtraStatistics(),
    maxRetryCount: settings.getMaxRetryCount(),
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    messageTimeoutMs: settings.hasMessageTimeoutMs()
      ? settings.getMessageTimeoutMs()
      : Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MILLISECOND,
    checkpointAfterMs: settings.hasCheckpointAfterMs()
      ? settings.getCheckpointAfterMs()
      : Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MILLISECOND,
    strategy: named === '' ? (STRATEGIES[settings.getNamedConsumerStrategy()] ?? 'RoundRobin') : named,
  };
  if (parsed.readBatchSize >= parsed.historyBufferSize) {
    const reason = 'ReadBatchSize may not be greater than or equal to BufferSize';
    throw groupFailed(stream, options.getGroupName(), reason);
  }
  return parsed;
}

/** The stream a request is about; older requests name it beside the options of today. */
export const requestedSource = (options: CreateOptions | UpdateOptions): string =>
  options.hasAll()
    ? '$all'
    : streamName(options.hasStream() ? options.getStream()?.getStreamIdentifier() : options.getStreamIdentifier());

export function groupSource(log: EventLog, options: CreateOptions | UpdateOptions): GroupSource {
  const name = requestedSource(options);
  if (options.hasAll()) return allSource(log, options);
  const stream = options.getStream();
  if (stream === undefined) return streamSource(log, name, BigInt(options.getSettings()?.getRevision() ?? 0));
  return streamSource(log, name, stream.hasStart() ? 0n : stream.hasEnd() ? LAST : BigInt(stream.getRevision()));
}

function streamSource(log: EventLog, name: string, start: bigint): GroupSource {
  let next = start === LAST ? log.lastRevision(name) + 1n : start;
  return {
    name,
    startsFrom: String(BigInt.asIntN(64, start)),
    describe: (event) => String(event.revision),
    take: (count) => {
      const found = count > 0 ? streamEvents(log, name, next, 'forwards') : [];
      const events = Array.isArray(found) ? (found as readonly LogEvent[]).slice(0, count) : [];
      const last = events.at(-1);
      if (last !== undefined) next = last.revision + 1n;
      return events;
    },
  };
}

function allSource(log: EventLog, options: CreateOptions | UpdateOptions): GroupSource {
  const all = options.getAll();
  // Only creation names a filter; an update keeps it, which the groups see to.
  const filter: EventFilter = requestedFilter(all !== undefined && 'getFilter' in all ? all.getFilter() : undefined);
  const position = all?.getPosition();
  const start = all?.hasEnd() ? LAST : BigInt(position?.getCommitPosition() ?? 0);
  let next = start === LAST ? log.events.length : indexAt(log, start);
  return {
    name: '$all',
    startsFrom: `C:${BigInt.asIntN(64, start)}/P:${BigInt.asIntN(64, start)}`,
    describe: (event) => `C:${event.position}/P:${event.position}`,
    take: (count) => {
      const events: LogEvent[] = [];
      while (events.length < count && next < log.events.length) {
        const event = log.events[next]!;
        next += 1;
        if (filter(event)) events.push(event);
      }
      return events;
    },
  };
}
