import { TRPCError } from '@trpc/server';
import { describe, expect, test } from 'vitest';
import { AccessRefused } from '../../domain/access.ts';
import { KeyRefused } from '../../domain/api-key.ts';
import { errorAnswer, errorHeaders } from '../../server/api/errors.ts';
import {
  AppendTooLarge,
  StoreUnavailable,
  StreamDeleted,
  StreamNotFound,
  WrongExpectedRevision,
} from '../../server/event-store/event-store.ts';
import { GitHubRefused, GitHubUnavailable, TokenRevoked } from '../../server/identity/github-faults.ts';
import { VaultRefused } from '../../server/vault/master-key.ts';
import { VaultUnavailable } from '../../server/vault/vault-file.ts';
import { MemberIsErased } from '../../server/vault/vault.ts';
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
    [new VaultUnavailable('secret'), 503, 'SERVICE_UNAVAILABLE', 'cannot be sealed'],
    [new GitHubUnavailable('secret'), 503, 'SERVICE_UNAVAILABLE', 'GitHub does not answer'],
    [new GitHubRefused('secret'), 502, 'BAD_GATEWAY', 'GitHub refused (unknown)'],
    [new TokenRevoked(), 409, 'CONFLICT', 'has to be connected again'],
    [new MemberIsErased('secret'), 404, 'NOT_FOUND', 'erased'],
    [new AppendTooLarge('secret', 9), 413, 'PAYLOAD_TOO_LARGE', 'too large'],
    [new Error('secret'), 500, 'INTERNAL_SERVER_ERROR', 'X-Request-Id'],
    ['secret', 500, 'INTERNAL_SERVER_ERROR', 'X-Request-Id'],
  ])('%s', (thrown, status, code, message) => {
    const answer = errorAnswer(thrown);
    expect(answer).toEqual({ status, body: { error: { code, message: expect.stringContaining(message) } } });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test.each([
    ['not-allowed', 403],
    ['never-asked', 409],
    ['has-access', 409],
    ['no-access', 409],
    ['deactivated', 409],
    ['last-owner', 409],
    ['erased', 404],
  ] as const)('what the rules about access refuse (%s) is %i, in their words', (reason, status) => {
    const told = errorAnswer(new AccessRefused(reason, 'They are so.'));
    expect([told.status, told.body.error.message]).toEqual([status, 'They are so.']);
  });

  test.each([
    ['no-name', 'name'],
    ['no-scope', 'scopes'],
    ['scope-not-held', 'scopes'],
    ['expiry', 'days'],
  ] as const)('what is wrong with a wish for a key (%s) is said of its field', (reason, path) => {
    expect(errorAnswer(new KeyRefused(reason, 'Give it a name.'))).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST', issues: [{ path, message: 'Give it a name.' }] } },
    });
  });

  test('an operator is told why the vault refuses', () => {
    expect(errorAnswer(new VaultRefused('The master key comes from the settings: change it there.'))).toMatchObject({
      status: 412,
      body: { error: { message: 'The master key comes from the settings: change it there.' } },
    });
  });

  test('is the same however it was wrapped on its way', () => {
    const cause = new GitHubUnavailable('It is away.', 90);
    const wrapped = new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause });
    expect(errorAnswer(wrapped)).toEqual(errorAnswer(cause));
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

describe('the headers of an answer', () => {
  const away = new StoreUnavailable('It is away.');
  test('say when to ask again, as long as anybody asks for', () => {
    expect(errorHeaders([away])).toEqual({ 'retry-after': '5' });
    expect(errorHeaders([new GitHubUnavailable('It is away.')])).toEqual({ 'retry-after': '5' });
    expect(errorHeaders([away, new GitHubUnavailable('Too many requests.', 90)])).toEqual({ 'retry-after': '90' });
  });
  test('say how to come in', () =>
    expect(errorHeaders([new TRPCError({ code: 'UNAUTHORIZED' })])).toEqual({ 'www-authenticate': 'Bearer' }));
  test('say nothing else', () => {
    expect(errorHeaders([])).toEqual({});
    expect(errorHeaders([new TokenRevoked()])).toEqual({});
  });
});
