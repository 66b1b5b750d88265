import type { Opening, Seal } from '../event-store/codec.ts';
import { KeyMissing } from './key-ring.ts';
import { SealBroken } from './sealing.ts';
import type { Vault } from './vault.ts';
import type { VaultReader } from './vault-reader.ts';

/** Something in the log cannot be opened though nobody was erased: it was tampered with, or a key is lost. */
export type OnTrouble = (error: SealBroken | KeyMissing, place: string) => void;

/** Faults that are told one by one; after so many the log is full of them, and it is known. */
const MOST_TOLD = 20;

/** What opens the fields of events. A field that must open and does not is empty, and told. */
export function openingOf(vault: Pick<Vault | VaultReader, 'open'>, onTrouble: OnTrouble): Opening {
  let told = 0;
  return {
    open(memberId, place, sealed) {
      try {
        return vault.open(memberId, place, sealed) ?? '';
      } catch (error) {
        if (!(error instanceof SealBroken) && !(error instanceof KeyMissing)) throw error;
        if (told < MOST_TOLD) onTrouble(error, place);
        told += 1;
        return '';
      }
    },
  };
}

/** What seals and opens the fields of events. */
export const sealOf = (vault: Vault, onTrouble: OnTrouble): Seal => ({
  ...openingOf(vault, onTrouble),
  seal: (memberId, place, text) => vault.seal(memberId, place, text) ?? '',
  prepare: (memberIds) => vault.prepare(memberIds),
  fingerprint: (...parts) => vault.fingerprint(...parts),
});
