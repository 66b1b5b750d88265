import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigurationError, ENVIRONMENT, loadSettings, type Flags } from '../../server/config.ts';

const HERE = '/home/kim/garden';
const SECRET = 'k3Jt-9sPq_vL2xWmZr8YbNc4HdFgTe6U5aQo';
const NO_MESSAGES = { webhookUrl: null, organiserEmails: [], mail: null, kakao: null, model: null };
/** Every setting that has no flag, where nobody has set it. */
const UNSET = {
  production: false,
  publicUrl: null,
  github: null,
  apiAuthToken: null,
  sessionSecrets: [],
  masterKeys: [],
  owners: [],
  trustedProxies: 0,
  rateLimit: 100,
  docs: 'open',
  webhookSecret: null,
  gitHubApiUrl: 'https://api.github.com',
  gitHubToken: null,
  messages: NO_MESSAGES,
};
const BACKUPS = {
  directory: '/home/kim/garden/data/backups',
  vaultDirectory: '/home/kim/garden/data/backups/vault',
  keep: 7,
};
const settings = (flags: Flags = {}, env: Record<string, string> = {}, cwd = HERE) => loadSettings(flags, env, cwd);

describe('settings', () => {
  test('have a default each', () => {
    expect(settings()).toEqual({
      port: 3000,
      host: '127.0.0.1',
      dataDirectory: '/home/kim/garden/data',
      timeZone: 'Asia/Seoul',
      eventStoreUrl: null,
      repositories: [HERE],
      logLevel: 'info',
      ...UNSET,
      backups: BACKUPS,
    });
  });

  const ENV = {
    PORT: '4000',
    HOST: '::1',
    DATA_DIR: '/var/almanac',
    TIME_ZONE: 'Europe/Berlin',
    EVENTSTORE_URL: 'esdb://localhost:2113?tls=false',
    REPOSITORIES: '../orchard:/srv/meadow',
    LOG_LEVEL: 'debug',
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://Almanac.example.org:443/',
    GITHUB_CLIENT_ID: 'Iv1.garden',
    GITHUB_CLIENT_SECRET: 'of-the-app',
    GITHUB_WEB_URL: 'https://git.example.org/',
    GITHUB_API_URL: 'https://git.example.org/api/v3/',
    GITHUB_WEBHOOK_SECRET: 'of-the-webhook',
    GITHUB_TOKEN: 'of-the-server',
    API_AUTH_TOKEN: 'of-the-api',
    SESSION_SECRET: 'of-sessions',
    SESSION_SECRET_PREVIOUS: 'of-sessions-before',
    MASTER_KEY: 'of-keys',
    MASTER_KEY_PREVIOUS: 'of-keys-before',
    OWNERS: '@Garden-Kim, lee,,LEE',
    TRUSTED_PROXIES: '2',
    RATE_LIMIT: '0',
    DOCS: 'members',
    BACKUP_DIR: '../backups',
    VAULT_BACKUP_DIR: '/mnt/safe',
    BACKUP_KEEP: '30',
  };
  const BY_ENV_ONLY = {
    production: true,
    publicUrl: 'https://almanac.example.org',
    github: {
      clientId: 'Iv1.garden',
      clientSecret: 'of-the-app',
      webUrl: 'https://git.example.org',
      apiUrl: 'https://git.example.org/api/v3',
    },
    webhookSecret: 'of-the-webhook',
    apiAuthToken: 'of-the-api',
    sessionSecrets: ['of-sessions', 'of-sessions-before'],
    masterKeys: ['of-keys', 'of-keys-before'],
    owners: ['garden-kim', 'lee'],
    trustedProxies: 2,
    rateLimit: 0,
    gitHubApiUrl: 'https://git.example.org/api/v3',
    gitHubToken: 'of-the-server',
    docs: 'members',
    messages: NO_MESSAGES,
    backups: { directory: '/home/kim/backups', vaultDirectory: '/mnt/safe', keep: 30 },
  };

  test('come from the environment', () => {
    expect(settings({}, ENV)).toEqual({
      port: 4000,
      host: '::1',
      dataDirectory: '/var/almanac',
      timeZone: 'Europe/Berlin',
      eventStoreUrl: 'esdb://localhost:2113?tls=false',
      repositories: ['/home/kim/orchard', '/srv/meadow'],
      logLevel: 'debug',
      ...BY_ENV_ONLY,
    });
  });

  test('come from flags above all', () => {
    const flags = {
      port: '5000',
      host: '0.0.0.0',
      dataDir: 'kept',
      timeZone: 'UTC',
      eventStoreUrl: 'kurrentdb://localhost',
      repo: ['one', 'two', './one'],
      logLevel: 'silent',
    };
    expect(settings(flags, ENV)).toEqual({
      port: 5000,
      host: '0.0.0.0',
      dataDirectory: '/home/kim/garden/kept',
      timeZone: 'UTC',
      eventStoreUrl: 'kurrentdb://localhost',
      repositories: ['/home/kim/garden/one', '/home/kim/garden/two'],
      logLevel: 'silent',
      ...BY_ENV_ONLY,
    });
  });

  test('of GitHub are those of github.com unless somebody says', () => {
    expect(settings({}, { GITHUB_CLIENT_ID: 'id', GITHUB_CLIENT_SECRET: 'secret' }).github).toEqual({
      clientId: 'id',
      clientSecret: 'secret',
      webUrl: 'https://github.com',
      apiUrl: 'https://api.github.com',
    });
  });

  test('of backups are beside the data, the vault apart from the log', () => {
    expect(settings({ dataDir: '/srv/garden' }).backups).toEqual({
      directory: '/srv/garden/backups',
      vaultDirectory: '/srv/garden/backups/vault',
      keep: 7,
    });
    expect(settings({}, { BACKUP_DIR: '/mnt/backups' }).backups.vaultDirectory).toBe('/mnt/backups/vault');
    for (const keep of ['0', '-1', '1.5', 'all'])
      expect(() => settings({}, { BACKUP_KEEP: keep })).toThrow(/how many to keep/);
  });

  test('are the defaults where a variable is empty, as in .env.example', () => {
    const empty = Object.fromEntries(Object.keys(ENV).map((name) => [name, '']));
    expect(settings({}, empty)).toEqual(settings());
    expect(settings({}, { REPOSITORIES: ':' }).repositories).toEqual([HERE]);
  });
});

