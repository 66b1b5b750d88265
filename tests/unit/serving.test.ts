import { describe, expect, test } from 'vitest';
import { ConfigurationError, loadSettings } from '../../server/config.ts';
import { checkServing, isLocal } from '../../server/serving.ts';

const SECRET = 'k3Jt-9sPq_vL2xWmZr8YbNc4HdFgTe6U5aQo';
const settings = (env: Record<string, string>) => loadSettings({}, env, '/home/kim/garden');

/** Why a server does not start with these variables. */
function serving(env: Record<string, string>): readonly string[] {
  try {
    checkServing(settings(env));
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}

const OAUTH = { GITHUB_CLIENT_ID: 'Iv1.garden', GITHUB_CLIENT_SECRET: SECRET };
const PUBLIC = { PUBLIC_URL: 'https://almanac.example.org' };

describe('a server that others reach', () => {
  test.each([
    ['HOST (--host) is "0.0.0.0"', { HOST: '0.0.0.0' }],
    ['HOST (--host) is "::"', { HOST: '::' }],
    ['HOST (--host) is "192.168.0.2"', { HOST: '192.168.0.2' }],
    ['HOST (--host) is "almanac.example"', { HOST: 'almanac.example' }],
    ['TRUSTED_PROXIES is 1', { TRUSTED_PROXIES: '1' }],
    ['PUBLIC_URL is "https://almanac.example.org"', PUBLIC],
  ])('does not start where nobody would have to sign in: %s', (reason, env) => {
    const [fault, ...others] = serving(env);
    expect(fault).toMatch(/set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or API_AUTH_TOKEN, or .*HOST=127\.0\.0\.1/);
    expect(fault?.startsWith(reason)).toBe(true);
    expect(others).toEqual([]);
    expect(serving({ ...env, API_AUTH_TOKEN: 'short' })).toEqual([]);
    expect(serving({ ...PUBLIC, ...env, ...OAUTH })).toEqual([]);
  });

  test('does not start where GitHub could not send people back', () => {
    expect(serving({ ...OAUTH, HOST: '0.0.0.0' })).toEqual([expect.stringMatching(/^PUBLIC_URL is not set, /)]);
    expect(serving({ ...OAUTH, TRUSTED_PROXIES: '1' })).toEqual([expect.stringMatching(/^PUBLIC_URL is not set, /)]);
    expect(serving({ ...OAUTH, HOST: '127.0.0.1' })).toEqual([]);
  });
});

test.each(['127.0.0.1', '::1', 'localhost'])('a server of this machine alone needs nothing: %s', (host) => {
  expect(serving({ HOST: host, PUBLIC_URL: 'http://localhost:3000' })).toEqual([]);
});

test('whoever reaches a server of this machine alone is its owner; nobody is who reaches another', () => {
  const local = (env: Record<string, string>) => isLocal(settings(env));
  expect(local({})).toBe(true);
  expect(local({ API_AUTH_TOKEN: 'something' })).toBe(true);
  for (const env of [OAUTH, { HOST: '0.0.0.0' }, { TRUSTED_PROXIES: '1' }, PUBLIC]) expect(local(env)).toBe(false);
});

describe('in production', () => {
  const SECRETS = { API_AUTH_TOKEN: SECRET.slice(0, 16), SESSION_SECRET: SECRET, MASTER_KEY: SECRET };
  const inProduction = (env: Record<string, string>) => serving({ NODE_ENV: 'production', ...SECRETS, ...env });

  test('a server with its secrets starts', () => expect(inProduction({})).toEqual([]));

  test.each(Object.keys(SECRETS))('one without %s does not', (name) => {
    expect(inProduction({ [name]: '' })).toEqual([
      `${name} is not set, and production needs it: generate one with "openssl rand -base64 32".`,
    ]);
  });

  const WEAK = [
    ['API_AUTH_TOKEN', 15, 16],
    ['SESSION_SECRET', 31, 32],
    ['SESSION_SECRET_PREVIOUS', 31, 32],
    ['MASTER_KEY', 31, 32],
    ['MASTER_KEY_PREVIOUS', 31, 32],
    ['GITHUB_WEBHOOK_SECRET', 31, 32],
  ] as const;
  test.each(WEAK)('one whose %s has %i characters does not', (name, length, least) => {
    expect(inProduction({ [name]: SECRET.slice(0, length) })).toEqual([
      expect.stringContaining(`${name} is set to ${length} characters: at least ${least} `),
    ]);
    expect(inProduction({ [name]: SECRET.slice(0, least) })).toEqual([]);
  });

  test.each([
    'change-me-change-me-change-me-change-me',
    'CHANGEME0123456789012345678901234567890',
    'your-secret-goes-in-here-0123456789012345',
    '0'.repeat(40),
  ])('one with a placeholder for a secret does not: %s', (value) => {
    for (const [name] of WEAK)
      expect(inProduction({ [name]: value })).toEqual([expect.stringContaining(`${name} is a placeholder`)]);
    expect(inProduction({ ...OAUTH, GITHUB_CLIENT_SECRET: value })).toEqual([
      expect.stringContaining('GITHUB_CLIENT_SECRET is a placeholder'),
    ]);
  });

  test('no fault shows a secret', () => {
    const faults = inProduction({ SESSION_SECRET: 'hunter2' });
    expect(faults).toEqual([expect.stringMatching(/^SESSION_SECRET is set to 7 characters: at least 32 /)]);
    expect(faults.join()).not.toContain('hunter2');
  });

  test('commands of the command line need none of it', () => {
    expect(() => settings({ NODE_ENV: 'production', HOST: '0.0.0.0' })).not.toThrow();
  });
});

test('elsewhere short secrets do', () => {
  expect(serving({ API_AUTH_TOKEN: 'x', SESSION_SECRET: 'change-me', GITHUB_WEBHOOK_SECRET: 'z' })).toEqual([]);
});
