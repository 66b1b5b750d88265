import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLoopback, refusal, type Protection, type RequestFacts } from '../../server/request-guard.ts';

const LOCAL: Protection = { local: true, publicUrl: null };
const OPEN: Protection = { local: false, publicUrl: 'https://almanac.example' };
const NAMELESS: Protection = { local: false, publicUrl: null };

const facts = (given: Partial<RequestFacts>): RequestFacts => ({
  method: 'GET',
  isApi: true,
  host: 'localhost:3000',
  session: false,
  forwarded: false,
  ...given,
});
const served = (protection: Protection, given: Partial<RequestFacts>) => refusal(facts(given), protection) === null;

/** What browsers say of requests; `origin` is that of the page, where it is sent at all. */
const evil = {
  image: { fetchSite: 'cross-site', fetchMode: 'no-cors', fetchDest: 'image' },
  script: { fetchSite: 'cross-site', fetchMode: 'no-cors', fetchDest: 'script' },
  fetch: { fetchSite: 'cross-site', fetchMode: 'cors', fetchDest: 'empty', origin: 'https://evil.example' },
  sister: { fetchSite: 'same-site', fetchMode: 'no-cors', fetchDest: 'image' },
  fetchOfOldBrowser: { origin: 'https://evil.example' },
  sandboxed: { origin: 'null' },
  otherPort: { origin: 'http://localhost:1' },
  form: { fetchSite: 'cross-site', fetchMode: 'navigate', fetchDest: 'document', origin: 'https://evil.example' },
} as const;
const link = { fetchSite: 'cross-site', fetchMode: 'navigate', fetchDest: 'document' };
const frame = { ...link, fetchDest: 'iframe' };

describe('a server of this machine', () => {
  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:3000', '192.168.0.2', '0.0.0.0', ''])(
    'DNS rebinding: does not answer to "%s", be it asked by its own page',
    (host) => {
      for (const method of ['GET', 'POST'])
        expect(served(LOCAL, { method, host, fetchSite: 'same-origin', origin: `http://${host}` })).toBe(false);
    },
  );
  test.each(['localhost', 'LOCALHOST:3000', '127.0.0.1', '127.0.0.2:80', '[::1]:3000', 'almanac.localhost:3000'])(
    'answers to %s, its own pages included',
    (host) => {
      expect(served(LOCAL, { host })).toBe(true);
      expect(served(LOCAL, { host, method: 'POST', origin: `http://${host}` })).toBe(true);
    },
  );

  for (const [what, from] of Object.entries(evil)) {
    test(`CSRF cross-site POST: ${what}`, () => {
      for (const isApi of [true, false]) {
        expect(served(LOCAL, { method: 'POST', isApi, ...from })).toBe(false);
        expect(served(LOCAL, { method: 'DELETE', isApi, ...from, authorization: 'Bearer token' })).toBe(false);
      }
    });
    test(`cross-site read (Spectre): ${what}`, () => {
      for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(served(LOCAL, { method, ...from })).toBe(false);
    });
  }
  test('a link elsewhere leads to its pages', () => expect(served(LOCAL, { isApi: false, ...link })).toBe(true));
  test('a link elsewhere does not lead to its API', () => expect(served(LOCAL, link)).toBe(false));
  test('its pages are framed by nobody', () => expect(served(LOCAL, { isApi: false, ...frame })).toBe(false));
  test('its pages are no images', () => expect(served(LOCAL, { isApi: false, ...evil.image })).toBe(false));

  test('serves programs and the person at the address bar', () => {
    for (const method of ['GET', 'POST']) {
      expect(served(LOCAL, { method })).toBe(true);
      expect(served(LOCAL, { method, fetchMode: 'cors' })).toBe(true);
      expect(served(LOCAL, { method, fetchSite: 'none' })).toBe(true);
      expect(served(LOCAL, { method, session: true })).toBe(true);
    }
  });
  test('knows its own origin by any way to write it', () => {
    const own = (host: string, origin: string) => served(LOCAL, { method: 'POST', host, origin });
    expect(own('localhost:80', 'http://localhost')).toBe(true);
    expect(own('localhost:443', 'https://localhost')).toBe(true);
    expect(own('localhost', 'http://localhost:80')).toBe(true);
    expect(own('localhost:80', 'https://localhost')).toBe(false);
    expect(own('[::1]:3000', 'http://[::1]:3000')).toBe(true);
  });
});

