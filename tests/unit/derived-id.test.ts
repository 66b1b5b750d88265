import fc from 'fast-check';
import { v5 } from 'uuid';
import { expect, test } from 'vitest';
import { derivedId } from '../../server/event-store/codec.ts';

test('a derived id is the name-based UUID of its parts', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (parts) => {
      expect(derivedId(...parts)).toBe(v5(JSON.stringify(parts), '6f0f3c1e-7f0b-5d0c-9a55-1f3a6e3f7c11'));
    }),
  );
});
