import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { AccessTokens } from '../../server/identity/access-tokens.ts';

const SECRET = 'a-secret-of-more-than-thirty-two-characters';
const ISSUER = 'https://almanac.example';
const START = Date.UTC(2025, 2, 10, 9);
const who = { memberId: 'member-1', sessionId: 'session-1' };

let now = START;
const tokensOf = (...secrets: [string, ...string[]]) => new AccessTokens(secrets, { issuer: ISSUER, now: () => now });
const tokens = tokensOf(SECRET);
const bytes = (text: string) => new TextEncoder().encode(text);
const seconds = Math.floor(START / 1000);

/** A token right in everything but what a test changes. */
function forged(change: { header?: object; claims?: object; secret?: string } = {}): Promise<string> {
  return new SignJWT({ sid: 'session-1', ...{ iat: seconds, nbf: seconds, exp: seconds + 600 }, ...change.claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...change.header })
    .setIssuer((change.claims as { iss?: string } | undefined)?.iss ?? ISSUER)
    .setAudience((change.claims as { aud?: string } | undefined)?.aud ?? 'almanac-api')
    .setSubject('member-1')
    .sign(bytes(change.secret ?? SECRET));
}
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

describe('an access token', () => {
  test('is its member’s for ten minutes', async () => {
    now = START;
    const token = await tokens.issue(who);
    expect(await tokens.verify(token)).toMatchObject(who);
    now = START + 599_000;
    expect(await tokens.verify(token)).toMatchObject(who);
    expect(await tokensOf(SECRET).verify(token), 'verified for the first time').toMatchObject(who);
    now = START + 606_000;
    expect(await tokens.verify(token), 'expired').toBeNull();
    expect(await tokensOf(SECRET).verify(token), 'expired').toBeNull();
    now = START;
  });

  test('signed before the secret was changed is still good, signed with neither is not', async () => {
    const token = await tokens.issue(who);
    expect(await tokensOf('b-secret-of-more-than-thirty-two-characters', SECRET).verify(token)).toMatchObject(who);
    expect(await tokensOf('b-secret-of-more-than-thirty-two-characters').verify(token)).toBeNull();
  });

  test('made like ours is taken: what the refusals below are compared with', async () => {
    expect(await tokens.verify(await forged())).toMatchObject(who);
  });

  test('alg none', async () => {
    const [, claims = ''] = (await tokens.issue(who)).split('.');
    for (const alg of ['none', 'None', 'NONE'])
      for (const signature of ['', 'AA'])
        expect(await tokens.verify(`${encoded({ alg, typ: 'at+jwt' })}.${claims}.${signature}`)).toBeNull();
  });

  test('HS/RS confusion', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const rs = new SignJWT({ sid: 'session-1', iat: seconds, nbf: seconds, exp: seconds + 600 })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience('almanac-api')
      .setSubject('member-1');
    expect(await tokens.verify(await rs.sign(privateKey))).toBeNull();
    // The other way round: a public key taken for the secret of an HMAC.
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(await tokens.verify(await forged({ secret: pem }))).toBeNull();
  });

  test.each(['HS384', 'HS512'])('another algorithm of the family, %s', async (alg) => {
    expect(await tokens.verify(await forged({ header: { alg }, secret: SECRET.repeat(2) }))).toBeNull();
  });

  test.each(['kid', 'jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64'])('%s in the header', async (name) => {
    const header = { alg: 'HS256', typ: 'at+jwt', [name]: name === 'crit' ? ['exp'] : 'https://evil.example/keys' };
    const [, claims = ''] = (await tokens.issue(who)).split('.');
    const signed = `${encoded(header)}.${claims}`;
    const signature = createHmac('sha256', SECRET).update(signed).digest('base64url');
    expect(await tokens.verify(`${signed}.${signature}`)).toBeNull();
  });

  test('not yet valid', async () => {
    expect(await tokens.verify(await forged({ claims: { nbf: seconds + 60 } }))).toBeNull();
    expect(await tokens.verify(await forged({ claims: { iat: seconds + 60 } })), 'issued in the future').toBeNull();
  });

  test.each([
    ['wrong iss', { claims: { iss: 'https://evil.example' } }],
    ['wrong aud', { claims: { aud: 'another-api' } }],
    ['wrong typ', { header: { typ: 'JWT' } }],
    ['no typ', { header: { typ: undefined } }],
    ['no session', { claims: { sid: undefined } }],
    ['a session that is no text', { claims: { sid: 7 } }],
    ['no expiry', { claims: { exp: undefined } }],
    ['a life longer than any we give', { claims: { iat: seconds - 3_600, exp: seconds + 3_600 } }],
    ['another secret', { secret: SECRET.toUpperCase() }],
  ])('%s', async (_what, change) => {
    expect(await tokens.verify(await forged(change))).toBeNull();
  });

  test.each(['', '.', '..', 'a.b.c', 'almanac_x_y', '{"alg":"none"}', '\u0000', 'é.é.é'])(
    '"%s" is none',
    async (text) => {
      expect(await tokens.verify(text)).toBeNull();
    },
  );

  test('changed anywhere is none', async () => {
    const token = await tokens.issue(who);
    for (const index of [0, 20, token.indexOf('.') + 5, token.length - 20]) {
      const other = token[index] === 'A' ? 'B' : 'A';
      expect(await tokens.verify(token.slice(0, index) + other + token.slice(index + 1))).toBeNull();
    }
  });

  test('too long to be one is not even parsed', async () => {
    const claims = { note: 'x'.repeat(2_000) };
    expect(await tokens.verify(await forged({ claims }))).toBeNull();
  });
});
