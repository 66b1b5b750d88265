/** The rules of OpenAPI 3.1 and JSON Schema 2020-12 that a generated document could break; each fault as a sentence. */

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objectAt = (value: unknown, key: string): Json => {
  const inner = isObject(value) ? value[key] : undefined;
  return isObject(inner) ? inner : {};
};
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
const PLACES = new Set(['path', 'query', 'header', 'cookie']);
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
const COMPONENT_NAME = /^[a-zA-Z0-9._-]+$/;

/** Keywords by what they hold, from the vocabularies of 2020-12 and the OpenAPI 3.1 base vocabulary. */
const HOLDS_SCHEMA =
  'items contains additionalProperties propertyNames not if then else unevaluatedItems unevaluatedProperties'.split(
    ' ',
  );
const HOLDS_SCHEMAS = 'anyOf oneOf allOf prefixItems'.split(' ');
const HOLDS_NAMED = 'properties patternProperties dependentSchemas $defs'.split(' ');
const HOLDS_VALUES = (
  '$ref $schema $id $anchor $comment type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength ' +
  'pattern minItems maxItems uniqueItems minContains maxContains minProperties maxProperties required dependentRequired title ' +
  'description default deprecated readOnly writeOnly examples format contentEncoding contentMediaType discriminator externalDocs'
).split(' ');
const KEYWORDS = new Set([...HOLDS_SCHEMA, ...HOLDS_SCHEMAS, ...HOLDS_NAMED, ...HOLDS_VALUES]);

export function faultsOf(document: unknown): string[] {
  const faults: string[] = [];
  const fault = (where: string, what: string) => faults.push(`${where}: ${what}`);
  if (!isObject(document)) return ['the document is no object'];
  if (!/^3\.1\.\d+$/.test(String(document['openapi']))) fault('openapi', 'not a version of 3.1');
  for (const key of ['title', 'version']) {
    if (typeof objectAt(document, 'info')[key] !== 'string') fault(`info.${key}`, 'missing');
  }
  checkReferences(document, document, '#', fault);
  for (const [name, schema] of Object.entries(objectAt(document['components'], 'schemas'))) {
    if (!COMPONENT_NAME.test(name)) fault(name, 'not a name of a component');
    checkSchema(schema, `#/components/schemas/${name}`, fault);
  }
  checkPaths(document, fault);
  return faults;
}

type Fault = (where: string, what: string) => void;

function checkReferences(value: unknown, document: Json, where: string, fault: Fault): void {
  if (Array.isArray(value))
    return value.forEach((one, index) => checkReferences(one, document, `${where}/${index}`, fault));
  if (!isObject(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && !resolves(String(inner), document)) fault(where, `${String(inner)} leads nowhere`);
    checkReferences(inner, document, `${where}/${key}`, fault);
  }
}

