import { describe, expect, test } from 'vitest';
import { errorAnswer } from '../../server/api/errors.ts';
import {
  AppendTooLarge,
  StoreUnavailable,
  StreamDeleted,
  StreamNotFound,
  WrongExpectedRevision,
} from '../../server/event-store/event-store.ts';
import { RebuildFailed, UnknownReadModel } from '../../server/read-models/rebuild.ts';
import { ReadModelUnavailable } from '../../server/read-models/read-model.ts';
import { ReadModelsBehind } from '../../server/read-models/waiting.ts';

describe('what the outside may know of an error', () => {
  test.each([
    [new StoreUnavailable('esdb://admin:secret@host'), 503, 'SERVICE_UNAVAILABLE', 'The event store is not available'],
    [new ReadModelUnavailable('secret'), 503, 'SERVICE_UNAVAILABLE', 'being built afresh'],
    [new ReadModelsBehind('secret'), 503, 'SERVICE_UNAVAILABLE', 'being built afresh'],
    [new WrongExpectedRevision('secret', 1n, 2n), 409, 'CONFLICT', 'changed by somebody else'],
    [new StreamNotFound('secret'), 404, 'NOT_FOUND', 'does not exist'],
    [new StreamDeleted('secret'), 404, 'NOT_FOUND', 'does not exist'],
    [new AppendTooLarge('secret', 9), 413, 'PAYLOAD_TOO_LARGE', 'too large'],
    [new Error('secret'), 500, 'INTERNAL_SERVER_ERROR', 'X-Request-Id'],
    ['secret', 500, 'INTERNAL_SERVER_ERROR', 'X-Request-Id'],
  ])('%s', (thrown, status, code, message) => {
    const answer = errorAnswer(thrown);
    expect(answer).toEqual({ status, body: { error: { code, message: expect.stringContaining(message) } } });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test('an operator is told why a rebuild failed', () => {
    expect(errorAnswer(new RebuildFailed('members could not be rebuilt: no such column'))).toMatchObject({
      status: 500,
      body: { error: { message: 'members could not be rebuilt: no such column' } },
    });
  });

  test('and which read model there is none of', () => {
    expect(errorAnswer(new UnknownReadModel('There is no read model "nams".'))).toMatchObject({
      status: 400,
      body: { error: { issues: [{ path: 'names', message: 'There is no read model "nams".' }] } },
    });
  });
});
