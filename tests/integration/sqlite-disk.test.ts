import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { StoreProcess } from './sqlite-child-process.ts';
import { temporaryDirectory } from './sqlite-temporary.ts';

const run = promisify(execFile);
const TEXT = 'x'.repeat(50_000);

test('a disk without room refuses writes, lets reads go on, and heals by itself', async () => {
  await using directory = await temporaryDirectory();
  // The operating system refuses the process any file larger than this: real failing writes, without a disk to fill.
  await using child = new StoreProcess(directory.path, { under: ['prlimit', '--fsize=1000000:unlimited'] });
  expect(await child.report()).toEqual({ kind: 'open' });
  const append = (id: string = randomUUID()) => child.ask({ do: 'append', stream: 'ledger', text: TEXT, id });

  let accepted = 0;
  let answer = await append();
  while (answer.kind === 'appended') {
    accepted += 1;
    answer = await append();
  }
  expect(accepted).toBeGreaterThan(5);
  expect(answer).toMatchObject({ kind: 'failed', name: 'StoreUnavailable', cause: expect.stringContaining('disk') });

  const id = randomUUID();
  for (let round = 0; round < 3; round += 1) {
    expect(await append(id)).toMatchObject({ kind: 'failed', name: 'StoreUnavailable' });
    expect(await child.ask({ do: 'count' })).toEqual({ kind: 'count', count: accepted });
  }

  await run('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
  expect(await append(id)).toEqual({ kind: 'appended', revision: String(accepted) });
  expect(await append(id)).toEqual({ kind: 'appended', revision: String(accepted) });
  expect(await append()).toEqual({ kind: 'appended', revision: String(accepted + 1) });
  expect(await child.ask({ do: 'count' })).toEqual({ kind: 'count', count: accepted + 2 });
});
