import type { Operation } from './operations.ts';
import type { RestMethod } from './trpc.ts';

/** A path of the API, one node a segment. */
type Node = {
  readonly literals: Map<string, Node>;
  /** The node of `{param}`, whatever its name: operations that share the place may call it differently. */
  parameter: Node | null;
  readonly operations: Map<RestMethod, Route>;
};

type Route = { readonly operation: Operation; readonly parameters: readonly string[] };

/** Found, or a path that exists for other methods only. */
export type Match =
  | { readonly operation: Operation; readonly parameters: ReadonlyMap<string, string> }
  | { readonly allow: readonly string[] };

const emptyNode = (): Node => ({ literals: new Map(), parameter: null, operations: new Map() });

/** Finds the operation for a request; where a literal path and a `{param}` both fit, the literal one is meant. */
export class Routes {
  readonly #root = emptyNode();

  /** @throws {TypeError} when two operations stand at the same method and path */
  constructor(operations: readonly Operation[]) {
    for (const operation of operations) this.#add(operation);
  }

  #add(operation: Operation): void {
    const { method, path } = operation.place;
    const parameters: string[] = [];
    let node = this.#root;
    for (const segment of segmentsOf(path)) {
      const name = /^\{(.+)\}$/.exec(segment)?.[1];
      if (name !== undefined) {
        parameters.push(name);
        node = node.parameter ??= emptyNode();
      } else {
        const next = node.literals.get(segment) ?? emptyNode();
        node.literals.set(segment, next);
        node = next;
      }
    }
    const taken = node.operations.get(method);
    if (taken) throw new TypeError(`${method} ${path} is declared by ${taken.operation.procedure} already.`);
    node.operations.set(method, { operation, parameters });
  }

  /** Whether any operation stands at a path. */
  has(path: string): boolean {
    return walk(this.#root, segmentsOf(path), 0, []) !== null;
  }

  /**
   * @param path percent-encoded, as in the URL
   * @returns null when no operation stands at the path
   * @throws {URIError} for a malformed percent escape
   */
  find(method: string, path: string): Match | null {
    const values: string[] = [];
    const node = walk(this.#root, segmentsOf(path), 0, values);
    if (!node) return null;
    const route = node.operations.get((method === 'HEAD' ? 'GET' : method) as RestMethod);
    if (!route) return { allow: allowed([...node.operations.keys()]) };
    const parameters = new Map(route.parameters.map((name, index) => [name, decodeURIComponent(values[index] ?? '')]));
    return { operation: route.operation, parameters };
  }
}

const segmentsOf = (path: string) => path.slice(1).split('/');

const allowed = (methods: readonly string[]) =>
  methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).toSorted();

/** Literal first; comes back for the parameter when the literal leads nowhere. Leaves the parameters' texts in `values`. */
function walk(node: Node, segments: readonly string[], depth: number, values: string[]): Node | null {
  const segment = segments[depth];
  if (segment === undefined) return node.operations.size > 0 ? node : null;
  const literal = node.literals.get(segment);
  const found = literal && walk(literal, segments, depth + 1, values);
  if (found) return found;
  if (!node.parameter || segment === '') return null;
  values.push(segment);
  const below = walk(node.parameter, segments, depth + 1, values);
  if (!below) values.pop();
  return below;
}
