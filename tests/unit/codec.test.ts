import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../../domain/event.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import {
  createCodec,
  derivedId,
  InvalidEvent,
  NewerEvent,
  type Codec,
  type Seal,
} from '../../server/event-store/codec.ts';
import type { RecordedEvent } from '../../server/event-store/event-store.ts';

const codec = createCodec();
const ID = '018f0000-0000-7000-8000-000000000001';

const commit: Extract<AlmanacEvent, { type: 'CommitObserved' }> = {
  type: 'CommitObserved',
  data: {
    memberId: 'ada',
    repositoryId: 'almanac',
    sha: 'a'.repeat(40),
    authoredAt: '2025-03-10T14:59:59Z',
    authorOffset: 540,
    committedAt: '2025-03-10T15:00:00Z',
    observedAt: '2025-03-11T00:00:00Z',
    message: '출석: "quoted" 🌱',
  },
};
const recorded = (
  type: string,
  data: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): RecordedEvent => ({
  id: ID,
  type,
  data,
  metadata,
  stream: 'commits-ada-2025-03',
  revision: 4n,
  position: 17n,
  recordedAt: 1_741_618_800_000,
});

describe('encoding', () => {
  test('writes the data, its version and the id given', () => {
    expect(codec.encode(commit, ID)).toEqual({
      id: ID,
      type: 'CommitObserved',
      data: commit.data,
      metadata: { version: 1 },
    });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a hash that is none', { sha: 'e5f7g9b' }, 'sha'],
    ['a hash in capitals', { sha: 'A'.repeat(40) }, 'sha'],
    ['an instant with an offset', { authoredAt: '2025-03-10T23:59:59+09:00' }, 'authoredAt'],
    ['an instant that does not exist', { authoredAt: '2025-02-29T00:00:00Z' }, 'authoredAt'],
    ['a day for an instant', { observedAt: '2025-03-10' }, 'observedAt'],
    ['an offset of no place on earth', { authorOffset: 1441 }, 'authorOffset'],
    ['half a minute', { authorOffset: 540.5 }, 'authorOffset'],
    ['a missing field', { message: undefined }, 'message'],
    ['null', { memberId: null }, 'memberId'],
  ])('refuses %s and names the field', (_what, change, field) => {
    const malformed = { ...commit, data: { ...commit.data, ...change } } as unknown as AlmanacEvent;
    expect(() => codec.encode(malformed, ID)).toThrow(InvalidEvent);
    expect(() => codec.encode(malformed, ID)).toThrow(new RegExp(`CommitObserved: .*${field}: `));
  });

  test('leaves out what the schema does not know', () => {
    const more = { ...commit, data: { ...commit.data, password: 'hunter2' } } as AlmanacEvent;
    expect(codec.encode(more, ID).data).toEqual(commit.data);
  });

  test('refuses a type nobody has declared', () => {
    expect(() => codec.encode({ type: 'LunchEaten', data: {} } as unknown as AlmanacEvent, ID)).toThrow(InvalidEvent);
  });
});

describe('decoding', () => {
  test('gives back what was encoded, with its place in the log', () => {
    const { type, data, metadata } = codec.encode(commit, ID);
    const { stream, position, recordedAt } = recorded(type, {});
    const event = codec.decode(recorded(type, JSON.parse(JSON.stringify(data)) as Record<string, unknown>, metadata));
    expect(event).toEqual({ ...commit, id: ID, stream, position, recordedAt });
  });
  test('a version of a newer Almanac is refused', () => {
    expect(codec.decode(recorded('CommitObserved', commit.data, { version: 1 }))).not.toBeNull();
    expect(() => codec.decode(recorded('CommitObserved', commit.data, { version: 2 }))).toThrow(NewerEvent);
  });
  test('an unknown type, written by a newer Almanac, is null', () => {
    expect(codec.decode(recorded('LunchEaten', {}))).toBeNull();
    expect(codec.decode(recorded('toString', {}))).toBeNull();
  });
});