function resolves(reference: string, document: Json): boolean {
  if (!reference.startsWith('#/')) return false;
  const keys = reference.slice(2).split('/');
  const found = keys.reduce<unknown>(
    (value, key) => (isObject(value) ? value[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
    document,
  );
  return found !== undefined;
}

function checkSchema(schema: unknown, where: string, fault: Fault): void {
  if (typeof schema === 'boolean') return;
  if (!isObject(schema)) return fault(where, 'is no schema');
  for (const key of Object.keys(schema)) {
    if (!KEYWORDS.has(key) && !key.startsWith('x-')) fault(where, `"${key}" is no keyword of JSON Schema 2020-12`);
  }
  for (const type of [schema['type'] ?? []].flat())
    if (!TYPES.has(String(type))) fault(where, `"${String(type)}" is no type`);
  const { required, enum: values, pattern } = schema;
  if (required !== undefined && !isListOfDistinct(required)) fault(where, 'required is no list of distinct names');
  if (values !== undefined && (!Array.isArray(values) || values.length === 0)) fault(where, 'enum is empty');
  if (typeof pattern === 'string') new RegExp(pattern, 'u');
  for (const [inner, at] of schemasIn(schema)) checkSchema(inner, `${where}/${at}`, fault);
}

/** The schemas a schema holds, and where; what should be a list of them and is not comes as it is. */
function schemasIn(schema: Json): [unknown, string][] {
  const given = (keys: readonly string[]) => keys.filter((key) => schema[key] !== undefined);
  const single = given(HOLDS_SCHEMA).map((key): [unknown, string] => [schema[key], key]);
  const lists = given(HOLDS_SCHEMAS).flatMap((key): [unknown, string][] => {
    const several = schema[key];
    if (!Array.isArray(several) || several.length === 0) return [[several, key]];
    return several.map((one, index) => [one, `${key}/${index}`]);
  });
  const named = HOLDS_NAMED.flatMap((key) =>
    Object.entries(objectAt(schema, key)).map(([name, one]): [unknown, string] => [one, `${key}/${name}`]),
  );
  return [...single, ...lists, ...named];
}

const isListOfDistinct = (value: unknown) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') && new Set(value).size === value.length;

function checkPaths(document: Json, fault: Fault): void {
  const declaredTags = new Set((document['tags'] as Json[] | undefined)?.map(({ name }) => name));
  const schemes = Object.keys(objectAt(document['components'], 'securitySchemes'));
  const ids = new Set<unknown>();
  for (const [path, item] of Object.entries(objectAt(document, 'paths'))) {
    if (!path.startsWith('/')) fault(path, 'does not begin with a slash');
    for (const [method, operation] of Object.entries(isObject(item) ? item : {})) {
      const where = `${method.toUpperCase()} ${path}`;
      if (!METHODS.has(method)) fault(where, 'no method');
      if (!isObject(operation)) continue;
      const { operationId: id, tags, security } = operation;
      if (typeof id !== 'string' || ids.has(id)) fault(where, `operationId ${String(id)} is missing or used twice`);
      ids.add(id);
      for (const tag of Array.isArray(tags) ? tags : [])
        if (!declaredTags.has(tag)) fault(where, `tag ${String(tag)} is not declared`);
      for (const name of (Array.isArray(security) ? security : []).flatMap((one: object) => Object.keys(one))) {
        if (!schemes.includes(name)) fault(where, `security scheme ${name} is not declared`);
      }
      checkParameters(operation, path, where, fault);
      checkContents(operation, where, fault);
    }
  }
}

function checkParameters(operation: Json, path: string, where: string, fault: Fault): void {
  const parameters = (Array.isArray(operation['parameters']) ? operation['parameters'] : []) as Json[];
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  const seen = new Set<string>();
  for (const { name, in: place, required, schema } of parameters) {
    const key = `${String(place)} ${String(name)}`;
    if (!PLACES.has(String(place))) fault(where, `parameter in ${String(place)}`);
    if (seen.has(key)) fault(where, `parameter ${key} is declared twice`);
    seen.add(key);
    if (place === 'path' && (required !== true || !inPath.includes(String(name))))
      fault(where, `path parameter ${String(name)}`);
    checkSchema(schema, `${where} ${key}`, fault);
  }
  for (const name of inPath) if (!seen.has(`path ${name}`)) fault(where, `{${name}} is not declared`);
}

function checkContents(operation: Json, where: string, fault: Fault): void {
  const responses = Object.entries(objectAt(operation, 'responses'));
  if (responses.length === 0) fault(where, 'no responses');
  for (const [status, response] of responses) {
    if (!/^([1-5]\d\d|[1-5]XX|default)$/.test(status)) fault(where, `status ${status}`);
    if (typeof (response as Json)['description'] !== 'string') fault(where, `response ${status} has no description`);
  }
  for (const holder of [objectAt(operation, 'requestBody'), ...responses.map(([, response]) => response)]) {
    for (const [type, media] of Object.entries(objectAt(holder, 'content'))) {
      if (!type.includes('/')) fault(where, `${type} is no media type`);
      checkSchema(objectAt(media, 'schema'), `${where} ${type}`, fault);
    }
  }
}
