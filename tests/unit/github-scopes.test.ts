import { describe, expect, test } from 'vitest';
import { covers } from '../../domain/token-scopes.ts';
import { IDENTITY_SCOPES, REPOSITORY_SCOPES } from '../../server/identity/github.ts';

describe('scopes that were granted', () => {
  test.each([
    { granted: ['user:email', 'read:user'], wanted: IDENTITY_SCOPES },
    { granted: ['user'], wanted: IDENTITY_SCOPES },
    { granted: ['repo', 'user'], wanted: REPOSITORY_SCOPES },
    { granted: ['repo'], wanted: ['public_repo'] },
    { granted: [], wanted: [] },
  ])('$granted cover $wanted', ({ granted, wanted }) => expect(covers(granted, wanted)).toBe(true));

  test.each([
    { granted: [], wanted: IDENTITY_SCOPES },
    { granted: ['read:user'], wanted: IDENTITY_SCOPES },
    { granted: IDENTITY_SCOPES, wanted: REPOSITORY_SCOPES },
    { granted: ['repo'], wanted: REPOSITORY_SCOPES },
    { granted: ['public_repo'], wanted: ['repo'] },
    { granted: ['read:user', 'user:email', 'user:follow'], wanted: ['user'] },
    { granted: ['__proto__', 'constructor'], wanted: ['user'] },
  ])('$granted do not cover $wanted', ({ granted, wanted }) => expect(covers(granted, wanted)).toBe(false));
});
