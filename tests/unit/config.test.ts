import { describe, expect, test } from 'vitest';
import { ConfigurationError, loadSettings, type Flags } from '../../server/config.ts';

const HERE = '/home/kim/garden';
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
    });
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
