import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { secure, type SecurityFacts } from '../../server/edge/security-headers.ts';

function headersOf(facts: Partial<SecurityFacts>) {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  secure(response, { path: '/', isApi: false, https: false, ...facts });
  return response.getHeaders();
}

describe('every answer', () => {
  test.each([
    ['a page', { path: '/', isApi: false }],
    ['of the API', { path: '/api/attendance/today', isApi: true }],
  ])('is framed, sniffed, embedded and opened by nobody: %s', (_what, facts) => {
    expect(headersOf(facts)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringMatching(/camera=\(\).*geolocation=\(\).*microphone=\(\)/),
      'referrer-policy': 'strict-origin-when-cross-origin',
    });
  });

  test('names features as browsers do', () =>
    expect(headersOf({})['permissions-policy']).toMatch(/^[a-z-]+=\(\)(, [a-z-]+=\(\))*$/));
});

test('an answer of the API is data: it loads nothing and is kept nowhere', () => {
  expect(headersOf({ isApi: true })).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
  });
  expect(headersOf({ isApi: false })).not.toHaveProperty('cache-control');
});

test('browsers stay with https for a year where people come by it, and only there', () => {
  expect(headersOf({ https: true })['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  expect(headersOf({ https: false })).not.toHaveProperty('strict-transport-security');
});

test('the code that signs somebody in goes no further', () => {
  expect(headersOf({ path: '/api/auth/callback', isApi: true })['referrer-policy']).toBe('no-referrer');
  expect(headersOf({ path: '/api/auth/me', isApi: true })['referrer-policy']).toBe('strict-origin-when-cross-origin');
});
