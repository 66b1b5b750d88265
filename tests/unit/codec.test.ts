import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../../domain/event.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { createCodec, derivedId, InvalidEvent, NewerEvent, type Seal } from '../../server/event-store/codec.ts';
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
    personal: ['given'],
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

describe('personal fields', () => {
  const reversed = (text: unknown) => [...String(text)].toReversed().join('');
  const asked: { type: string; fields: readonly string[] }[] = [];
  const turn: Seal['seal'] = (type, data, fields) => {
    asked.push({ type, fields });
    return { ...data, ...Object.fromEntries(fields.map((field) => [field, reversed(data[field])])) };
  };
  const sealing = createCodec({ seal: turn, open: turn });

  test('pass through the seal on their way in and out; the others do not', () => {
    const written = sealing.encode(commit, ID);
    expect(written.data).toEqual({ ...commit.data, message: reversed(commit.data.message) });
    expect(sealing.decode(recorded(written.type, written.data, written.metadata))?.data).toEqual(commit.data);
    expect(asked).toEqual([
      { type: 'CommitObserved', fields: ['message'] },
      { type: 'CommitObserved', fields: ['message'] },
    ]);
  });
  test('what is malformed is refused before it is sealed', () => {
    asked.length = 0;
    const malformed = { ...commit, data: { ...commit.data, sha: 'x' } } as AlmanacEvent;
    expect(() => sealing.encode(malformed, ID)).toThrow(InvalidEvent);
    expect(asked).toEqual([]);
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
