import { expect, test } from 'vitest';
import { printable } from '../../server/printable.ts';

test.each([
  ['\u001b]0;title\u0007\u001b[2Jred', '\ufffd]0;title\ufffd\ufffd[2Jred'],
  ['\u009b31mred', '\ufffd31mred'],
  ['a\rb\bc\u007f', 'a\ufffdb\ufffdc\ufffd'],
  ['left \u202eright\u2066', 'left \ufffdright\ufffd'],
  ['두 줄\n탭\t👩‍👩‍👧 é', '두 줄\n탭\t👩‍👩‍👧 é'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
