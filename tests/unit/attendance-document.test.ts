import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'docs');
const rows = [
  ...readFileSync(join(folder, 'attendance.md'), 'utf8').matchAll(
    /^\| (.+?) +\| (.+?) +\| \[.*?\]\((.+?)\) +\| `(.+?)` +\|$/gm,
  ),
];

describe('docs/attendance.md', () => {
  test('names a test for each line', () => expect(rows.length).toBeGreaterThan(60));

  test.each(rows.map(([, asked = '', , file = '', name = '']) => ({ asked, file, name })))(
    '$asked: the test that holds it is there',
    ({ file, name }) => {
      const path = join(folder, file);
      expect(existsSync(path)).toBe(true);
      const source = readFileSync(path, 'utf8');
      expect(["'", '`', '"'].some((quote) => source.includes(`${quote}${name}${quote}`))).toBe(true);
    },
  );
});
