import { describe, expect, test } from 'vitest';
import { createLog, errorFacts, withoutSecrets } from '../../server/log.ts';

const written = (isTTY: boolean) => {
  const lines: string[] = [];
  return { lines, destination: { isTTY, write: (line: string) => void lines.push(line) } };
};

describe('errors', () => {
  test('are written by what is allowed, however much they carry', () => {
    const inner = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', config: { password: 'hunter2' } });
    const error = Object.assign(new TypeError('failed', { cause: inner }), {
      request: { headers: { cookie: 'hunter2' } },
    });
    const facts = errorFacts(error);
    expect(facts).toMatchObject({
      type: 'TypeError',
      message: 'failed',
      cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(facts)).not.toContain('hunter2');
  });

  test('that cause each other come to an end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(errorFacts(error)).match(/"round"/g)).toHaveLength(5);
  });

  test('may be anything that was thrown', () => {
    expect(errorFacts('a text')).toEqual({ message: 'a text' });
    expect(errorFacts(undefined)).toEqual({ message: 'undefined' });
  });
});

test.each([
  ['esdb://admin:changeit@host:2113 is away', 'esdb://***@host:2113 is away'],
  ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer ***'],
  ['token ghp_0123456789abcdef was refused', 'token *** was refused'],
  ['used github_pat_11ABCDEFG_xyz', 'used github_pat_***'],
  ['x@example.com wrote https://example.com/a@b', 'x@example.com wrote https://example.com/a@b'],
])('%s is written as %s', (text, clean) => {
  expect(withoutSecrets(text)).toBe(clean);
});

describe('a line', () => {
  test('is JSON for machines', () => {
    const { lines, destination } = written(false);
    createLog('info', destination).info({ repository: 'almanac' }, 'Reading');
    expect(JSON.parse(lines.join(''))).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      repository: 'almanac',
      msg: 'Reading',
    });
  });

  test('is short for people, with the error below it', () => {
    const { lines, destination } = written(true);
    createLog('info', destination).warn({ repository: 'almanac', err: new Error('no such folder') }, 'Reading failed');
    expect(lines.join('')).toMatch(
      /^\d\d:\d\d:\d\d warn {2}Reading failed repository=almanac\n {4}Error: no such folder\n/,
    );
  });

  test('of a request that went well is not shown to people; of one that failed it is', () => {
    const { lines, destination } = written(true);
    const log = createLog('debug', destination);
    log.info({ request: { path: '/', status: 200 } }, 'Request');
    log.warn({ request: { path: '/', status: 503 } }, 'Request failed');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('Request failed path=/ status=503');
  });

  test('below the level is not written', () => {
    const { lines, destination } = written(false);
    createLog('silent', destination).error('anything');
    expect(lines).toEqual([]);
  });
});
