import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivedId } from '../../server/event-store/codec.ts';

/** As written into logs: should one of these change, what is recorded already would be recorded again. */
test.each([
  [['commit', '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'], '0ca87dea-70dd-5794-a772-3373559a05b0'],
  [['member', 'email', '김@example.org'], 'd0c868a1-702a-55ad-b278-a8d057d7fba4'],
  [[], 'b755f8c1-1c3d-5cd0-96bf-9a6d9c218230'],
])('the id derived from %j never changes', (parts, id) => {
  expect(derivedId(...parts)).toBe(id);
});

test('other parts, another id; the same parts, the same', () => {
  const parts = fc.array(fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      expect(derivedId(...one) === derivedId(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
});