describe('what npm starts', () => {
  const ALMANAC = '/opt/almanac';
  const byNpm = (event: string) => ({
    npm_lifecycle_event: event,
    npm_package_json: `${ALMANAC}/package.json`,
    INIT_CWD: HERE,
  });

  test.each(['start', 'almanac'])('reads the repository one stands in: npm run %s', (event) => {
    expect(settings({}, byNpm(event), ALMANAC).repositories).toEqual([HERE]);
    expect(settings({ repo: ['../orchard'] }, byNpm(event), ALMANAC).repositories).toEqual(['/home/kim/orchard']);
  });

  test('of another package does not', () => {
    expect(settings({}, byNpm('start'), HERE).repositories).toEqual([HERE]);
    expect(settings({}, byNpm('test'), ALMANAC).repositories).toEqual([ALMANAC]);
  });
});

describe('a wrong value is refused, named with its flag, what was given and what was expected', () => {
  test.each([
    ['PORT', 'many', 'PORT (--port) is "many": expected a port number, 0 to 65535'],
    ['PORT', '65536', 'PORT (--port) is "65536"'],
    ['PORT', '3000.5', 'PORT (--port) is "3000.5"'],
    ['TIME_ZONE', 'Seoul', 'TIME_ZONE (--time-zone) is "Seoul": expected an IANA time zone such as Asia/Seoul'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL (--log-level) is "loud"'],
    ['PUBLIC_URL', 'almanac.example.org', 'PUBLIC_URL is "almanac.example.org": expected an origin without a path'],
    ['PUBLIC_URL', 'https://example.org/almanac', 'PUBLIC_URL is "https://example.org/almanac"'],
    ['PUBLIC_URL', 'https://example.org/?', 'PUBLIC_URL is "https://example.org/?"'],
    ['PUBLIC_URL', 'http://example.org', 'PUBLIC_URL is "http://example.org"'],
    ['PUBLIC_URL', 'ftp://localhost', 'PUBLIC_URL is "ftp://localhost"'],
    ['GITHUB_WEB_URL', 'http://example.org', 'GITHUB_WEB_URL is "http://example.org": expected an https:// address'],
    ['GITHUB_API_URL', 'https://example.org/?v=3', 'GITHUB_API_URL is "https://example.org/?v=3"'],
    ['OWNERS', 'kim, lee@example.org', 'OWNERS is "***@example.org": expected GitHub logins, separated by commas'],
    ['TRUSTED_PROXIES', '-1', 'TRUSTED_PROXIES is "-1": expected how many proxies stand in front'],
    ['RATE_LIMIT', '1.5', 'RATE_LIMIT is "1.5": expected requests a minute, 0 for no limit'],
    ['DOCS', 'shut', 'DOCS is "shut"'],
    ['EVENTSTORE_URL', 'http://db', 'EVENTSTORE_URL (--event-store-url) is "http://db": expected a connection string'],
  ])('%s=%s', (name, value, message) => {
    expect(() => settings({}, { [name]: value })).toThrow(message);
  });

  test('all of them at once', () => {
    const faults = (() => {
      try {
        settings({ port: '-1', logLevel: 'loud' }, { TIME_ZONE: 'Seoul' });
      } catch (error) {
        return error instanceof ConfigurationError ? error.faults.map((fault) => fault.split(' ')[0]) : error;
      }
    })();
    expect(faults).toEqual(['PORT', 'TIME_ZONE', 'LOG_LEVEL']);
  });
});

test.each(['http://localhost:4000', 'http://127.0.0.1:4000', 'http://[::1]:4000'])(
  'this machine may be reached by http: %s',
  (url) => {
    expect(settings({}, { PUBLIC_URL: url }).publicUrl).toBe(url);
    expect(
      settings({}, { GITHUB_CLIENT_ID: 'a', GITHUB_CLIENT_SECRET: 'b', GITHUB_WEB_URL: url }).github,
    ).toMatchObject({ webUrl: url });
  },
);

function faultsOf(env: Record<string, string>, { cwd = HERE } = {}): readonly string[] {
  try {
    settings({}, env, cwd);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}

describe('what says nothing alone is refused', () => {
  test.each([
    ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
    ['GITHUB_CLIENT_SECRET', 'GITHUB_CLIENT_ID'],
    ['SESSION_SECRET_PREVIOUS', 'SESSION_SECRET'],
    ['MASTER_KEY_PREVIOUS', 'MASTER_KEY'],
  ])('%s without %s', (name, other) => {
    expect(faultsOf({ [name]: SECRET })).toEqual([expect.stringMatching(`^${other} is not set, but ${name} is: `)]);
    expect(faultsOf({ [name]: SECRET, [other]: 'something' })).toEqual([]);
  });
});

describe('a secret may stand in a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'almanac-secrets-'));
    await writeFile(join(folder, 'token'), ` ${SECRET}\n`);
    await writeFile(join(folder, 'empty'), '\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('whose text is taken without the blanks around it', () => {
    const env = { API_AUTH_TOKEN_FILE: join(folder, 'token'), SESSION_SECRET_FILE: 'token', SESSION_SECRET: '' };
    expect(settings({}, env, folder)).toMatchObject({ apiAuthToken: SECRET, sessionSecrets: [SECRET] });
  });

  test('but not in a file and a variable at once', () => {
    expect(faultsOf({ MASTER_KEY: SECRET, MASTER_KEY_FILE: 'token' }, { cwd: folder })).toEqual([
      'MASTER_KEY and MASTER_KEY_FILE are both set: keep one of them.',
    ]);
  });

  test('and a file that is missing, a folder or empty is no secret', () => {
    const said = (file: string) => faultsOf({ MASTER_KEY_FILE: file }, { cwd: folder });
    expect(said('nowhere')).toEqual(['MASTER_KEY_FILE is "nowhere": the file cannot be read (ENOENT)']);
    expect(said('.')).toEqual(['MASTER_KEY_FILE is ".": the file cannot be read (EISDIR)']);
    expect(said('empty')).toEqual(['MASTER_KEY_FILE is "empty": the file is empty']);
  });
});

