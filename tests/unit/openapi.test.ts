import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as beside from '../../server/api/openapi-routes.ts';
import { openApiDocument } from '../../server/api/openapi.ts';
import { operationsOf } from '../../server/api/operations.ts';
import { appRouter } from '../../server/api/router.ts';
import { answers, openProcedure, router } from '../../server/api/trpc.ts';
import { faultsOf } from '../support/openapi-rules.ts';
import { toyRouter } from '../support/toy-api.ts';

type Document = { paths: Record<string, Record<string, Record<string, never>>>; components: Record<string, never> };
const handle = () => new Response();
/** The operations of routes that are no procedures, each at a path of its own. */
const routes = Object.values(beside).map((operation, index) => {
  const parameters = (operation['parameters'] ?? []) as { name: string; in: string }[];
  const path = ['', `route-${index}`, ...parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)];
  return { method: 'GET' as const, path: path.join('/'), permission: 'account' as const, operation, handle };
});
const documentOf = (of: Parameters<typeof operationsOf>[0]) =>
  openApiDocument(operationsOf(of), {
    version: '1.2.3',
    ...(of === appRouter && { routes }),
  }) as unknown as Document;
const toy = documentOf(toyRouter);

const place = { method: 'GET', path: '/api/things/{id}', summary: 'Things', tags: ['things'] } as const;
const described = { description: 'Things.', rest: place };
const output = answers(z.object({ id: z.string() }));
const withId = z.object({ id: z.string() });

describe('the document', () => {
  test.each([
    ['the toy API', toy],
    ['the API of Almanac', documentOf(appRouter)],
  ])('of %s keeps the rules of OpenAPI 3.1', (_name, document) => {
    expect(faultsOf(document)).toEqual([]);
  });

  test('gives what the path, query and body carry', () => {
    const add = toy.paths['/api/plants']?.['post'];
    expect(add).toMatchObject({
      operationId: 'plantsAdd',
      parameters: [{ name: 'dry', in: 'query', required: false, schema: { type: 'boolean' } }],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: { type: 'object', required: ['name', 'height'], additionalProperties: false },
          },
        },
      },
    });
    expect(JSON.stringify(add?.['requestBody'])).not.toContain('dry');
    expect(toy.paths['/api/plants/{name}']?.['get']?.['parameters']).toEqual([
      { name: 'name', in: 'path', required: true, schema: { type: 'string', maxLength: 20 } },
    ]);
  });

  test('names every status an operation answers with', () => {
    const statuses = (path: string, method: string) => Object.keys(toy.paths[path]?.[method]?.['responses'] ?? {});
    expect(statuses('/api/plants', 'post')).toEqual(['201', '400', '409', '413', '415', '500', '503']);
    expect(statuses('/api/plants/{name}', 'get')).toEqual(['200', '304', '400', '404', '500', '503']);
    expect(statuses('/api/plants/{name}', 'put')).toEqual(['200', '400', '401', '403', '413', '415', '500', '503']);
    expect(statuses('/health', 'get')).toEqual(['200', '503']);
  });

  test('asks for credentials where the caller must be somebody, and only there', () => {
    expect(toy.paths['/api/plants/{name}']?.['delete']?.['security']).toEqual([{ bearer: [] }, { session: [] }]);
    expect(toy.paths['/api/plants/{name}']?.['get']).not.toHaveProperty('security');
  });

  test('keeps a schema with a name in one place', () => {
    expect(toy.components['schemas']).toMatchObject({
      Plant: { type: 'object', description: 'Something that grows.' },
    });
    expect(JSON.stringify(toy.paths['/api/plants/latest'])).toContain('{"$ref":"#/components/schemas/Plant"}');
  });
});

describe('a place that cannot be served is refused at start', () => {
  test.each([
    [
      'a path parameter the input does not have',
      openProcedure
        .meta(described)
        .output(output)
        .query(() => ({ id: '' })),
    ],
    [
      'a path parameter that may be missing',
      openProcedure
        .meta(described)
        .input(withId.partial())
        .output(output)
        .query(() => ({ id: '' })),
    ],
    [
      'an output without a schema',
      openProcedure
        .meta(described)
        .input(withId)
        .query(() => ({ id: '' })),
    ],
    [
      'a mutation by GET',
      openProcedure
        .meta(described)
        .input(withId)
        .output(output)
        .mutation(() => ({ id: '' })),
    ],
    [
      'two inputs',
      openProcedure
        .meta(described)
        .input(withId)
        .input(z.object({ a: z.string() }))
        .output(output)
        .query(() => ({ id: '' })),
    ],
  ])('%s', (_what, procedure) => {
    expect(() => operationsOf(router({ thing: procedure }))).toThrow(/"thing" cannot stand at \/api\/things\/\{id\}/);
  });

  test('two schemas of one name', () => {
    const named = (shape: z.ZodRawShape) => answers(z.object({ part: z.object(shape).meta({ id: 'Part' }) }));
    const of = (path: string, shape: z.ZodRawShape) =>
      openProcedure
        .meta({ description: '', rest: { ...place, path } })
        .output(named(shape))
        .query(() => ({ part: {} }));
    const twice = router({ a: of('/api/a', { x: z.string() }), b: of('/api/b', { y: z.string() }) });
    expect(() => documentOf(twice)).toThrow('Two different schemas are called Part');
  });

  test('a recursive schema without a name', () => {
    type Tree = { branches: Tree[] };
    const tree: z.ZodType<Tree> = z.lazy(() => z.object({ branches: z.array(tree) }));
    const grown = openProcedure
      .meta({ description: '', rest: { ...place, path: '/api/tree' } })
      .output(answers(tree))
      .query(() => ({ branches: [] }));
    expect(() => documentOf(router({ grown }))).toThrow('needs a name');
  });
});

describe('the rules themselves find', () => {
  const broken = (change: (document: Document) => void) => {
    const document = structuredClone(toy);
    change(document);
    return faultsOf(document).join('\n');
  };
  const list = (document: Document) => document.paths['/api/plants']?.['get'] as unknown as Record<string, unknown>;

  test.each<[string, (document: Document) => void, RegExp]>([
    [
      'a reference that leads nowhere',
      (d) => delete d.components['schemas'],
      /#\/components\/schemas\/Plant .*nowhere/,
    ],
    ['two operations of one name', (d) => (list(d)['operationId'] = 'plantsAdd'), /plantsAdd .*twice/],
    ['an operation without answers', (d) => (list(d)['responses'] = {}), /responses/],
    ['an undeclared path parameter', (d) => (d.paths['/api/x/{y}'] = d.paths['/api/plants'] ?? {}), /\{y\}/],
    ['an unknown type', (d) => (list(d)['parameters'] = [{ name: 'a', in: 'query', schema: { type: 'int' } }]), /int/],
    ['a scheme nobody declares', (d) => (list(d)['security'] = [{ cookie: [] }]), /cookie/],
    [
      'a keyword of another dialect',
      (d) => (list(d)['parameters'] = [{ name: 'a', in: 'query', schema: { nullable: true } }]),
      /nullable/,
    ],
    ['a tag nobody declares', (d) => (list(d)['tags'] = ['weeds']), /weeds/],
  ])('%s', (_what, change, found) => {
    expect(broken(change)).toMatch(found);
  });
});
