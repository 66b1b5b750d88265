import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { almanac } from '../support/command-line.ts';

let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
});
afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

const flags = () => ['--port', '0', '--data-dir', dataDirectory, '--repo', dataDirectory, '--no-dashboard'];

describe('a start that fails', () => {
  it('leaves nothing running when the address cannot be published', async () => {
    await mkdir(join(dataDirectory, 'server.json', 'in the way'), { recursive: true });
    expect(await almanac(['start', ...flags()])).toMatchObject({
      code: 1,
      err: expect.stringContaining('server.json') as string,
    });
  });

  it('says in a sentence why the data directory cannot be made', async () => {
    const { code, err } = await almanac(['start', '--data-dir', join(import.meta.filename, 'data')]);
    expect(code).toBe(1);
    expect(err).toMatch(/start\.test\.ts\/data cannot be used as DATA_DIR: ENOTDIR/);
    expect(err).not.toMatch(/^ +at /m);
  });
});
