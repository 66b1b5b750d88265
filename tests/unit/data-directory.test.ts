import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareDataDirectory } from '../../server/data-directory.ts';
import { StoreUnavailable } from '../../server/event-store/event-store.ts';

let existing: string;
beforeEach(() => void (existing = mkdtempSync(join(tmpdir(), 'almanac-directory-'))));
afterEach(() => rmSync(existing, { recursive: true }));

test('a folder that is made is private and no part of the repository around it', () => {
  const made = join(existing, 'deep', 'data');
  prepareDataDirectory(made);
  expect(readFileSync(join(made, '.gitignore'), 'utf8')).toBe('*\n');
  expect(statSync(made).mode & 0o777).toBe(0o700);
  expect(existsSync(join(existing, 'deep', '.gitignore'))).toBe(false);
});

test('in a folder that was there before, git goes on to see what it saw', () => {
  prepareDataDirectory(existing);
  expect(existsSync(join(existing, '.gitignore'))).toBe(false);
});

test('a folder that cannot be made is told in a sentence', () => {
  const file = join(existing, 'file');
  writeFileSync(file, '');
  for (const [directory, code] of [
    [file, 'EEXIST'],
    [join(file, 'data'), 'ENOTDIR'],
  ] as const) {
    const prepare = () => prepareDataDirectory(directory);
    expect(prepare).toThrow(StoreUnavailable);
    expect(prepare).toThrow(`${directory} cannot be used as DATA_DIR: ${code}`);
  }
});
