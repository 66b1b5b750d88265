import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'docs');
const rows = [
  ...readFileSync(join(folder, 'security.md'), 'utf8').matchAll(/^\| (.+?) +\| \[.*?\]\((.+?)\) +\| `(.+?)` +\|$/gm),
];

describe('docs/security.md', () => {
  test('names a test for each promise', () => expect(rows.length).toBeGreaterThan(70));

  test.each(rows.map(([, promise = '', file = '', name = '']) => ({ promise, file, name })))(
    '$promise: the test that holds it is there',
    ({ file, name }) => {
      const path = join(folder, file);
      expect(existsSync(path)).toBe(true);
      const source = readFileSync(path, 'utf8');
      expect(["'", '`', '"'].some((quote) => source.includes(`${quote}${name}${quote}`))).toBe(true);
    },
  );
});
