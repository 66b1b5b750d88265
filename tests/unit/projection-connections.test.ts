import { describe, expect, test } from 'vitest';
import { connectedRepositories, connections } from '../../projections/connections.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const at = '2025-03-10T09:00:00Z';
const connected = (memberId: string, githubId: number, name: string, hidden = true): GivenEvent => ({
  type: 'RepositoryConnected',
  data: { memberId, repositoryId: `repository-${githubId}`, githubId, name, private: hidden, at },
});
const garden = { repositoryId: 'repository-1', githubId: 1, name: 'kim/garden', private: true };

describe('connected repositories', () => {
  const spec = projectionSpec(connections).given([
    connected('kim', 1, 'kim/garden'),
    connected('lee', 1, 'kim/garden'),
    connected('kim', 2, 'kim/blog', false),
  ]);

  test('are those of each member, by name', () => {
    expect(spec.query((model) => connectedRepositories(model, 'kim'))).toEqual([
      { repositoryId: 'repository-2', githubId: 2, name: 'kim/blog', private: false },
      garden,
    ]);
    expect(spec.query((model) => connectedRepositories(model, 'nobody'))).toEqual([]);
  });

  test('are called as they were last said to be', () => {
    const renamed = spec.when([connected('kim', 1, 'kim/meadow', false)], { numberOfTimes: 2 });
    expect(renamed.query((model) => connectedRepositories(model, 'kim')).map(({ name }) => name)).toEqual([
      'kim/blog',
      'kim/meadow',
    ]);
  });

  test('of one member go, those of another stay', () => {
    const gone = {
      type: 'RepositoryDisconnected',
      data: { memberId: 'kim', repositoryId: 'repository-1', at },
    } as const;
    expect(spec.when([gone]).query((model) => connectedRepositories(model, 'lee'))).toEqual([garden]);
    const erased: GivenEvent = { type: 'MemberErased', data: { memberId: 'kim', identityIds: [], by: 'kim', at } };
    const after = spec.when([erased]);
    expect(after.query((model) => connectedRepositories(model, 'kim'))).toEqual([]);
    expect(after.query((model) => connectedRepositories(model, 'lee'))).toEqual([garden]);
  });
});