describe('a server that others reach', () => {
  const host = 'almanac.example';
  const withSession = { host, method: 'POST', session: true };

  for (const [what, from] of Object.entries(evil))
    test(`CSRF cross-site POST: ${what}`, () => {
      for (const protection of [OPEN, NAMELESS]) {
        expect(served(protection, { ...withSession, ...from })).toBe(false);
        expect(served(protection, { ...withSession, ...from, session: false })).toBe(false);
        expect(served(protection, { ...withSession, ...from, method: 'DELETE' })).toBe(false);
      }
    });
  test('CSRF by something that hides where it comes from', () => {
    expect(served(OPEN, withSession)).toBe(false);
    expect(served(OPEN, { ...withSession, authorization: 'Basic a2ltOmtpbQ==' })).toBe(false);
    expect(served(OPEN, { ...withSession, authorization: 'Bearer ' })).toBe(false);
  });
  test('is changed by its own pages', () => {
    expect(served(OPEN, { ...withSession, fetchSite: 'same-origin', origin: 'https://almanac.example' })).toBe(true);
    expect(served(OPEN, { ...withSession, fetchSite: 'same-origin' })).toBe(true);
    expect(served(OPEN, { ...withSession, fetchSite: 'none' })).toBe(true);
    expect(served(OPEN, { ...withSession, origin: 'https://almanac.example' })).toBe(true);
    expect(served(NAMELESS, { ...withSession, origin: 'http://almanac.example' })).toBe(true);
  });
  test('takes PUBLIC_URL for its origin, whatever name a proxy or a page asked for', () => {
    expect(served(OPEN, { ...withSession, host: '10.0.0.2:3000', origin: 'https://almanac.example' })).toBe(true);
    expect(served(OPEN, { ...withSession, host: 'evil.example', origin: 'https://evil.example' })).toBe(false);
    expect(served(OPEN, { ...withSession, origin: 'http://almanac.example' })).toBe(false);
    expect(served(OPEN, { ...withSession, origin: 'https://almanac.example:8443' })).toBe(false);
  });
  test('is changed by programs: no browser sends Bearer unasked', () => {
    expect(served(OPEN, { host, method: 'POST' })).toBe(true);
    expect(served(OPEN, { ...withSession, authorization: 'Bearer something' })).toBe(true);
    expect(served(OPEN, { ...withSession, ...evil.fetch, authorization: 'bearer something' })).toBe(true);
  });
  test('is read by whoever may: sign-in comes back from GitHub by a link', () => {
    expect(served(OPEN, { ...withSession, method: 'GET', ...link })).toBe(true);
    expect(served(OPEN, { ...withSession, method: 'GET', ...evil.image })).toBe(true);
  });
});

test('a local server behind a proxy serves nobody: the world would be its owner', () => {
  for (const isApi of [true, false]) expect(served(LOCAL, { isApi, forwarded: true })).toBe(false);
  expect(served(OPEN, { forwarded: true })).toBe(true);
});

test('no header makes the guard throw', () => {
  const text = fc.option(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), { nil: undefined });
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    isApi: fc.boolean(),
    host: text,
    origin: text,
    fetchSite: text,
    authorization: text,
    session: fc.boolean(),
    forwarded: fc.boolean(),
  });
  fc.assert(
    fc.property(request, fc.constantFrom(LOCAL, OPEN, NAMELESS), (given, protection) => {
      expect(refusal(given, protection)).toSatisfy((said) => said === null || typeof said === 'string');
    }),
  );
});

test.each([
  ['::ffff:127.0.0.1', true],
  ['127.255.255.254', true],
  ['::', false],
  ['128.0.0.1', false],
  ['127.1', false],
])('%s is of this machine alone: %s', (name, expected) => expect(isLoopback(name)).toBe(expected));
