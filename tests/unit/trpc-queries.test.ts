import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { describe, expect, test } from 'vitest';
import { answerQueries } from '../../server/api/trpc-queries.ts';
import { NOBODY } from '../../server/identity/caller.ts';
import { toyRouter, toyServices } from '../support/toy-api.ts';

const context = { services: toyServices(), requestId: 'a-request', caller: NOBODY };
const ours = (path: string, init: RequestInit = {}) =>
  answerQueries(toyRouter, new Request(`http://localhost/trpc/${path}`, init), context, {
    batchLimit: 3,
    onError: () => undefined,
  });
const theirs = (path: string) =>
  fetchRequestHandler({
    endpoint: '/trpc',
    req: new Request(`http://localhost/trpc/${path}`),
    router: toyRouter,
    createContext: () => context,
  });
const seen = async (response: Response | null) => ({
  status: response?.status,
  type: response?.headers.get('content-type'),
  body: (await response?.json()) as unknown,
});
const input = (value: unknown) => `input=${encodeURIComponent(JSON.stringify(value))}`;

describe('answers exactly as tRPC does', () => {
  test.each([
    ['a query without input', 'plants.latest'],
    ['a query with input', `plants.one?${input({ name: '소나무' })}`],
    ['an empty input', 'plants.latest?input='],
    ['a batch of one', `plants.one?batch=1&${input({ 0: { name: '소나무' } })}`],
    ['a batch of three', `plants.latest,plants.one,plants.list?batch=1&${input({ 1: { name: '소나무' }, 2: {} })}`],
    ['a batch without input', 'plants.latest,plants.latest?batch=1'],
    ['an input at fault', `plants.list?${input({ limit: 0 })}`],
    ['an input that is missing', 'plants.one'],
    ['an inherited name as the input', `plants.one?batch=1&${input({ length: 1 })}`],
    ['what does not exist', `plants.one?${input({ name: 'oak' })}`],
    ['a crash', 'faults.crash'],
    ['an answer that breaks its schema', 'faults.lies'],
    ['a batch of which one fails', 'plants.latest,faults.away?batch=1'],
    ['a batch of which all fail alike', 'faults.away,faults.away?batch=1'],
    ['an encoded comma', 'plants.latest%2Cplants.latest?batch=1'],
  ])('%s', async (_what, path) => {
    const answer = await seen(await ours(path));
    expect(answer).toEqual(await seen(await theirs(path)));
    expect(answer.status).toBeTypeOf('number');
  });
});

describe('leaves to tRPC', () => {
  test.each<[string, string, RequestInit]>([
    ['what is not a query', 'plants.add', {}],
    ['a batch with one', 'plants.latest,plants.add?batch=1', {}],
    ['what does not exist', 'plants.nothing', {}],
    ['names every object has', 'toString', {}],
    ['a batch that is too large', 'plants.latest,plants.latest,plants.latest,plants.latest?batch=1', {}],
    ['input that is no JSON', 'plants.one?input=%7B', {}],
    ['a batch whose input is no object', 'plants.latest?batch=1&input=1', {}],
    ['a path that cannot be decoded', 'plants.%E0%A4', {}],
    ['parameters of a connection', 'plants.latest?connectionParams=%7B%7D', {}],
    ['a streamed batch', 'plants.latest?batch=1', { headers: { 'trpc-accept': 'application/jsonl' } }],
    ['server-sent events', 'ticks', { headers: { accept: 'text/event-stream' } }],
    ['POST', 'plants.latest', { method: 'POST' }],
  ])('%s', async (_what, path, init) => {
    expect(await ours(path, init)).toBeNull();
  });
});
