import { EventStoreDBClient } from '@eventstore/db-client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { expect, test } from 'vitest';
import { numbered, take } from '../support/eventstoredb/plain-client.ts';

const start = (...parameters: string[]) =>
  spawn(process.execPath, ['tests/support/eventstoredb/main.ts', ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });

test('the protocol server starts by itself, serves a client at localhost and ends when asked to', async () => {
  const server = start('--port', '0');
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
  const client = EventStoreDBClient.connectionString(/esdb:\/\/\S+/.exec(line)![0]);
  await client.appendToStream('orders', numbered(1));
  expect(await take(client.readStream('orders'))).toHaveLength(1);
  await client.dispose();
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});

test('a port that is none is refused with what was expected', async () => {
  const server = start('--port', 'x');
  const [line] = (await once(createInterface(server.stderr), 'line')) as [string];
  expect(line).toContain('--port expects a number from 0 to 65535 but got "x"');
  expect(await once(server, 'exit')).toEqual([2, null]);
});
