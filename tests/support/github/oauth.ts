import { Hono, type Context } from 'hono';
import { isCallback, type AuthorizationRequest, type Grants } from './grants.ts';
import { authorizePage, errorPage } from './pages.ts';
import { scopesIn } from './scopes.ts';
import type { World } from './world.ts';

const DESCRIPTIONS = {
  incorrect_client_credentials: 'The client_id and/or client_secret passed are incorrect.',
  redirect_uri_mismatch: 'The redirect_uri MUST match the registered callback URL for this application.',
  bad_verification_code: 'The code passed is incorrect or expired.',
  unverified_user_email: 'The user must have a verified primary email.',
} as const;

const DOCS = '/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors';
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** What people see of GitHub: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
export function webRoutes(world: World, grants: Grants, followsLoginHint: boolean): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('Content-Security-Policy', "default-src 'none'");
    c.header('Referrer-Policy', 'no-referrer');
  });

  app.get('/login/oauth/authorize', (c) => {
    if (c.req.query('client_id') !== grants.app.clientId) return wrong(c, 404, 'No application has this client_id.');
    const request = requestOf(c, grants.app.callbackUrl);
    if (typeof request === 'string') return wrong(c, 400, request);
    const hinted = world.byLogin(c.req.query('login') ?? '');
    if (followsLoginHint && hinted) return c.redirect(backWithCode(grants, request, hinted.id));
    const people = [...world.accounts.values()].filter(({ type }) => type === 'User');
    return c.html(authorizePage(grants.ask(request), request, people));
  });

  app.post('/login/oauth/authorize', async (c) => {
    const form = await c.req.parseBody();
    const request = grants.take(String(form['request']));
    if (!request) return wrong(c, 422, 'This page was answered already, or it is not ours.');
    if (form['account'] === '') return c.redirect(backDenied(request));
    const account = world.accounts.get(Number(form['account']));
    return account ? c.redirect(backWithCode(grants, request, account.id)) : wrong(c, 422, 'There is no such account.');
  });

  app.post('/login/oauth/access_token', async (c) => {
    const given = await parameters(c);
    const result = grants.exchange(
      {
        clientId: given('client_id') ?? '',
        clientSecret: given('client_secret') ?? '',
        code: given('code') ?? '',
        redirectUri: given('redirect_uri'),
        codeVerifier: given('code_verifier'),
      },
      (id) => world.accounts.get(id),
    );
    const answer: Record<string, string> =
      typeof result === 'string'
        ? {
            error: result,
            error_description: DESCRIPTIONS[result],
            error_uri: `${DOCS}/#${result.replaceAll('_', '-')}`,
          }
        : { access_token: result.token, token_type: 'bearer', scope: result.scopes.join(',') };
    c.header('Cache-Control', 'no-store');
    if (c.req.header('accept')?.includes('application/json')) return c.json(answer);
    return c.body(new URLSearchParams(answer).toString(), 200, { 'Content-Type': 'application/x-www-form-urlencoded' });
  });
  return app;
}

/** What was asked for, or what is wrong with it. */
function requestOf(c: Context, callbackUrl: string): AuthorizationRequest | string {
  const redirectUri = c.req.query('redirect_uri') ?? callbackUrl;
  if (!isCallback(redirectUri, callbackUrl)) return 'The redirect_uri is not associated with this application.';
  const codeChallenge = c.req.query('code_challenge') ?? null;
  const method = c.req.query('code_challenge_method');
  if ((codeChallenge === null) !== (method === undefined) || (method !== undefined && method !== 'S256'))
    return 'A code_challenge needs the code_challenge_method S256, and the other way round.';
  if (codeChallenge !== null && !CHALLENGE.test(codeChallenge)) return 'A code_challenge has 43 characters.';
  return {
    redirectUri,
    codeChallenge,
    state: c.req.query('state') ?? null,
    scopes: scopesIn(c.req.query('scope') ?? ''),
  };
}

const wrong = (c: Context, status: 400 | 404 | 422, text: string) => c.html(errorPage('Be careful!', text), status);

function back({ redirectUri, state }: AuthorizationRequest, answer: Readonly<Record<string, string>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (state !== null) url.searchParams.set('state', state);
  return url.href;
}

const backWithCode = (grants: Grants, request: AuthorizationRequest, accountId: number) =>
  back(request, { code: grants.codeFor(request, accountId) });

const backDenied = (request: AuthorizationRequest) =>
  back(request, { error: 'access_denied', error_description: 'The user has denied your application access.' });

/** The fields of a JSON or form body; those that are missing or no text are null. */
async function parameters(c: Context): Promise<(name: string) => string | null> {
  const isJson = c.req.header('content-type')?.includes('application/json') ?? false;
  const fields: unknown = isJson ? await c.req.json().catch(() => ({})) : await c.req.parseBody();
  return (name) => {
    const value = (fields as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : null;
  };
}
