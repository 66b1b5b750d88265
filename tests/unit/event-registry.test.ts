import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../../domain/event.ts';
import { eventRegistry, type AlmanacEvent } from '../../domain/event-registry.ts';
import { createCodec, InvalidEvent, type Definitions } from '../../server/event-store/codec.ts';
import golden from './event-versions.golden.json' with { type: 'json' };

type Data = Readonly<Record<string, unknown>>;
/** Type → version → examples of what was written. Examples are added for ever, never changed and never removed. */
type Golden = Readonly<Record<string, Readonly<Record<string, readonly Data[]>>>>;

/** Why the registry could not read, or would write otherwise, what the golden file says was written; empty when all is well. */
function faults(definitions: Definitions, written: Golden): string[] {
  const codec = createCodec(undefined, definitions);
  return [...new Set([...Object.keys(definitions), ...Object.keys(written)])].flatMap((type) => {
    const definition = definitions[type];
    if (!definition) return [`${type} was written once and is unknown now: keep its definition.`];
    const current = definition.upcasts.length + 1;
    const versions = written[type] ?? {};
    const expected = Array.from({ length: current }, (_, index) => String(index + 1));
    return [
      ...expected
        .filter((version) => !versions[version]?.length)
        .map((version) => `${type} has no example of version ${version}.`),
      ...Object.keys(versions)
        .filter((version) => !expected.includes(version))
        .map((version) => `${type} was written in version ${version}; the newest known is ${current}.`),
      ...Object.entries(versions).flatMap(([version, examples]) =>
        examples.flatMap((data) => faultOf(codec, type, Number(version), current, data)),
      ),
    ];
  });
}

function faultOf(
  codec: ReturnType<typeof createCodec>,
  type: string,
  version: number,
  current: number,
  data: Data,
): string[] {
  const place = { id: 'x', stream: 's', revision: 0n, position: 0n, recordedAt: 0 };
  if (version > current) return []; // said above already
  const read = codec.decode({ ...place, type, data, metadata: { version } })?.data;
  try {
    const again = codec.encode({ type, data: read } as unknown as AlmanacEvent, 'x').data;
    const same = JSON.stringify(again) === JSON.stringify(version === current ? data : again);
    return same ? [] : [`${type} of version ${version} would be written otherwise: raise its version by an upcast.`];
  } catch (error) {
    if (error instanceof InvalidEvent) return [`Version ${version} of ${error.message}`];
    throw error;
  }
}

test('every version of every event ever written can be read', () => {
  expect(faults(eventRegistry, golden)).toEqual([]);
});

describe('the golden file notices', () => {
  const Planted = defineEvent(z.object({ tree: z.string() }));
  const written: Golden = { Planted: { '1': [{ tree: 'oak' }] } };

  test('nothing, when nothing has changed', () => expect(faults({ Planted }, written)).toEqual([]));
  test('a type without an example', () => {
    expect(faults({ Planted, Felled: Planted }, written)).toEqual(['Felled has no example of version 1.']);
    expect(faults({ Planted }, { Planted: { '1': [] } })).toEqual(['Planted has no example of version 1.']);
  });
  test('a type that was given up', () => {
    expect(faults({}, written)).toEqual(['Planted was written once and is unknown now: keep its definition.']);
  });
  test('a version without an example', () => {
    const upcast = defineEvent(z.object({ tree: z.string(), height: z.number() }), {
      upcasts: [(data) => ({ ...data, height: 0 })],
    });
    expect(faults({ Planted: upcast }, written)).toEqual(['Planted has no example of version 2.']);
    const both: Golden = { Planted: { ...written['Planted'], '2': [{ tree: 'oak', height: 3 }] } };
    expect(faults({ Planted: upcast }, both)).toEqual([]);
    expect(faults({ Planted }, both)).toContain('Planted was written in version 2; the newest known is 1.');
  });
  test('an old example that the newest schema does not take', () => {
    const stricter = defineEvent(z.object({ tree: z.enum(['elm']) }));
    expect(faults({ Planted: stricter }, written)).toEqual([expect.stringMatching(/^Version 1 of Planted: tree: /)]);
    const forgetful = defineEvent(z.object({ tree: z.string(), height: z.number() }), { upcasts: [(data) => data] });
    const both: Golden = { Planted: { ...written['Planted'], '2': [{ tree: 'oak', height: 3 }] } };
    expect(faults({ Planted: forgetful }, both)).toEqual([expect.stringMatching(/^Version 1 of Planted: height: /)]);
  });
  test('a field that was renamed or dropped without a new version', () => {
    const renamed = defineEvent(z.object({ species: z.string().default('?') }));
    expect(faults({ Planted: renamed }, written)).toEqual([
      'Planted of version 1 would be written otherwise: raise its version by an upcast.',
    ]);
  });
});

describe('the registry', () => {
  const folder = new URL('../../domain/', import.meta.url);

  test('has every event that a domain module declares', async () => {
    const declared: string[] = [];
    for (const file of readdirSync(folder)) {
      const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
      for (const [name, table] of Object.entries(module))
        if (name.endsWith('Events') && typeof table === 'object' && table !== null)
          declared.push(...Object.keys(table));
    }
    expect(declared.length).toBeGreaterThan(15);
    expect(declared.toSorted()).toEqual(Object.keys(eventRegistry).toSorted());
  });

  test('speaks in the past tense, and of personal fields that exist', () => {
    for (const [type, { schema, personal }] of Object.entries(eventRegistry)) {
      expect(type).toMatch(/^([A-Z][a-z]+)+$/);
      expect(type).toMatch(/(ed|Left|Withdrawn|Sent|Given|Set)$/);
      for (const field of personal) expect(Object.keys(schema.shape), type).toContain(field);
    }
  });
});
