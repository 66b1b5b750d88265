import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { apiError } from './api-rules.ts';
import { apiRoutes } from './api.ts';
import { createBodies } from './bodies.ts';
import { Faults, type Fault, type SeenRequest } from './faults.ts';
import { createGrants } from './grants.ts';
import { webRoutes } from './oauth.ts';
import { createQuotas } from './quota.ts';
import { deliver } from './webhook.ts';
import { createWorld } from './world.ts';

export type GitHubOptions = {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The app's registered callback; `http://127.0.0.1/`, which is so when left out, takes any port and path of that address. */
  readonly callbackUrl?: string;
  /** Whether `login` in an authorization request signs that account in without a question. */
  readonly followsLoginHint?: boolean;
};

export type GitHubStandIn = Awaited<ReturnType<typeof startGitHub>>;

/**
 * A GitHub on a free port of 127.0.0.1: sign-in pages, tokens and the part of the REST API that Almanac asks.
 * As with GitHub Enterprise Server, the API lies under `/api/v3` of the same address.
 */
export async function startGitHub(options: GitHubOptions = {}) {
  let shiftMs = 0;
  const now = () => Date.now() + shiftMs;
  const { clientId = 'Iv1.stand-in', clientSecret = 'client-secret-of-the-stand-in' } = options;
  const world = createWorld(now);
  const oauthApp = { clientId, clientSecret, callbackUrl: options.callbackUrl ?? 'http://127.0.0.1/' };
  const grants = createGrants(oauthApp, now);
  const quotas = createQuotas(now);
  const faults = new Faults();
  const requests: SeenRequest[] = [];
  const pace = { latencyMs: 0 };
  const app = new Hono();
  const server = createServer((incoming, outgoing) => void serve(app, { incoming, outgoing, faults, requests, pace }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const webUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const apiUrl = `${webUrl}/api/v3`;
  const bodies = createBodies(world, webUrl, apiUrl);
  app.route('/', webRoutes(world, grants, options.followsLoginHint ?? false));
  app.route('/api/v3', apiRoutes({ world, grants, quotas, bodies, apiUrl }));

  return {
    webUrl,
    apiUrl,
    clientId,
    clientSecret,
    faults,
    /** Everything that was asked, oldest first. */
    requests,
    /** Changes the app's callback URL, as in its settings. */
    registerCallback(url: string): void {
      oauthApp.callbackUrl = url;
    },
    /** `latencyMs`: what every answer takes at least. */
    pace,
    addUser: world.addUser,
    renameUser: world.renameUser,
    addRepository: world.addRepository,
    addCommit: world.addCommit,
    moveRepository: world.moveRepository,
    deleteRepository: world.deleteRepository,
    /** Presses the button of an account on the page of an authorization URL (null: Cancel). @returns where the browser is sent */
    signIn: (authorizeUrl: string, login: string | null) =>
      press(authorizeUrl, login === null ? '' : String(world.known(login).id)),
    /** A token without the pages. */
    tokenFor: (login: string, scopes: readonly string[]) => grants.issue(world.known(login).id, scopes),
    /** The person withdraws the authorization in their settings: all their tokens end. */
    withdraw: (login: string) => grants.withdraw(world.known(login).id),
    /** Leaves an account so many requests until its hour is over. */
    leaveQuota: (login: string, remaining: number) => quotas.leave(world.known(login).id, remaining),
    /** Moves the stand-in's clock: codes and quotas grow old by it. */
    advance(ms: number): void {
      shiftMs += ms;
    },
    webhook: deliver,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function press(authorizeUrl: string, account: string): Promise<URL> {
  const page = await fetch(authorizeUrl, { redirect: 'manual' });
  const [, request] = /name="request" value="(\w+)"/.exec(await page.text()) ?? [];
  if (request === undefined) throw new Error(`There is no form to answer (${page.status}).`);
  const answer = await fetch(new URL('/login/oauth/authorize', authorizeUrl), {
    method: 'POST',
    body: new URLSearchParams({ request, account }),
    redirect: 'manual',
  });
  return new URL(answer.headers.get('location') ?? '');
}

type Exchange = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly faults: Faults;
  readonly requests: SeenRequest[];
  readonly pace: { readonly latencyMs: number };
};

async function serve(app: Hono, { incoming, outgoing, faults, requests, pace }: Exchange): Promise<void> {
  const { method = 'GET', url: target = '/' } = incoming;
  const url = new URL(target, 'http://127.0.0.1');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const body = await text(incoming);
  const seen = { method, path: url.pathname, query: url.searchParams, headers, body };
  requests.push(seen);
  const fault = faults.strike(seen) ?? {};
  await sleep(pace.latencyMs + (fault.delayMs ?? 0), undefined, { ref: false });
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const response =
    fault.status === undefined
      ? await app.fetch(new Request(url, { method, headers, ...(hasBody && { body }) }))
      : apiError(fault.status, 'The stand-in was told to fail.', fault.headers);
  if (!fault.unanswered) await send(outgoing, response, fault);
}

async function send(outgoing: ServerResponse, response: Response, fault: Fault): Promise<void> {
  const whole = await response.text();
  const content = Buffer.from(fault.body ? fault.body(whole) : whole);
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    ...(response.status !== 304 && response.status !== 204 && { 'content-length': content.length }),
  });
  if (fault.cutAfter === undefined) outgoing.end(content);
  else outgoing.write(content.subarray(0, fault.cutAfter), () => outgoing.destroy());
}
