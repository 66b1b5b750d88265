import { v5 } from 'uuid';
import type { z } from 'zod';
import type { EventDefinition } from '../../domain/event.ts';
import { eventRegistry, type AlmanacEvent, type EventType, type Recorded } from '../../domain/event-registry.ts';
import type { EventToAppend, RecordedEvent } from './event-store.ts';

/** Namespace of the ids Almanac derives; fixed for ever, since ids make a retried append the same append. */
const NAMESPACE = '6f0f3c1e-7f0b-5d0c-9a55-1f3a6e3f7c11';

/** An event was written by a newer Almanac: what it says may mean something else, and nothing can be decided without it. */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent';
  constructor({ type, stream, position }: RecordedEvent, version: number) {
    super(
      `${type} at position ${position} (${stream}) has version ${version}: start the Almanac that wrote it, or a newer one.`,
    );
  }
}

/** A name-based UUID (v5, RFC 9562, 5.5): the same parts give the same id on every machine. */
export const derivedId = (...parts: readonly string[]): string => v5(JSON.stringify(parts), NAMESPACE);

/**
 * Where personal fields are sealed before they are written and opened after they are read.
 * The plain seal below leaves them as they are; one that encrypts with the member's key takes its place without another change.
 */
export interface Seal {
  seal(type: EventType, data: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown>;
  open(type: EventType, data: Readonly<Record<string, unknown>>, fields: readonly string[]): Record<string, unknown>;
}
const plain: Seal = { seal: (_type, data) => data, open: (_type, data) => data };

export interface Codec {
  /** @throws {InvalidEvent} when `data` is not what its schema says: nothing malformed gets into the log. */
  encode(event: AlmanacEvent, id: string): EventToAppend;
  /** The event in its current version; null for a type this version of Almanac does not know. */
  decode(recorded: RecordedEvent): Recorded | null;
}

export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
}

export type Definitions = Readonly<Record<string, EventDefinition>>;
const currentVersion = (definition: EventDefinition) => definition.upcasts.length + 1;

/** @param definitions every event type there is; a test has its own */
export function createCodec(seal: Seal = plain, definitions: Definitions = eventRegistry): Codec {
  const known = new Map(Object.entries(definitions));
  return {
    encode(event, id) {
      const definition = known.get(event.type);
      if (!definition) throw new InvalidEvent(`"${String(event.type)}" is no type of event.`);
      const parsed = definition.schema.safeParse(event.data);
      if (!parsed.success) throw new InvalidEvent(`${event.type}: ${describe(parsed.error)}`);
      return {
        id,
        type: event.type,
        data: seal.seal(event.type, parsed.data, definition.personal),
        metadata: { version: currentVersion(definition) },
      };
    },
    decode(recorded) {
      const definition = known.get(recorded.type);
      if (!definition) return null;
      const type = recorded.type as EventType;
      let data: Readonly<Record<string, unknown>> = recorded.data;
      const written = typeof recorded.metadata['version'] === 'number' ? recorded.metadata['version'] : 1;
      if (written > currentVersion(definition)) throw new NewerEvent(recorded, written);
      for (let version = written; version < currentVersion(definition); version += 1)
        data = definition.upcasts[version - 1]?.(data) ?? data;
      if (definition.personal.length > 0) data = seal.open(type, data, definition.personal);
      const { id, stream, position, recordedAt } = recorded;
      return { type, data, id, stream, position, recordedAt } as Recorded;
    },
  };
}

const describe = (error: z.ZodError) =>
  error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`).join('; ');
