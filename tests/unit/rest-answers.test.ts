import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { answers } from '../../server/api/trpc.ts';
import { SerialisedAnswer } from '../../server/api/serialised-answer.ts';

describe('an answer', () => {
  const { parse } = answers(z.object({ name: z.string() }));

  test('holds what its schema names and nothing else', () => {
    expect(parse({ name: 'oak', secret: 'hunter2' })).toEqual({ name: 'oak' });
  });

  test('is the same one for the same object, so that it need not be written again', () => {
    const oak = { name: 'oak' };
    expect(parse(oak)).toBe(parse(oak));
    expect(parse({ name: 'oak' })).not.toBe(parse(oak));
    expect(SerialisedAnswer.of(parse(oak))).toBe(SerialisedAnswer.of(parse(oak)));
  });

  test('that breaks its schema is never given', () => {
    const broken = { name: 1 };
    expect(() => parse(broken)).toThrow();
    expect(() => parse(broken)).toThrow();
    expect(() => parse('oak')).toThrow();
  });
});

test('what is written by itself, as a result and as a batch are parts of one another', () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const written = SerialisedAnswer.of({ 이름: '소나무' });
  expect(text(written.json)).toBe('{"이름":"소나무"}');
  expect(text(written.result)).toBe('{"result":{"data":{"이름":"소나무"}}}');
  expect(text(written.batch)).toBe('[{"result":{"data":{"이름":"소나무"}}}]');
  expect(written.etag).toBe(SerialisedAnswer.of({ 이름: '소나무' }).etag);
  expect(written.etag).not.toBe(SerialisedAnswer.of({ 이름: '참나무' }).etag);
});
