import { expect, test } from 'vitest';
import { isPlain } from '../../server/app.ts';

test.each([
  '/',
  '/docs',
  '/members/%EC%86%8C%EB%82%98%EB%AC%B4',
  '/members/a%20b%40c%2Bd',
  '/trpc/status.get%2Cauth.caller',
  '/_app/immutable/nodes/0.B1-x_.js',
  '/api/users/..hidden/export',
  '/%E0%A4',
])('%s is read the same by everything', (path) => expect(isPlain(path)).toBe(true));

test.each([
  '/api/../docs',
  '/api/%2e%2e/docs',
  '/api/.%2E/docs',
  '/health/..',
  '/api/auth/./login',
  '/_app/immutable/../../',
  '/api/auth/%6Cogin',
  '/%61pi/auth/login',
  '/api\\..\\docs',
  '/api/..%5cdocs',
  '/api/auth/login#1',
  '/docs#',
  '//evil.example/docs',
  'http://evil.example/docs',
  '*',
  '',
])('%s is not: rules by path would be walked around', (path) => expect(isPlain(path)).toBe(false));