describe('older versions', () => {
  /** Version 1 had one `name`, version 2 two names, version 3 also says in which script. */
  const Greeted = defineEvent(z.object({ given: z.string(), family: z.string(), script: z.string() }), {
    upcasts: [
      ({ name, ...rest }) => ({ ...rest, given: String(name).split(' ')[0], family: String(name).split(' ')[1] }),
      (data) => ({ ...data, script: 'Latin' }),
    ],
  });
  const versioned = createCodec(undefined, { Greeted });
  const read = (data: Record<string, unknown>, metadata?: Record<string, unknown>) =>
    versioned.decode(recorded('Greeted', data, metadata))?.data;

  test('each is read as the newest, one step at a time', () => {
    const newest = { given: 'Ada', family: 'Lovelace', script: 'Latin' };
    expect(read({ name: 'Ada Lovelace' }, { version: 1 })).toEqual(newest);
    expect(read({ given: 'Ada', family: 'Lovelace' }, { version: 2 })).toEqual(newest);
    expect(read({ ...newest, script: 'Hangul' }, { version: 3 })).toEqual({ ...newest, script: 'Hangul' });
  });
  test('an event without a version is of the first', () => {
    expect(read({ name: 'Ada Lovelace' })).toMatchObject({ family: 'Lovelace', script: 'Latin' });
  });
  test('the newest is written', () => {
    const data = { given: 'Ada', family: 'Lovelace', script: 'Latin' };
    const event = { type: 'Greeted', data } as unknown as AlmanacEvent;
    expect(versioned.encode(event, ID)).toMatchObject({ data, metadata: { version: 3 } });
  });
});

/** Whose and where it was sealed can be read off; somebody erased has nothing sealed and opens as nothing. */
const toySeal = (erased: readonly string[] = []) => {
  const asked: string[] = [];
  const seal: Seal = {
    seal(memberId, place, text) {
      asked.push(`seal ${memberId} ${place}`);
      return erased.includes(memberId) ? '' : `${memberId}|${place}|${text}`;
    },
    open(memberId, place, sealed) {
      asked.push(`open ${String(memberId)} ${place}`);
      const [whose, where, ...text] = sealed.split('|');
      const fits = (memberId ?? whose) === whose && where === place && !erased.includes(String(whose));
      return fits ? text.join('|') : '';
    },
    prepare: () => undefined,
    fingerprint: (...parts) => `print of ${parts.join(' ')}`,
  };
  return { seal, asked };
};

const Tagged = defineEvent(z.object({ memberId: z.string(), tags: z.array(z.string()), more: z.array(z.string()) }), {
  personal: ['tags'],
});
const tagged = (tags: string[]) =>
  ({ type: 'Tagged', data: { memberId: 'ada', tags, more: ['m'] } }) as unknown as AlmanacEvent;

