import { STATUS_CODES } from 'node:http';
import { ACCESS_COOKIE } from '../identity/cookies.ts';
import type { Permission } from '../identity/permissions.ts';
import type { HttpRoute } from './http-route.ts';
import type { JsonSchema, Operation } from './operations.ts';

/** A JSON object of the document; its form is checked by the tests, not by types. */
type Json = { [key: string]: unknown };

export type OpenApiInfo = {
  readonly version: string;
  readonly serverUrl?: string;
  readonly routes?: readonly HttpRoute[];
};

/** What the operations cannot say of themselves, by tag. */
const TAGS: Readonly<Record<string, string>> = {
  attendance: 'The attendance book of a challenge: who committed on which day.',
  commits: 'Commits as facts, each counted once.',
  auth: 'Signing in, and whose credentials these are.',
  service: 'The service itself.',
  users: 'Who takes part, and who may come in.',
};

const ERROR_SCHEMA: Json = {
  type: 'object',
  description: 'Every error of the API.',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', examples: ['BAD_REQUEST', 'NOT_FOUND'] },
        message: { type: 'string', description: 'For people.' },
        issues: {
          type: 'array',
          description: 'The fields at fault, where fields are.',
          items: {
            type: 'object',
            required: ['path', 'message'],
            properties: {
              path: {
                type: 'string',
                description: 'Dotted; empty for the input as a whole.',
                examples: ['users.0.name'],
              },
              message: { type: 'string' },
            },
          },
        },
      },
    },
  },
};

const SECURITY_SCHEMES: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key (`almanac_…`), the access token of a session, or the API_AUTH_TOKEN.',
  },
  session: { type: 'apiKey', in: 'cookie', name: ACCESS_COOKIE, description: "A session of the browser's." },
};

const HEALTH_SCHEMA: Json = {
  type: 'object',
  required: ['status', 'timestamp', 'version', 'startedAt'],
  properties: {
    status: { const: 'ok' },
    timestamp: { type: 'string', format: 'date-time' },
    version: { type: 'string' },
    startedAt: { type: 'string', format: 'date-time' },
    instance: { type: 'string', description: 'Names this run of the server.' },
  },
};

/**
 * The OpenAPI 3.1 document of the REST API, from the very schemas that check its requests.
 * @throws {TypeError} when two operations or two schemas share a name
 */
