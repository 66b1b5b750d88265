import type { AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import type { Permission } from '../identity/permissions.ts';
import type { Answers, Meta, RestPlace } from './trpc.ts';

/** JSON Schema 2020-12 as zod writes it. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Where a field of the input travels in a request. */
type FieldPlace = 'path' | 'query' | 'body';

/** A procedure that has a place in the REST API, with its schemas as the document shows and the adapter reads them. */
export type Operation = {
  /** The procedure's path in the router, `attendance.stats`. */
  readonly procedure: string;
  readonly type: 'query' | 'mutation';
  readonly description: string;
  readonly permission: Permission;
  readonly place: RestPlace;
  /** Null when it takes no input. */
  readonly input: JsonSchema | null;
  readonly output: JsonSchema;
  readonly fields: ReadonlyMap<string, FieldPlace>;
};

/** What tRPC keeps of a procedure; its public types leave out the schemas. */
type Definition = {
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly meta?: Meta;
  readonly inputs: readonly z.ZodType[];
  readonly output?: Answers;
};

/**
 * The REST operations of a router.
 * @throws {TypeError} naming the procedure whose place in the REST API cannot be served as declared
 */
export function operationsOf(router: AnyTRPCRouter): Operation[] {
  return Object.entries(router._def.procedures).flatMap(([procedure, built]) => {
    const definition = (built as { _def: Definition })._def;
    const place = definition.meta?.rest;
    return place ? [operationOf(procedure, definition, place)] : [];
  });
}

/** What every procedure asks of its caller, by its path. @throws {TypeError} naming one that does not say: nobody is to be let in by oversight */
export const permissionsOf = (router: AnyTRPCRouter): Map<string, Permission> =>
  new Map(
    Object.entries(router._def.procedures).map(([procedure, built]) => [
      procedure,
      permissionOf(procedure, (built as { _def: Definition })._def.meta),
    ]),
  );

function permissionOf(procedure: string, meta: Meta | undefined): Permission {
  if (meta?.permission) return meta.permission;
  throw new TypeError(`The procedure "${procedure}" does not say who may call it.`);
}

function operationOf(procedure: string, definition: Definition, place: RestPlace): Operation {
  const wrong = (what: string) => new TypeError(`The procedure "${procedure}" cannot stand at ${place.path}: ${what}.`);
  if (definition.type === 'subscription') throw wrong('REST has no subscriptions');
  if ((definition.type === 'query') !== (place.method === 'GET')) throw wrong('queries are GET, and only they are');
  if (definition.inputs.length > 1) throw wrong('it has more than one input schema');
  if (!definition.output?.answer) throw wrong('its output is not declared with answers(schema)');
  const [schema] = definition.inputs;
  const input = schema ? opened(jsonSchemaOf(schema, 'input')) : null;
  const fields = placeFields(place, input);
  for (const [name, where] of fields) {
    if (where === 'path' && !input?.required?.includes(name)) throw wrong(`its input does not require "${name}"`);
  }
  return {
    procedure,
    type: definition.type,
    description: definition.meta?.description ?? '',
    permission: permissionOf(procedure, definition.meta),
    place,
    input,
    output: jsonSchemaOf(definition.output.answer, 'output'),
    fields,
  };
}

/** Parameters of the path, then what the place says travels in the query, then the rest by the method. */
function placeFields(place: RestPlace, input: JsonSchema | null): Map<string, FieldPlace> {
  const rest: FieldPlace = place.method === 'GET' || place.method === 'DELETE' ? 'query' : 'body';
  const fields = new Map<string, FieldPlace>();
  for (const [, name = ''] of place.path.matchAll(/\{([^}]+)\}/g)) fields.set(name, 'path');
  for (const name of Object.keys(input?.properties ?? {})) {
    if (!fields.has(name)) fields.set(name, place.query?.includes(name) ? 'query' : rest);
  }
  return fields;
}

/** What zod cannot write as JSON Schema becomes "anything": the schema still checks it, the document says less. */
function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      // A client must bear fields that a later version adds, and the same name may then stand for input and output.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // Every integer of JSON is that small.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}

/** A schema with a name is written as a reference to it; its fields are wanted here. */
function opened(schema: JsonSchema): JsonSchema {
  const named = schema.$ref && schema.$defs?.[schema.$ref.slice('#/$defs/'.length)];
  return named ? { ...named, ...(schema.$defs && { $defs: schema.$defs }) } : schema;
}
