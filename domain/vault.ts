import { z } from 'zod';
import { defineEvent } from './event.ts';

export const vaultEvents = {
  /** What people write from now on is sealed with the keys of this vault: without it nothing personal in this log can be read. */
  VaultFounded: defineEvent(z.object({ vaultId: z.string() })),
};

/** There is one vault to a log. */
export const vaultStream = 'vault';
