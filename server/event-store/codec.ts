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

/** Opens what a member's key sealed. */
export interface Opening {
  /**
   * The text; empty when the member is erased, or when it cannot be opened (which is told elsewhere).
   * @param memberId whose it must be; null: whosever key sealed it @param place `Type.field`
   */
  open(memberId: string | null, place: string, sealed: string): string;
}

/** Where personal fields are sealed before they are written and opened after they are read: the vault. */
export interface Seal extends Opening {
  /** Empty when the member is erased: nothing is kept of them any more. @throws {StoreUnavailable} */
  seal(memberId: string, place: string, text: string): string;
  /** Many are about to be sealed for: their keys are made at once. @throws {StoreUnavailable} */
  prepare(memberIds: Iterable<string>): void;
  /** As `derivedId`, but nobody can find out what it was derived from by trying. */
  fingerprint(...parts: readonly string[]): string;
}

export interface Decoder {
  /** The event in its current version, opened; null for a type this version of Almanac does not know. */
  decode(recorded: RecordedEvent): Recorded | null;
  /** The same for rows of read models: fields declared `keptSealed` are as `openKept` takes them. */
  decodeForRows(recorded: RecordedEvent): Recorded | null;
  /** Opens what a row keeps sealed; empty when its author is erased. @param place `Type.field` */
  openKept(place: string, kept: string): string;
}

export interface Codec extends Decoder {
  /**
   * @throws {InvalidEvent} when `data` is not what its schema says: nothing malformed gets into the log
   * @throws {StoreUnavailable} when a key must be made and cannot be kept
   */
  encode(event: AlmanacEvent, id: string): EventToAppend;
  /** @see Seal.prepare */
  prepare(memberIds: Iterable<string>): void;
  /** @see Seal.fingerprint */
  fingerprint(...parts: readonly string[]): string;
}

export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
}

export type Definitions = Readonly<Record<string, EventDefinition>>;
type Data = Readonly<Record<string, unknown>>;
const currentVersion = (definition: EventDefinition) => definition.upcasts.length + 1;

/**
 * @param seal null: nothing is sealed, for tests and tools that work on no data of people
 * @param definitions every event type there is; a test has its own
 */
export function createCodec(seal: Seal | null = null, definitions: Definitions = eventRegistry): Codec {
  const known = new Map(Object.entries(definitions));
  return {
    ...createDecoder(seal, definitions),
    encode(event, id) {
      const definition = known.get(event.type);
      if (!definition) throw new InvalidEvent(`"${String(event.type)}" is no type of event.`);
      const parsed = definition.schema.safeParse(event.data);
      if (!parsed.success) throw new InvalidEvent(`${event.type}: ${describe(parsed.error)}`);
      const { data, marks } = sealed(seal, event.type, parsed.data, definition.personal);
      return { id, type: event.type, data, metadata: { version: currentVersion(definition), ...marks } };
    },
    prepare: (memberIds) => seal?.prepare(memberIds),
    fingerprint: (...parts) => (seal ? seal.fingerprint(...parts) : derivedId(...parts)),
  };
}

/** What is empty stays as it is. `marks`: which fields are sealed, and which of them are lists. */
function sealed(seal: Seal | null, type: string, data: Data, personal: readonly string[]) {
  const { memberId } = data;
  if (!seal || typeof memberId !== 'string') return { data, marks: {} };
  const tokens: Record<string, unknown> = {};
  const [texts, lists]: [string[], string[]] = [[], []];
  for (const field of personal) {
    const content = data[field];
    if (!hasText(content)) continue;
    const isList = typeof content !== 'string';
    const token = seal.seal(memberId, `${type}.${field}`, isList ? JSON.stringify(content) : content);
    // Of somebody erased nothing is kept.
    tokens[field] = isList && token === '' ? [] : token;
    if (!isList) texts.push(field);
    else if (token !== '') lists.push(field);
  }
  const marks = { ...(texts.length > 0 && { sealed: texts }), ...(lists.length > 0 && { sealedLists: lists }) };
  return { data: { ...data, ...tokens }, marks };
}

const hasText = (content: unknown): content is string | readonly string[] =>
  (typeof content === 'string' || Array.isArray(content)) && content.length > 0;

/** Marks of what a row keeps: sealed, or written before there was a vault. */
const SEALED = '~';
const PLAIN = '=';

export function createDecoder(opening: Opening | null, definitions: Definitions = eventRegistry): Decoder {
  const known = new Map(Object.entries(definitions));
  const open = (memberId: string | null, place: string, token: string) =>
    token === '' ? '' : (opening?.open(memberId, place, token) ?? '');
  const decoded = (recorded: RecordedEvent, forRows: boolean): Recorded | null => {
    const definition = known.get(recorded.type);
    if (!definition) return null;
    const written = typeof recorded.metadata['version'] === 'number' ? recorded.metadata['version'] : 1;
    const current = currentVersion(definition);
    if (written > current) throw new NewerEvent(recorded, written);
    const kept = forRows ? definition.keptSealed : [];
    // An upcast works on what was written, so what it may look at is opened before.
    let data = opened(recorded, written === current ? kept : [], open);
    for (let version = written; version < current; version += 1) data = definition.upcasts[version - 1]?.(data) ?? data;
    if (kept.length > 0) data = marked(data, kept, written === current ? sealedFields(recorded) : []);
    const { id, stream, position, recordedAt } = recorded;
    return { type: recorded.type as EventType, data, id, stream, position, recordedAt } as Recorded;
  };
  return {
    decode: (recorded) => decoded(recorded, false),
    decodeForRows: (recorded) => decoded(recorded, true),
    openKept: (place, kept) => (kept.startsWith(SEALED) ? open(null, place, kept.slice(1)) : kept.slice(1)),
  };
}

/** What the event itself says of its fields, so that plain text that looks sealed is no problem. */
const sealedFields = ({ metadata }: RecordedEvent, mark: 'sealed' | 'sealedLists' = 'sealed'): readonly string[] =>
  Array.isArray(metadata[mark]) ? (metadata[mark] as string[]) : [];

function opened(
  recorded: RecordedEvent,
  kept: readonly string[],
  open: (memberId: string, place: string, token: string) => string,
): Data {
  const { type, data } = recorded;
  const [texts, lists] = [sealedFields(recorded), sealedFields(recorded, 'sealedLists')];
  if (texts.length + lists.length === 0) return data;
  const contents: Record<string, unknown> = { ...data };
  const text = (field: string) => open(String(data['memberId']), `${type}.${field}`, String(data[field]));
  for (const field of texts) if (!kept.includes(field)) contents[field] = text(field);
  for (const field of lists) contents[field] = JSON.parse(text(field) || '[]');
  return contents;
}

function marked(data: Data, kept: readonly string[], stillSealed: readonly string[]): Data {
  const texts: Record<string, unknown> = { ...data };
  for (const field of kept) texts[field] = (stillSealed.includes(field) ? SEALED : PLAIN) + String(data[field] ?? '');
  return texts;
}

const describe = (error: z.ZodError) =>
  error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`).join('; ');
