import { describe, expect, test } from 'vitest';
import { sourcesNotice } from '../../web/src/lib/collection/sources-notice.server.ts';
import type { BookMember, CallerView, SourceView } from '../../server/api/views.ts';

const source = (repositoryId: string, reason: string | null): SourceView => ({
  repositoryId,
  name: repositoryId,
  through: null,
  failure: reason === null ? null : { reason, message: 'no matter', since: '2025-03-10T00:00:00Z' },
});
const book = (sources: SourceView[]) => ({
  sources,
  members: sources.map(({ repositoryId }) => ({ id: repositoryId }) as BookMember),
});
const caller = (id: string, role: 'member' | 'admin' = 'member') => ({ role, member: { id } }) as unknown as CallerView;

describe('what a book says of members who cannot be read', () => {
  test('is nothing while all can be', () =>
    expect(sourcesNotice(book([source('kim', null)]), caller('kim'), 'ko')).toBeNull());

  test('is nothing of repositories: the status tells of those', () =>
    expect(sourcesNotice({ sources: [source('garden', 'missing')], members: [] }, caller('kim'), 'ko')).toBeNull());

  test('is one notice for two hundred, the commonest reason first, without anybody’s message', () => {
    const many = Array.from({ length: 200 }, (_, n) => source(`m${n}`, n < 3 ? 'token-revoked' : 'not-connected'));
    const notice = sourcesNotice(book(many), caller('somebody'), 'en');
    expect(notice).toMatchObject({
      title: 'The commits of 200 members could not be read',
      reasons: 'GitHub is not connected: 197 · GitHub does not take the token: 3',
      own: null,
      more: null,
    });
    expect(JSON.stringify(notice)).not.toContain('no matter');
  });

  test.each([
    ['not-connected', '/account'],
    ['token-revoked', '/account'],
    ['refused', '/account'],
    ['rate-limited', null],
    ['unavailable', null],
    ['of another time', null],
  ])('tells who is among them for "%s" what to do', (reason, way) => {
    for (const language of ['ko', 'en'] as const) {
      const own = sourcesNotice(book([source('kim', reason)]), caller('kim'), language)?.own;
      expect(own?.text).not.toBe('');
      expect(own?.way?.href ?? null).toBe(way);
    }
  });

  test('leads admins on to the collections', () =>
    expect(sourcesNotice(book([source('kim', 'unavailable')]), caller('lee', 'admin'), 'ko')?.more?.href).toBe(
      '/admin/collections',
    ));
});
