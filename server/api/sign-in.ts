import { TRPCError } from '@trpc/server';
import type { Context as HonoContext } from 'hono';
import { covers } from '../../domain/token-scopes.ts';
import { errorResponse } from './rest.ts';
import type { ApiEnv } from './api.ts';
import type { HttpRoute } from './http-route.ts';
import { CALLBACK, LOGIN } from './openapi-routes.ts';
import { tokenAnswer } from '../identity/access-tokens.ts';
import type { Accounts } from '../identity/accounts.ts';
import { memberOf, type Caller } from '../identity/caller.ts';
import { cookieIn, sessionCookies, signInCookie, SIGN_IN_COOKIE } from '../identity/cookies.ts';
import { IDENTITY_SCOPES, REPOSITORY_SCOPES, type GitHub } from '../identity/github.ts';
import { GitHubRefused, GitHubUnavailable, TokenRevoked } from '../identity/github-faults.ts';
import type { GitHubConnections } from '../identity/github-connections.ts';
import { codeChallengeOf } from '../identity/pkce.ts';
import { newSecret } from '../identity/secrets.ts';
import { isLoopback } from '../request-guard.ts';
import type { Sessions } from '../identity/sessions.ts';
import { SIGN_IN_SECONDS, type SignInTicket, type SignInTickets } from '../identity/sign-in-tickets.ts';