export function openApiDocument(
  operations: readonly Operation[],
  { version, serverUrl = '/', routes = [] }: OpenApiInfo,
): Json {
  const schemas = new Components();
  schemas.add('Error', ERROR_SCHEMA);
  schemas.add('Health', HEALTH_SCHEMA);
  const paths: Record<string, Record<string, Json>> = { '/health': { get: healthOperation() } };
  for (const { path, method, permission, operation } of routes)
    (paths[path] ??= {})[method.toLowerCase()] = { ...operation, ...securityOf(permission) };
  const ids = new Set<string>(['health']);
  for (const operation of operations) {
    const id = operationId(operation.procedure);
    if (ids.has(id)) throw new TypeError(`Two operations would be called ${id} in the OpenAPI document.`);
    ids.add(id);
    const { path, method } = operation.place;
    (paths[path] ??= {})[method.toLowerCase()] = { operationId: id, ...describe(operation, schemas) };
  }
  const tags = [...new Set(Object.values(paths).flatMap((item) => Object.values(item).flatMap(tagsOf)))];
  return {
    openapi: '3.1.1',
    info: {
      title: 'Almanac',
      version,
      summary: "A developer's work journal that writes itself from evidence.",
      description:
        'Days are local days of the challenge (`YYYY-MM-DD`), instants ISO 8601 in UTC, rates whole percents. ' +
        'Every answer carries `X-Request-Id`, which leads to it in the log.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl, description: 'This server' }],
    tags: tags.toSorted().map((name) => ({ name, ...(TAGS[name] && { description: TAGS[name] }) })),
    security: [],
    paths,
    components: {
      schemas: schemas.all(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const securityOf = (permission: Permission): Json =>
  permission === 'anyone' ? {} : { security: [{ bearer: [] }, { session: [] }] };

/** `attendance.statsOfDay` → `attendanceStatsOfDay`: a name generated clients can use as a function's. */
const operationId = (procedure: string) =>
  procedure.replaceAll(/\.(\w)/g, (_dot, letter: string) => letter.toUpperCase());

const tagsOf = (operation: Json) => operation['tags'] as string[];

function describe(operation: Operation, schemas: Components): Json {
  const { place, description } = operation;
  const body = bodyOf(operation, schemas);
  return {
    summary: place.summary,
    description,
    tags: [...place.tags],
    parameters: parametersOf(operation, schemas),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation, schemas),
    ...securityOf(operation.permission),
  };
}

function parametersOf({ input, fields }: Operation, schemas: Components): Json[] {
  return [...fields].flatMap(([name, where]) => {
    if (where === 'body' || !input) return [];
    const { description, deprecated, ...schema } = schemas.hoist(input.properties?.[name], input);
    return {
      name,
      in: where,
      required: where === 'path' || (input.required?.includes(name) ?? false),
      ...(description !== undefined && { description }),
      ...(deprecated !== undefined && { deprecated }),
      schema,
    };
  });
}

/** The body is the input without what travels in path and query. */
function bodyOf({ input, fields }: Operation, schemas: Components): Json | null {
  const names = [...fields].flatMap(([name, where]) => (where === 'body' ? [name] : []));
  if (!input || names.length === 0) return null;
  const whole = names.length === fields.size;
  const required = input.required?.filter((name) => names.includes(name)) ?? [];
  const properties = Object.fromEntries(names.map((name) => [name, input.properties?.[name] ?? {}]));
  const { properties: _all, required: _those, ...rest } = input;
  const part = { ...rest, properties, ...(required.length > 0 && { required }) };
  const schema = schemas.hoist(whole ? input : part, input);
  return { required: required.length > 0, content: { 'application/json': { schema } } };
}

function responsesOf(operation: Operation, schemas: Components): Json {
  const { place, output, input, type, permission } = operation;
  const status = place.status ?? 200;
  const done: Json = {
    description: STATUS_CODES[status] ?? 'Done',
    content: { 'application/json': { schema: schemas.hoist(output, output) } },
  };
  const hasBody = [...operation.fields.values()].includes('body');
  const errors = new Set<number>([...(place.errors ?? []), 500, 503]);
  if (input) errors.add(400);
  if (permission !== 'anyone') errors.add(401).add(403);
  if (hasBody) errors.add(413).add(415);
  return {
    [status]: done,
    ...(type === 'query' && { 304: { description: 'Not changed since the ETag in If-None-Match' } }),
    ...Object.fromEntries([...errors].toSorted((a, b) => a - b).map((code) => [code, errorResponse(code)])),
  };
}

const errorResponse = (status: number): Json => ({
  description: STATUS_CODES[status] ?? 'Error',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
});

const healthOperation = (): Json => ({
  operationId: 'health',
  summary: 'Health',
  description: 'Whether the event store answers.',
  tags: ['service'],
  responses: {
    200: {
      description: 'OK',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Health' } } },
    },
    503: errorResponse(503),
  },
});

/** Schemas with a name, gathered in `components`. zod leaves each in the `$defs` of every schema that uses it. */
class Components {
  readonly #schemas = new Map<string, Json>();

  /** @throws {TypeError} when the name stands for another schema already */
  add(name: string, schema: Json): void {
    const known = this.#schemas.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new TypeError(`Two different schemas are called ${name} in the OpenAPI document.`);
    }
    this.#schemas.set(name, schema);
  }

  /** A schema as it stands in the document: what has a name is moved to `components`, and referred to there. */
  hoist(schema: JsonSchema | boolean | undefined, root: JsonSchema): Json {
    for (const [name, definition] of Object.entries(root.$defs ?? {})) {
      this.add(name, relocate(definition) as Json);
    }
    if (typeof schema !== 'object') return {};
    const { $defs: _moved, $schema: _dialect, ...rest } = schema;
    return relocate(rest) as Json;
  }

  all(): Json {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/**
 * References of zod's (`#/$defs/…`) point into components.
 * @throws {TypeError} for a recursive schema without a name, whose reference leads nowhere here
 */
function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, key === '$ref' ? target(inner) : relocate(inner)]);
  return Object.fromEntries(entries);
}

function target(reference: unknown): string {
  if (typeof reference === 'string' && reference.startsWith('#/$defs/')) {
    return reference.replace('#/$defs/', '#/components/schemas/');
  }
  throw new TypeError('A recursive schema of the REST API needs a name: .meta({ id }).');
}
