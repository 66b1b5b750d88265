import { describe, expect, test } from 'vitest';
import { codeChallengeOf } from '../../server/identity/pkce.ts';
import { newSecret } from '../../server/identity/secrets.ts';

describe('a proof key for code exchange', () => {
  test('has the challenge that RFC 7636 gives for its example (appendix B)', () => {
    expect(codeChallengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });

  test('has a verifier of 43 unreserved characters, another one each time', () => {
    const verifiers = Array.from({ length: 100 }, newSecret);
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(verifiers).size).toBe(100);
  });

  test.each([43, 128])('takes a verifier of %i characters', (length) => {
    expect(codeChallengeOf('~'.repeat(length))).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test.each([
    ['too short', 'a'.repeat(42)],
    ['too long', 'a'.repeat(129)],
    ['with a space', `${'a'.repeat(43)} `],
    ['with a line break at its end', `${'a'.repeat(43)}\n`],
    ['not of ASCII', '가'.repeat(43)],
  ])('refuses a verifier %s, and does not quote it', (_what, verifier) => {
    const refused = () => codeChallengeOf(verifier);
    expect(refused).toThrow(RangeError);
    expect(refused).not.toThrow(verifier);
  });
});