export type SignInParts = {
  /** null: signing in is not configured. */
  readonly github: GitHub | null;
  readonly tickets: SignInTickets;
  readonly accounts: Pick<Accounts, 'signIn' | 'isAccountOf'>;
  /** A challenge that takes whoever comes; null: there is none. */
  readonly openChallenge: () => string | null;
  /** null where `github` is. */
  readonly connections: Pick<GitHubConnections, 'keep' | 'giveBack'> | null;
  readonly sessions: Pick<Sessions, 'start'>;
  /** The origin people reach this server by; null: this machine by the name they asked for. */
  readonly publicUrl: string | null;
  /** Something failed that the person is told of in a word only. */
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** What went wrong, as the sign-in page tells it. */
export type SignInFault =
  'not-configured' | 'denied' | 'expired' | 'refused' | 'unavailable' | 'other-account' | 'deactivated';

type Asked = HonoContext<ApiEnv>;

/** Signing in with GitHub: the authorization code flow with state and PKCE (RFC 6749, 7636; RFC 9700, 2.1.1). */
export const signInRoutes = (parts: SignInParts): HttpRoute[] => [
  {
    method: 'GET',
    path: '/api/auth/login',
    permission: 'anyone',
    operation: LOGIN,
    handle: (asked) => begin(parts, asked),
  },
  {
    method: 'GET',
    path: '/api/auth/callback',
    permission: 'anyone',
    operation: CALLBACK,
    handle: (asked) => finish(parts, asked),
  },
];

/** Sends somebody to GitHub. `connect=repositories` asks for private repositories, too: of the account they are signed in with. */
async function begin({ github, tickets, publicUrl }: SignInParts, { req, env }: Asked): Promise<Response> {
  if (!github) return faultAnswer(req.raw, 'not-configured');
  const redirectUri = callbackOf(req.raw, publicUrl);
  if (redirectUri === null) return faultAnswer(req.raw, 'not-configured');
  const purpose = req.query('connect') === 'repositories' ? 'repositories' : 'identity';
  const memberId = purpose === 'repositories' ? memberOf(env.caller) : null;
  if (purpose === 'repositories' && memberId === null) return faultAnswer(req.raw, 'expired');
  const [state, verifier] = [newSecret(), newSecret()];
  const ticket = await tickets.seal({ state, verifier, next: pathOf(req.query('next')), purpose, memberId });
  const location = github.authorizeUrl({
    state,
    codeChallenge: codeChallengeOf(verifier),
    scopes: purpose === 'repositories' ? REPOSITORY_SCOPES : IDENTITY_SCOPES,
    redirectUri,
  });
  const answer = redirectTo(location);
  answer.headers.append('set-cookie', signInCookie(ticket, SIGN_IN_SECONDS));
  return answer;
}

/** Takes somebody back from GitHub: who they are is what GitHub says of the code, and of nothing else. */
async function finish(parts: SignInParts, asked: Asked): Promise<Response> {
  const { github, tickets } = parts;
  const { req } = asked;
  const redirectUri = callbackOf(req.raw, parts.publicUrl);
  if (!github || redirectUri === null) return faultAnswer(req.raw, 'not-configured');
  const ticket = await tickets.take(cookieIn(req.header('cookie'), SIGN_IN_COOKIE), req.query('state'));
  // Another tab's sign-in may be under way: what does not belong to it does not end it.
  if (!ticket) return faultAnswer(req.raw, 'expired');
  const answer = await redeem({ ...parts, github }, ticket, redirectUri, asked);
  answer.headers.append('set-cookie', signInCookie('', 0));
  return answer;
}

async function redeem(
  parts: SignInParts & { github: GitHub },
  ticket: SignInTicket,
  redirectUri: string,
  { req, env }: Asked,
): Promise<Response> {
  const code = req.query('code');
  const fault = (what: SignInFault) => faultAnswer(req.raw, what, ticket.next);
  if (code === undefined) return fault(req.query('error') === 'access_denied' ? 'denied' : 'refused');
  try {
    return await letIn(parts, { ticket, code, redirectUri, request: req.raw, caller: env.caller });
  } catch (error) {
    if (error instanceof GitHubRefused || error instanceof TokenRevoked) {
      parts.onTrouble('GitHub refused a sign-in', error);
      return fault('refused');
    }
    if (!(error instanceof GitHubUnavailable)) throw error;
    parts.onTrouble('GitHub did not answer a sign-in', error);
    return fault('unavailable');
  }
}

type Return = { ticket: SignInTicket; code: string; redirectUri: string; request: Request; caller: Caller };

async function letIn(
  parts: SignInParts & { github: GitHub },
  { ticket, code, redirectUri, request, caller }: Return,
): Promise<Response> {
  const { github, accounts, connections } = parts;
  const granted = await github.exchange({ code, codeVerifier: ticket.verifier, redirectUri });
  const account = await github.account(granted.token);
  const turnAway = async (fault: SignInFault) => {
    await connections?.giveBack(granted.token);
    return faultAnswer(request, fault);
  };
  const { purpose, memberId: askedBy } = ticket;
  if (purpose === 'repositories') {
    // Whoever has switched accounts at GitHub meanwhile connects nothing to the one they are signed in with here, nor do they sign
    // in with the other one.
    const isOwn = askedBy !== null && askedBy === memberOf(caller) && accounts.isAccountOf(askedBy, account);
    if (!isOwn) return turnAway('other-account');
  }
  const { memberId, status } = await accounts.signIn(account, { openChallenge: parts.openChallenge() });
  if (status === 'deactivated') return turnAway('deactivated');
  await connections?.keep(memberId, granted);
  if (purpose === 'identity') return begun(parts, { memberId, next: ticket.next, request });
  return covers(granted.scopes, REPOSITORY_SCOPES) ? redirectTo(ticket.next) : faultAnswer(request, 'denied');
}

/** Begins a session, and leads where somebody wanted to go. */
async function begun(
  { sessions }: SignInParts,
  { memberId, next, request }: { memberId: string; next: string; request: Request },
): Promise<Response> {
  const tokens = await sessions.start(memberId, request.headers.get('user-agent') ?? '');
  if (wantsJson(request)) return Response.json(tokenAnswer(tokens), { headers: { 'cache-control': 'no-store' } });
  const answer = redirectTo(next);
  for (const cookie of sessionCookies(tokens)) answer.headers.append('set-cookie', cookie);
  return answer;
}

/** Programs that ask for JSON get it; browsers ask for pages. */
const wantsJson = (request: Request): boolean => /^application\/json\b/.test(request.headers.get('accept') ?? '');

/** Where GitHub is to send people with their codes. Null: a name that the request chose, and nobody said that it is ours. */
function callbackOf(request: Request, publicUrl: string | null): string | null {
  const { origin, hostname } = new URL(request.url);
  if (publicUrl === null && !isLoopback(hostname)) return null;
  return new URL('/api/auth/callback', publicUrl ?? origin).href;
}

const redirectTo = (location: string): Response =>
  new Response(null, {
    status: 302,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });

/** Where to go afterwards: a path of ours, nobody else's site (`//evil.example`, `/\evil.example`). */
export function pathOf(next: string | undefined): string {
  const base = 'http://here.invalid';
  if (next === undefined || !next.startsWith('/') || !URL.canParse(next, base)) return '/';
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && !pathname.startsWith('//') ? pathname + search : '/';
}

const FAULTS: Readonly<Record<SignInFault, ConstructorParameters<typeof TRPCError>[0]>> = {
  'not-configured': {
    code: 'NOT_FOUND',
    message: 'Signing in is not configured here: set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, and PUBLIC_URL.',
  },
  denied: { code: 'FORBIDDEN', message: 'GitHub was not allowed to say what is needed.' },
  expired: { code: 'BAD_REQUEST', message: 'This sign-in was not begun here, or too long ago: begin again.' },
  refused: { code: 'BAD_REQUEST', message: 'GitHub did not accept this sign-in: begin again.' },
  unavailable: { code: 'SERVICE_UNAVAILABLE', message: 'GitHub does not answer right now: try again in a moment.' },
  'other-account': { code: 'CONFLICT', message: 'That is another GitHub account than the one you are signed in with.' },
  deactivated: { code: 'FORBIDDEN', message: 'This account is deactivated here: ask an admin to let it in again.' },
};

/** @param next where the sign-in was to lead: beginning again leads there */
function faultAnswer(request: Request, fault: SignInFault, next?: string): Response {
  if (wantsJson(request)) return errorResponse(new TRPCError(FAULTS[fault]));
  const search = new URLSearchParams({ fault, ...(next !== undefined && next !== '/' && { next }) });
  return redirectTo(`/sign-in?${search}`);
}
