import { z } from 'zod';
import { covers } from '../../domain/token-scopes.ts';
import { GitHubRefused, TokenRevoked } from './github-faults.ts';
import { ask, everyPage, inForm, type Asking } from './github-requests.ts';

/** Enough to know who somebody is, and which addresses are theirs. */
export const IDENTITY_SCOPES: readonly string[] = ['read:user', 'user:email'];
/** GitHub has no scope that only reads private repositories. */
export const REPOSITORY_SCOPES: readonly string[] = [...IDENTITY_SCOPES, 'repo'];

export type AuthorizationRequest = {
  readonly state: string;
  /** S256, of RFC 7636. */
  readonly codeChallenge: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  /** The account to suggest. */
  readonly login?: string;
};

export type CodeExchange = { readonly code: string; readonly codeVerifier: string; readonly redirectUri: string };

export type GitHubToken = { readonly token: string; readonly scopes: readonly string[] };

export type GitHubAccount = {
  /** Stays the same for ever, while the login may change and be taken by somebody else. */
  readonly id: number;
  readonly login: string;
  readonly name: string | null;
  /** Verified ones in lower case; none where the token may not read them. */
  readonly emails: readonly string[];
};

export type GitHubRepository = {
  readonly id: number;
  /** `owner/name` */
  readonly fullName: string;
  readonly private: boolean;
  /** An instant; null: never. */
  readonly pushedAt: string | null;
  /** Where people see it. */
  readonly url: string;
  readonly description: string | null;
};

/**
 * The OAuth app at GitHub. Every method throws {@link GitHubUnavailable} when there is no answer to be had, and those that show a token
 * {@link TokenRevoked} when it is no longer taken.
 */
export type GitHub = {
  /** Where to send somebody to sign in. */
  authorizeUrl(request: AuthorizationRequest): string;
  /** @throws {GitHubRefused} for a code that is wrong or used, and where the app's own settings are */
  exchange(exchange: CodeExchange): Promise<GitHubToken>;
  account(token: string): Promise<GitHubAccount>;
  /** Every repository the token reaches, the last pushed first. */
  repositories(token: string): Promise<GitHubRepository[]>;
  /** Ends a token at GitHub; one that has ended already is no error. @throws {GitHubRefused} */
  revoke(token: string): Promise<void>;
};

export type GitHubOptions = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** `https://github.com` */
  readonly webUrl: string;
  /** `https://api.github.com`, or `https://…/api/v3` of an Enterprise Server */
  readonly apiUrl: string;
  readonly fetch?: typeof fetch;
  /** For one request; 10 seconds. */
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;

const granted = z.object({ access_token: z.string().min(1), token_type: z.string(), scope: z.string() });
const refused = z.object({ error: z.string() });
const user = z.object({ id: z.int().positive(), login: z.string().min(1), name: z.string().nullish() });
const email = z.object({ email: z.string(), verified: z.boolean() });
const repository = z
  .object({
    id: z.int().positive(),
    full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
    private: z.boolean(),
    pushed_at: z.iso.datetime({ offset: true }).nullish(),
    html_url: z.url({ protocol: /^https?$/ }),
    description: z.string().nullish(),
  })
  .transform(({ id, full_name, private: isPrivate, pushed_at, html_url, description }) => ({
    id,
    fullName: full_name,
    private: isPrivate,
    pushedAt: pushed_at ?? null,
    url: html_url,
    description: description ?? null,
  }));

const scopesIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** GitHub, as the OAuth app with these credentials sees it. @throws {TypeError} for addresses that are no URLs */
export function createGitHub(options: GitHubOptions): GitHub {
  const { clientId, clientSecret } = options;
  const [web, api] = [withoutSlash(options.webUrl), withoutSlash(options.apiUrl)];
  const asking = (baseUrl: string): Asking => ({
    baseUrl,
    fetch: options.fetch ?? fetch,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
  });
  const as = (token: string): Asking => ({ ...asking(api), token });

  return {
    authorizeUrl({ state, codeChallenge, scopes, redirectUri, login }) {
      const url = new URL(`${web}/login/oauth/authorize`);
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
        ...(login !== undefined && { login }),
      }).toString();
      return url.href;
    },

    exchange: (exchange) =>
      exchanged(asking(web), { client_id: clientId, client_secret: clientSecret, ...fieldsOf(exchange) }),

    account: (token) => accountOf(as(token)),

    async repositories(token) {
      // By age, so that a push between two pages moves none from one to the other.
      const found = await everyPage(as(token), 'GET /user/repos', repository, { sort: 'created', direction: 'asc' });
      const once = new Map(found.map((one) => [one.id, one]));
      return [...once.values()].sort((left, right) => instantOf(right.pushedAt) - instantOf(left.pushedAt));
    },

    async revoke(token) {
      const authorization = `basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
      try {
        const path = { client_id: clientId, access_token: token, headers: { authorization } };
        await ask(asking(api), 'DELETE /applications/{client_id}/token', path);
      } catch (error) {
        if (error instanceof TokenRevoked) throw new GitHubRefused('incorrect_client_credentials');
        if (!(error instanceof GitHubRefused && error.reason === 'not_found' && (await isRevoked(as(token)))))
          throw error;
      }
    },
  };
}

const withoutSlash = (url: string): string => new URL(url).href.replace(/\/+$/, '');

const instantOf = (pushedAt: string | null): number => (pushedAt === null ? 0 : Date.parse(pushedAt));

const fieldsOf = ({ code, codeVerifier, redirectUri }: CodeExchange) => ({
  code,
  code_verifier: codeVerifier,
  redirect_uri: redirectUri,
});

async function exchanged(web: Asking, fields: Record<string, string>): Promise<GitHubToken> {
  const { data } = await ask(web, 'POST /login/oauth/access_token', {
    ...fields,
    headers: { accept: 'application/json' },
  }).catch((error: unknown) => {
    // No token was shown that could have ended.
    throw error instanceof TokenRevoked ? new GitHubRefused('incorrect_client_credentials') : error;
  });
  // GitHub refuses with status 200.
  const refusal = refused.safeParse(data);
  if (refusal.success) throw new GitHubRefused(refusal.data.error);
  const { access_token, scope } = inForm(granted, data, new URL(web.baseUrl).host);
  return { token: access_token, scopes: scopesIn(scope) };
}

async function accountOf(api: Asking): Promise<GitHubAccount> {
  const { data, headers } = await ask(api, 'GET /user');
  const { id, login, name } = inForm(user, data, new URL(api.baseUrl).host);
  const scopes = scopesIn(String(headers['x-oauth-scopes'] ?? ''));
  const emails = covers(scopes, ['user:email']) ? await everyPage(api, 'GET /user/emails', email) : [];
  const verified = emails.filter((one) => one.verified).map((one) => one.email.toLowerCase());
  return { id, login, name: name ?? null, emails: [...new Set(verified)] };
}

/** A wrong address answers 404, too: only GitHub itself can say that a token has ended. */
async function isRevoked(api: Asking): Promise<boolean> {
  try {
    await ask(api, 'GET /user');
    return false;
  } catch (error) {
    if (error instanceof TokenRevoked) return true;
    throw error;
  }
}