describe('personal fields', () => {
  test('are sealed on their way in, opened on their way out; the others are not', () => {
    const { seal, asked } = toySeal();
    const sealing = createCodec(seal);
    const written = sealing.encode(commit, ID);
    expect(written.data).toEqual({ ...commit.data, message: `ada|CommitObserved.message|${commit.data.message}` });
    expect(written.metadata).toEqual({ version: 1, sealed: ['message'] });
    expect(sealing.decode(recorded(written.type, written.data, written.metadata))?.data).toEqual(commit.data);
    expect(asked).toEqual(['seal ada CommitObserved.message', 'open ada CommitObserved.message']);
  });
  test('of an event written before there was a seal are read as they are, even where they look sealed', () => {
    const sealing = createCodec(toySeal().seal);
    const old = { ...commit.data, message: 'ada|CommitObserved.message|gotcha' };
    expect(sealing.decode(recorded('CommitObserved', old, { version: 1 }))?.data).toEqual(old);
    expect(sealing.openKept('CommitObserved.message', keptOf(sealing, old, { version: 1 }))).toBe(old.message);
  });
  test('of an event about nobody cannot be declared: nobody has the key', () => {
    const schema = z.object({ song: z.string() });
    type Options = NonNullable<Parameters<typeof defineEvent<typeof schema>>[1]>;
    expectTypeOf<Options['personal']>().toEqualTypeOf<readonly never[] | undefined>();
    const declare = (shape: z.ZodRawShape, options: object) => () => defineEvent(z.object(shape), options);
    const { song } = schema.shape;
    expect(declare({ song }, { personal: ['song'] })).toThrow(/song .*memberId/);
    expect(declare({ song, memberId: z.string().nullable() }, { personal: ['song'] })).toThrow(/memberId/);
    expect(declare({ song, memberId: z.string().optional() }, { personal: ['song'] })).toThrow(/memberId/);
    expect(declare({ song, memberId: z.string() }, { keptSealed: ['song'] })).toThrow(/song .*personal/);
    expect(declare({ song, memberId: z.uuid() }, { personal: ['song'], keptSealed: ['song'] })).not.toThrow();
    expect(declare({ song }, {})).not.toThrow();
  });
  test('that are lists of texts are sealed whole, and opened as they were', () => {
    const { seal, asked } = toySeal();
    const sealing = createCodec(seal, { Tagged });
    for (const tags of [['출석', 'a "b"'], [''], ['ada|Tagged.tags|["x"]']]) {
      const written = sealing.encode(tagged(tags), ID);
      expect(written.data).toEqual({ memberId: 'ada', tags: `ada|Tagged.tags|${JSON.stringify(tags)}`, more: ['m'] });
      expect(written.metadata).toEqual({ version: 1, sealedLists: ['tags'] });
      const read = recorded('Tagged', written.data, written.metadata);
      expect(sealing.decode(read)?.data).toEqual({ memberId: 'ada', tags, more: ['m'] });
      expect(sealing.decodeForRows(read)?.data).toEqual({ memberId: 'ada', tags, more: ['m'] });
    }
    asked.length = 0;
    expect(sealing.encode(tagged([]), ID)).toMatchObject({ data: { tags: [] }, metadata: { version: 1 } });
    expect(asked).toEqual([]);
  });
  test('that are lists are empty once their member is erased, and where they do not open', () => {
    const { data, metadata } = createCodec(toySeal().seal, { Tagged }).encode(tagged(['x']), ID);
    const later = createCodec(toySeal(['ada']).seal, { Tagged });
    expect(later.decode(recorded('Tagged', data, metadata))?.data).toMatchObject({ tags: [], more: ['m'] });
    const written = later.encode(tagged(['x']), ID);
    expect(written).toMatchObject({ data: { tags: [] }, metadata: { version: 1 } });
    expect(later.decode(recorded('Tagged', written.data, written.metadata))?.data).toMatchObject({ tags: [] });
  });
  test('that are empty, or not there, are neither sealed nor missed', () => {
    const Noted = defineEvent(
      z.object({ memberId: z.string(), a: z.string(), b: z.string().optional(), c: z.string().nullable() }),
      { personal: ['a', 'b', 'c'] },
    );
    const { seal, asked } = toySeal();
    const sealing = createCodec(seal, { Noted });
    const data = { memberId: 'ada', a: '', c: null };
    const written = sealing.encode({ type: 'Noted', data } as unknown as AlmanacEvent, ID);
    expect(written).toMatchObject({ data, metadata: { version: 1 } });
    expect(sealing.decode(recorded('Noted', written.data, written.metadata))?.data).toEqual(data);
    expect(asked).toEqual([]);
  });
  test('what is malformed is refused before it is sealed', () => {
    const { seal, asked } = toySeal();
    const malformed = { ...commit, data: { ...commit.data, sha: 'x' } } as AlmanacEvent;
    expect(() => createCodec(seal).encode(malformed, ID)).toThrow(InvalidEvent);
    expect(asked).toEqual([]);
  });
  test('are opened before an upcast looks at them', () => {
    const Greeted = { name: z.string(), memberId: z.string() };
    const first = createCodec(toySeal().seal, { Greeted: defineEvent(z.object(Greeted), { personal: ['name'] }) });
    const event = { type: 'Greeted', data: { memberId: 'ada', name: 'Ada Lovelace' } } as unknown as AlmanacEvent;
    const { data, metadata } = first.encode(event, ID);
    const given = z.object({ memberId: z.string(), given: z.string() });
    const second = createCodec(toySeal().seal, {
      Greeted: defineEvent(given, {
        personal: ['given'],
        keptSealed: ['given'],
        upcasts: [({ name, ...rest }) => ({ ...rest, given: String(name).split(' ')[0] })],
      }),
    });
    expect(second.decode(recorded('Greeted', data, metadata))?.data).toEqual({ memberId: 'ada', given: 'Ada' });
    const kept = second.decodeForRows(recorded('Greeted', data, metadata))?.data as { given: string } | undefined;
    expect(second.openKept('Greeted.given', kept?.given ?? '')).toBe('Ada');
  });
  test('of somebody erased are empty, in what is read and in what is still written', () => {
    const { data, metadata } = createCodec(toySeal().seal).encode(commit, ID);
    const later = createCodec(toySeal(['ada']).seal);
    expect(later.decode(recorded('CommitObserved', data, metadata))?.data).toEqual({ ...commit.data, message: '' });
    expect(later.encode(commit, ID).data).toEqual({ ...commit.data, message: '' });
  });
});

