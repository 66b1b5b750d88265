import { describe, test } from 'vitest';
import {
  connections,
  connectRepositories,
  disconnectRepository,
  type ConnectedRepository,
  type ConnectionEvent,
} from '../../domain/connection.ts';
import { decisionsOf } from '../support/decision-spec.ts';

const { given } = decisionsOf(connections);
const at = '2025-03-10T09:00:00Z';
const garden: ConnectedRepository = {
  memberId: 'kim',
  repositoryId: 'repository-1',
  githubId: 1,
  name: 'kim/garden',
  private: true,
};
const connected = (repository = garden): ConnectionEvent => ({
  type: 'RepositoryConnected',
  data: { ...repository, at },
});
const disconnected: ConnectionEvent = {
  type: 'RepositoryDisconnected',
  data: { memberId: 'kim', repositoryId: 'repository-1', at },
};

describe('the repositories of a member', () => {
  test('are connected', () =>
    given([])
      .when((state) => connectRepositories([garden], at, state))
      .then([connected()]));

  test.each([
    ['renamed', { ...garden, name: 'kim/meadow' }],
    ['made public', { ...garden, private: false }],
  ])('are connected anew when %s', (_what, changed) =>
    given([connected()])
      .when((state) => connectRepositories([changed], at, state))
      .then([connected(changed)]),
  );

  test('are disconnected, and may be connected again', () => {
    given([connected()])
      .when((state) => disconnectRepository('repository-1', at, state))
      .then([disconnected]);
    given([connected(), disconnected])
      .when((state) => connectRepositories([garden], at, state))
      .then([connected()]);
  });

  test('that were never connected cannot be disconnected', () =>
    given([connected()])
      .when((state) => disconnectRepository('repository-2', at, state))
      .thenNothing());
});
