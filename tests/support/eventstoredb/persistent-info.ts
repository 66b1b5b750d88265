import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import type { SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js';
import type { PersistentGroup } from './persistent-group.ts';

/** A group as operators see it. Rates are not measured. */
export function subscriptionInfo(group: PersistentGroup): SubscriptionInfo {
  const { settings } = group;
  const info = new persistent.SubscriptionInfo();
  info.setEventSource(group.source.name);
  info.setGroupName(group.name);
  info.setStatus('Live');
  info.setStartFrom(group.source.startsFrom);
  info.setTotalItems(String(group.totalItems));
  info.setCountSinceLastMeasurement('0');
  info.setLastCheckpointedEventPosition(group.lastCheckpoint ?? '');
  info.setLastKnownEventPosition(group.lastKnown ?? '');
  info.setReadBufferCount(group.waiting.length);
  info.setLiveBufferCount('0');
  info.setRetryBufferCount(group.retries.length);
  info.setTotalInFlightMessages(group.outstanding.size);
  info.setOutstandingMessagesCount(group.outstanding.size);
  info.setParkedMessageCount(String(group.parked.count));
  info.setResolveLinkTos(settings.resolveLinks);
  info.setExtraStatistics(settings.extraStatistics);
  info.setMessageTimeoutMilliseconds(settings.messageTimeoutMs);
  info.setMaxRetryCount(settings.maxRetryCount);
  info.setLiveBufferSize(settings.liveBufferSize);
  info.setBufferSize(settings.historyBufferSize);
  info.setReadBatchSize(settings.readBatchSize);
  info.setCheckPointAfterMilliseconds(settings.checkpointAfterMs);
  info.setMinCheckPointCount(settings.minCheckpointCount);
  info.setMaxCheckPointCount(settings.maxCheckpointCount);
  info.setMaxSubscriberCount(settings.maxSubscriberCount);
  info.setNamedConsumerStrategy(settings.strategy);
  info.setConnectionsList(group.consumers.map(connectionInfo));
  return info;
}

function connectionInfo(consumer: PersistentGroup['consumers'][number]) {
  const info = new persistent.SubscriptionInfo.ConnectionInfo();
  info.setConnectionName(consumer.connectionName);
  info.setTotalItems(String(consumer.total));
  info.setCountSinceLastMeasurement('0');
  info.setInFlightMessages(consumer.held.size);
  info.setAvailableSlots(consumer.bufferSize - consumer.held.size);
  return info;
}