const keptOf = (codec: Codec, data: Record<string, unknown>, metadata: Record<string, unknown>) =>
  (codec.decodeForRows(recorded('CommitObserved', data, metadata))?.data as { message: string } | undefined)?.message ??
  '';

describe('fields kept sealed', () => {
  const place = 'CommitObserved.message';
  test('are not opened for rows, but by whoever asks for one', () => {
    const { seal, asked } = toySeal();
    const sealing = createCodec(seal);
    const { data, metadata } = sealing.encode(commit, ID);
    asked.length = 0;
    const kept = keptOf(sealing, data, metadata);
    expect(asked).toEqual([]);
    expect(sealing.openKept(place, kept)).toBe(commit.data.message);
    expect(createCodec(toySeal(['ada']).seal).openKept(place, kept)).toBe('');
  });
  test.each(['', '=', '~', '~ada|CommitObserved.message|x', '출석'])('tell plain text from sealed: %j', (message) => {
    const sealing = createCodec(toySeal().seal);
    const data = { ...commit.data, message };
    expect(sealing.openKept(place, keptOf(sealing, data, {}))).toBe(message);
    const written = sealing.encode({ ...commit, data }, ID);
    expect(sealing.openKept(place, keptOf(sealing, written.data, written.metadata))).toBe(message);
  });
  test('are only those declared: others are opened for rows as well', () => {
    const sealing = createCodec(toySeal().seal);
    const event: AlmanacEvent = { type: 'MemberRenamed', data: { memberId: 'ada', name: 'Ada' } };
    const { data, metadata } = sealing.encode(event, ID);
    expect(data['name']).not.toBe('Ada');
    expect(sealing.decodeForRows(recorded('MemberRenamed', data, metadata))?.data).toEqual(event.data);
  });
});

describe('fingerprints', () => {
  test('are the seal’s; without one they are derived ids', () => {
    expect(createCodec(toySeal().seal).fingerprint('a', 'b')).toBe('print of a b');
    expect(createCodec().fingerprint('a', 'b')).toBe(derivedId('a', 'b'));
  });
});

describe('derived ids', () => {
  test('are the same everywhere and for ever', () => {
    expect(derivedId('commit', 'a'.repeat(40))).toBe('c728da6d-43ab-5e15-a352-a29046a13f0a');
  });
  test('tell apart parts that read the same when joined', () => {
    expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c'));
    expect(derivedId('a', '')).not.toBe(derivedId('a'));
    expect(derivedId('a"', 'b')).not.toBe(derivedId('a', '"b'));
  });
});