describe('faults never show a secret', () => {
  test('of a wrong value', () => {
    expect(faultsOf({ API_AUTH_TOKEN: 'hunter 2' })).toEqual([
      expect.stringMatching(
        /^API_AUTH_TOKEN is set to 8 characters: expected letters, digits and signs without blanks/,
      ),
    ]);
  });
  test('of an address with a password', () => {
    const env = { EVENTSTORE_URL: 'http://admin:hunter2@db', PUBLIC_URL: 'https://kim:hunter2@example.org' };
    expect(faultsOf(env).map((fault) => fault.split(':')[0])).toEqual([
      'EVENTSTORE_URL (--event-store-url) is "***@db"',
      'PUBLIC_URL is "***@example.org"',
    ]);
  });
});

describe('.env.example', () => {
  const lines = readFileSync(join(import.meta.dirname, '..', '..', '.env.example'), 'utf8').split('\n');
  const example = Object.fromEntries(lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/)));

  test('names every variable', () => {
    const variables = ENVIRONMENT.filter((name) => !name.endsWith('_FILE'));
    expect(Object.keys(example).toSorted()).toEqual([...variables, 'REPOSITORY'].toSorted());
  });
  test('gives each its default', () => {
    expect(settings({}, example as Record<string, string>)).toEqual(settings());
  });
});
