import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishAddress, readAddress, withdrawAddress } from '../../server/server-address.ts';

const ADDRESS = {
  pid: 7,
  url: 'http://[::1]:3000',
  token: 'x'.repeat(43),
  instance: '0d2f0b8e-5f0c-4b57-9d5c-0f7a3c1d2e3f',
};

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'almanac-address-'))));
afterEach(() => rmSync(directory, { recursive: true }));

test('an address is published for this user alone, and withdrawn', () => {
  publishAddress(directory, ADDRESS);
  expect(readAddress(directory)).toEqual(ADDRESS);
  expect(statSync(join(directory, 'server.json')).mode & 0o777).toBe(0o600);
  withdrawAddress(directory);
  expect(readAddress(directory)).toBeNull();
  expect(readdirSync(directory)).toEqual([]);
});

test('a file that others may read came from elsewhere, with a repository perhaps: nobody follows it', () => {
  publishAddress(directory, ADDRESS);
  chmodSync(join(directory, 'server.json'), 0o644);
  expect(readAddress(directory)).toBeNull();
});

test.each([
  '',
  JSON.stringify(ADDRESS).slice(0, 40),
  '{}',
  'null',
  JSON.stringify({ ...ADDRESS, instance: undefined }),
])('what is no address counts as none: %s', (text) => {
  writeFileSync(join(directory, 'server.json'), text, { mode: 0o600 });
  expect(readAddress(directory)).toBeNull();
});
