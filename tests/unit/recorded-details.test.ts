import { describe, expect, test } from 'vitest';
import { detailsOf, streamOf } from '../../server/api/recorded-details.ts';
import type { RecordedEvent } from '../../server/event-store/event-store.ts';
import { LOCAL, type Caller } from '../../server/identity/caller.ts';

const SHA = 'c0ffee5eed5c0ffee5eed5c0ffee5eed5c0ffee5';
const ada: Caller = { kind: 'session', memberId: 'ada', sessionId: 's', role: 'admin' };
const kim: Caller = { kind: 'session', memberId: 'kim', sessionId: 's', role: 'admin' };
type Answer = { readonly all?: readonly object[]; readonly get?: object };
/** What is known of a commit, and of a repository; nothing: neither is known to be public. */
const knowing = ({ all = [], get }: Answer) =>
  ({ model: () => ({ generation: 1, position: null, all: () => all, get: () => get }) }) as never;
const services = knowing({});
const row = { member_id: 'kim', authored_at: 0, sha: SHA, repository: 'kim/garden', private: 0, public_name: null };
const recorded = (type: string, data: object | null, metadata: object = {}): RecordedEvent => ({
  ...{ id: 'e', type, stream: 's', revision: 0n, position: 1n, recordedAt: 0 },
  ...{ data: data as RecordedEvent['data'], metadata: metadata as RecordedEvent['metadata'] },
});
const told = (caller: Caller, event: RecordedEvent) => detailsOf({ services, caller }, event);
const commit = { memberId: 'kim', repositoryId: 'r', sha: SHA, authoredAt: '2025-03-10T00:00:00Z', message: 'token' };

describe('what an event says to those who look after the server', () => {
  test('stays sealed where it is sealed, for whoever asks', () => {
    for (const caller of [ada, kim, LOCAL])
      expect(told(caller, recorded('CommitObserved', commit, { sealed: ['message'] }))?.['message']).toBe('(sealed)');
    const lists = recorded('DayExcused', { memberId: 'kim', reason: 'x' }, { sealedLists: ['reason'] });
    expect(told(LOCAL, lists)?.['reason']).toBe('(sealed)');
  });

  test('names a commit that is not known to be public to its author and at the machine only', () => {
    const event = recorded('CommitObserved', commit);
    expect(told(ada, event)).toMatchObject({ sha: '(private)', memberId: 'kim' });
    expect(told(kim, event)).toMatchObject({ sha: SHA });
    expect(told(LOCAL, event)).toMatchObject({ sha: SHA });
    expect(told(ada, recorded('CommitObserved', { ...commit, authorOffset: 540 }))).toMatchObject({
      ...{ repositoryId: '(private)', authorOffset: '(private)' },
    });
    const mark = recorded('AttendanceMarked', { challengeId: 'c', memberId: 'kim', day: '2025-03-10', evidence: SHA });
    expect(told(ada, mark)).toMatchObject({ evidence: '(private)' });
  });

  test('tells the number of a private repository to nobody else, of a public one to all', () => {
    const found = (isPrivate: boolean) =>
      recorded('RepositoryDiscovered', {
        memberId: 'kim',
        repositoryId: 'r',
        githubId: 7,
        name: null,
        private: isPrivate,
      });
    expect(told(ada, found(true))).toMatchObject({ githubId: '(private)' });
    expect(told(ada, found(false))).toMatchObject({ githubId: 7 });
  });

  test('tells nobody else where a private commit lies: the id of a repository is made of its number at GitHub', () => {
    const isPublic = knowing({ all: [{ ...row, message: 'sealed' }], get: { private: 0 } });
    const also = recorded('CommitAlsoObserved', commit);
    const stream = `repository-${commit.repositoryId}`;
    for (const event of [
      also,
      recorded('RepositoryConnected', { memberId: 'kim', repositoryId: 'r', private: true }),
    ]) {
      expect(told(ada, event)).toMatchObject({ repositoryId: '(private)' });
      for (const caller of [kim, LOCAL]) expect(told(caller, event)).toMatchObject({ repositoryId: 'r' });
      expect(detailsOf({ services: isPublic, caller: ada }, event)).toMatchObject({ repositoryId: 'r' });
    }
    expect(streamOf({ services, caller: ada }, stream)).toBe('repository-(private)');
    expect(streamOf({ services, caller: LOCAL }, stream)).toBe(stream);
    expect(streamOf({ services: isPublic, caller: ada }, stream)).toBe(stream);
    expect(streamOf({ services, caller: ada }, 'commits-kim-2025-03')).toBe('commits-kim-2025-03');
  });

  test('names no commit of somebody who was erased: it leads to whoever has the repository', () => {
    const knows = (message: string) => ({
      ...{ services: knowing({ all: [{ ...row, message }], get: { private: 0 } }), caller: ada },
    });
    const event = recorded('CommitObserved', commit);
    expect(detailsOf(knows('sealed'), event)).toMatchObject({ sha: SHA, repositoryId: 'r' });
    expect(detailsOf(knows(''), event)).toMatchObject({ sha: '(private)', repositoryId: '(private)' });
  });

  test('gives nobody the address at which somebody shows their days', () => {
    const published = recorded('ProfilePublished', { memberId: 'kim', token: 'aJWDkUq4KfT69Q_mP2L3FA' });
    expect(told(ada, published)).toMatchObject({ token: '(secret)', memberId: 'kim' });
  });

  test('never tells what proves who somebody is', () => {
    const session = recorded('SessionStarted', { memberId: 'kim', sessionId: 's', refreshHash: 'ab'.repeat(32) });
    expect(told(LOCAL, session)).toMatchObject({ refreshHash: '(secret)', sessionId: 's' });
    expect(told(ada, recorded('ApiKeyIssued', { keyId: 'k', hash: 'ab'.repeat(32) }))).toMatchObject({
      hash: '(secret)',
    });
  });

  test('is nothing where it is of an unknown type, or of no shape at all', () => {
    expect(told(LOCAL, recorded('OrchardPlanted', { name: 'hush' }))).toBeNull();
    expect(told(LOCAL, recorded('CommitObserved', null))).toBeNull();
  });
});
