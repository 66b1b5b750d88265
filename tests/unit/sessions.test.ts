import { beforeEach, describe, expect, test } from 'vitest';
import { sessionStream } from '../../domain/session.ts';
import { sessions as sessionsProjection } from '../../projections/sessions.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { AccessTokens } from '../../server/identity/access-tokens.ts';
import { ApiKeys } from '../../server/identity/keys.ts';
import { Sessions } from '../../server/identity/sessions.ts';
import { ReadModelsBehind } from '../../server/read-models/waiting.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';
import { projectionSpec, type GivenEvent } from '../support/projection-spec.ts';

const codec = createCodec();
const now = () => Date.UTC(2026, 10, 21, 12);
const late = async (): Promise<never> => {
  throw new ReadModelsBehind('The read models are not up to date.');
};
const tokens = new AccessTokens(['a secret of this test'], { issuer: 'http://almanac.localhost', now });

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore();
});

const opened = (shown: () => Promise<void>) => {
  const model = () => {
    throw new Error('No read model is asked here.');
  };
  return new Sessions({ store, codec, tokens, now, shown, model });
};

describe('a session', () => {
  test('that is refreshed while what is shown lags behind gives the new token, which is good', async () => {
    const { refreshToken } = await opened(async () => undefined).start('kim', 'a browser');
    const sessions = opened(late);
    const refreshed = await sessions.refresh(refreshToken);
    if (refreshed.outcome !== 'refreshed') throw new Error(`It was ${refreshed.outcome}.`);
    expect(await sessions.refresh(refreshed.tokens.refreshToken)).toMatchObject({ outcome: 'refreshed' });
  });

  test('ends with the access it was for', async () => {
    const sessions = opened(async () => undefined);
    const { refreshToken } = await sessions.start('kim', 'a browser');
    const [sessionId = ''] = refreshToken.split('.');
    await sessions.endAccess([sessionId], 'ada');
    const said = await store.readStream(sessionStream(sessionId));
    expect(said.at(-1)).toMatchObject({ type: 'SessionRevoked', data: { by: 'ada', reason: 'access-ended' } });
    expect(await sessions.refresh(refreshToken)).toEqual({ outcome: 'revoked' });
  });

  test('is one of a member’s as long as nobody has ended it', () => {
    const started = (sessionId: string, memberId: string): GivenEvent => ({
      type: 'SessionStarted',
      data: { sessionId, memberId, at: new Date(now()).toISOString(), refreshHash: 'a'.repeat(64), client: '' },
    });
    const spec = projectionSpec(sessionsProjection).when([started('one', 'kim'), started('two', 'lee')]);
    const openOf = spec.query((model) => {
      const parts = { store, codec, tokens, now, shown: late, model: () => model };
      return new Sessions(parts).openOf('kim');
    });
    expect(openOf).toEqual(['one']);
  });
});

describe('an API key', () => {
  test('is told though it is not shown yet: it can be told but once', async () => {
    const troubles: string[] = [];
    const keys = new ApiKeys({ store, codec, now, shown: late, onTrouble: (message) => void troubles.push(message) });
    const wish = { name: 'a program', scopes: ['read'] as const, expiresAt: null, requestsPerMinute: null };
    const { keyId, key } = await keys.issue(wish, { memberId: 'kim', by: 'kim', held: ['read'] });
    expect(key).toMatch(new RegExp(`^almanac_${keyId}_`));
    expect(troubles).toEqual(['A key that was made is not shown yet']);
  });
});
