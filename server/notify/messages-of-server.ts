import type { Settings } from '../config.ts';
import type { Parts } from '../parts.ts';
import { settled } from '../settled.ts';
import { openMessages, type Messages } from './open-messages.ts';

/** Messages of a server: by the channels of its settings, from what its read models show. */
export const messagesOf = (settings: Settings, parts: Parts): Messages =>
  openMessages({
    settings: settings.messages,
    publicUrl: settings.publicUrl,
    // The embedded log has one server: it holds the lock of the directory.
    alone: settings.eventStoreUrl === null,
    ...parts,
    model: (name) => parts.readModels.model(name),
    settled: () => settled(parts),
    shown: (position) => parts.readModels.waitFor(position, { projections: ['messages'] }),
  });
