import { describe, expect, test } from 'vitest';
import { KeyMissing } from '../../server/vault/key-ring.ts';
import { SealBroken } from '../../server/vault/sealing.ts';
import { openingOf } from '../../server/vault/vault-seal.ts';

const place = 'CommitObserved.message';
/** What is opened by a vault that answers so. */
function opened(answer: () => string | null, times = 1) {
  const told: string[] = [];
  const opening = openingOf({ open: answer }, (error, where) => told.push(`${error.name} ${where}`));
  const texts = Array.from({ length: times }, () => opening.open('ada', place, 'token'));
  return { texts, told };
}
const failing = (error: Error) => (): never => {
  throw error;
};

describe('a sealed field', () => {
  test('opens as what was written', () => {
    expect(opened(() => 'x')).toEqual({ texts: ['x'], told: [] });
  });
  test('of somebody erased is empty, and nobody is told', () => {
    expect(opened(() => null)).toEqual({ texts: [''], told: [] });
  });
  test.each([new SealBroken('changed'), new KeyMissing('lost')])(
    'that must open and does not is empty, and told: %s',
    (error) => {
      expect(opened(failing(error))).toEqual({ texts: [''], told: [`${error.name} ${place}`] });
    },
  );
  test('is not told of without end', () => {
    const { texts, told } = opened(failing(new SealBroken('changed')), 1_000);
    expect([texts.length, told.length]).toEqual([1_000, 20]);
  });
  test('is not taken for empty while the vault cannot be read', () => {
    expect(() => opened(failing(new Error('disk I/O error')))).toThrow('disk I/O error');
  });
});
