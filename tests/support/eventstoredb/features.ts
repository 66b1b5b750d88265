import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type { IGossipServer } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import persistentService from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { IServerFeaturesServer } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { uuid } from './wire.ts';

const VERSION = '24.6.0';

/** What newer clients look for beside the bare method. Source: ServerFeatures.cs of version 24.6. */
function featuresOf(service: string, method: string): string[] {
  if (service.includes('persistent')) return ['stream', 'all'];
  if (method === 'read') return ['position', 'events'];
  return method === 'batchappend' ? ['deadline_duration'] : [];
}

function supportedMethods() {
  const services = [
    streamsService.StreamsService,
    persistentService.PersistentSubscriptionsService,
    featuresService.ServerFeaturesService,
  ];
  const response = new features.SupportedMethods();
  response.setEventStoreServerVersion(VERSION);
  for (const { path } of services.flatMap((service) => Object.values(service))) {
    const [, service = '', method = ''] = path.toLowerCase().split('/');
    const supported = new features.SupportedMethod();
    supported.setServiceName(service);
    supported.setMethodName(method);
    supported.setFeaturesList(featuresOf(service, method));
    response.addMethods(supported);
  }
  return response;
}

export const serverFeatures: IServerFeaturesServer = {
  getSupportedMethods: (_call, callback) => callback(null, supportedMethods()),
};

/** A cluster of one, for clients that look for the leader first. */
export const clusterGossip = (port: () => number): IGossipServer => ({
  read: (_call, callback) => {
    const endPoint = new gossip.EndPoint();
    endPoint.setAddress('127.0.0.1');
    endPoint.setPort(port());
    const member = new gossip.MemberInfo();
    member.setInstanceId(uuid('5f6c2f0e-3c1b-4c55-8c27-6d4f0f3a9b11'));
    member.setTimeStamp(String(BigInt(Date.now()) * 10_000n));
    member.setState(gossip.MemberInfo.VNodeState.LEADER);
    member.setIsAlive(true);
    member.setHttpEndPoint(endPoint);
    const cluster = new gossip.ClusterInfo();
    cluster.addMembers(member);
    callback(null, cluster);
  },
});
