import { TRPCError } from '@trpc/server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorResponse } from './api/rest.ts';
import { clientAddress } from './edge/client-address.ts';
import { limitHeaders, overLimit, type Budget, type RateLimits } from './edge/rate-limit.ts';
import type { Authenticated, Credentials } from './identity/authenticator.ts';
import { isAtTheMachine, type Caller } from './identity/caller.ts';
import { judge } from './identity/permissions.ts';
import { factsOf, refusal, type Protection } from './request-guard.ts';

export type DoorOptions = {
  readonly protection: Protection;
  /** @throws {StoreUnavailable} and what read models throw while they cannot be asked */
  readonly authenticate: (credentials: Credentials) => Promise<Authenticated>;
  readonly limits: RateLimits;
  /** How many proxies in front append to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Who may read the documentation of the API. */
  readonly docs: 'open' | 'members' | 'closed';
};

/** Shown to people, though the API serves them. */
const DOCUMENTS = new Set(['/docs', '/redoc']);
const DOCUMENTATION = /^\/(openapi\.json|docs|redoc)(\/|$)/;
/** Files that never change, named by what is in them: a page brings dozens. And whoever looks after the server asks how it is. */
const UNCOUNTED = /^\/(_app\/immutable\/|health$)/;
/** Of requests, as `POST /account/erase`. A page asks the API in this process: what it sends is counted where it comes in. */
const BUDGETS: readonly (readonly [RegExp, Budget])[] = [
  [/^\w+ \/api\/auth\/(login|callback)$/, 'sign-in'],
  [/^\w+ \/api\/users\/[^/]+\/export$/, 'export'],
  // Each is followed by folding everything anew.
  [/^POST \/(trpc\/.*account\.erase|account\/erase$)/, 'erase'],
  [/^\w+ \/webhooks\//, 'webhook'],
  // Each is typeset or drawn.
  [/^\w+ \/(api\/attendance\/(report|card)|share)\/.*\.(pdf|png)$/, 'report'],
];

/** Others (TRACE, CONNECT) are no request by the Fetch standard, which the API and the pages are written for. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export type Entering = { readonly request: IncomingMessage; readonly path: string; readonly isApi: boolean };

/**
 * Who comes in: refuses what no page of ours sends, finds out who asks, and how often they have. What the caller is to be told of it
 * (cookies, what is left of their requests) is set on the response.
 * @returns the caller, or the answer to whoever is not let in
 */
export async function enter(
  options: DoorOptions,
  { request, path, isApi }: Entering,
  response: ServerResponse,
): Promise<Caller | Response> {
  if (!METHODS.has(request.method ?? '')) return answer('METHOD_NOT_SUPPORTED', 'There is no such method here.');
  const isPage = !isApi || DOCUMENTS.has(path);
  const facts = factsOf(request, !isPage);
  const refused = refusal(facts, options.protection);
  if (refused !== null) return answer('FORBIDDEN', refused);
  const caller = await admit(
    options,
    { request, path, byBrowser: isPage || facts.fetchSite === 'same-origin' },
    response,
  );
  if (caller instanceof Response) return caller;
  return refusedDocumentation(options.docs, path, caller) ?? caller;
}

/** Who asks, unless they have asked too often. */
async function admit(
  options: DoorOptions,
  { request, path, byBrowser }: { request: IncomingMessage; path: string; byBrowser: boolean },
  response: ServerResponse,
): Promise<Caller | Response> {
  const { protection, limits } = options;
  const { authorization = null, cookie = null } = request.headers;
  const address = addressOf(options, request);
  // Finding out who asks costs more than to refuse: whoever has asked too often shows a key, or waits.
  const spent = protection.local || authorization !== null ? null : await limits.look(address);
  if (spent && !spent.allowed) return errorResponse(overLimit(spent), limitHeaders(spent));
  const { caller, cookies, requestsPerMinute } = await options.authenticate({ authorization, cookie, byBrowser });
  for (const value of cookies) response.appendHeader('Set-Cookie', value);
  if (isAtTheMachine(caller) || UNCOUNTED.test(path)) return caller;
  return (await count(options, { address, request, path, caller, requestsPerMinute }, response)) ?? caller;
}

const addressOf = ({ trustedProxies }: DoorOptions, { headers, socket }: IncomingMessage): string =>
  clientAddress(socket.remoteAddress, headers['x-forwarded-for'], trustedProxies);

type Counted = {
  address: string;
  request: IncomingMessage;
  path: string;
  caller: Caller;
  requestsPerMinute: number | null;
};

/** A key has a count of its own; everybody else shares that of their address. */
async function count(
  { limits }: DoorOptions,
  { address, request, path, caller, requestsPerMinute }: Counted,
  response: ServerResponse,
): Promise<Response | null> {
  const subject = caller.kind === 'key' ? `key ${caller.keyId}` : address;
  const cost = path.startsWith('/trpc/') ? path.split(/,|%2C/i).length : 1;
  const limit = requestsPerMinute === null ? {} : { limit: requestsPerMinute };
  const taken = await limits.take(subject, { ...limit, cost });
  for (const [name, value] of Object.entries(limitHeaders(taken))) response.setHeader(name, value);
  if (!taken.allowed) return errorResponse(overLimit(taken));
  const budget = BUDGETS.find(([paths]) => paths.test(`${request.method} ${path}`))?.[1];
  const ofBudget = budget && (await limits.take(address, { budget }));
  return ofBudget && !ofBudget.allowed ? errorResponse(overLimit(ofBudget), limitHeaders(ofBudget)) : null;
}

function refusedDocumentation(docs: DoorOptions['docs'], path: string, caller: Caller): Response | null {
  if (docs === 'open' || !DOCUMENTATION.test(path)) return null;
  if (docs === 'closed') return answer('NOT_FOUND', 'The documentation of the API is closed here.');
  const verdict = judge('read', caller);
  if (verdict === 'granted') return null;
  const code = verdict === 'unauthorized' ? 'UNAUTHORIZED' : 'FORBIDDEN';
  return answer(code, 'The documentation of the API is for members.');
}

const answer = (code: TRPCError['code'], message: string): Response => errorResponse(new TRPCError({ code, message }));
