import { createHash } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { Grants, Token } from './grants.ts';
import type { Quotas } from './quota.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';

/** `token`: what the request shows, undefined for a request that shows nothing. */
export type ApiEnv = { Variables: { token: Token | undefined } };

/** An error in the form of the API. */
export const apiError = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json({ message, documentation_url: DOCUMENTATION, status: String(status) }, { status, headers });

export const notFound = (): Response => apiError(404, 'Not Found');

/** What holds of every request: an agent that names itself, good credentials, quota, entity tags. */
export const apiRules = (grants: Grants, quotas: Quotas) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    if (!c.req.header('user-agent'))
      return apiError(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent.',
      );
    const shown = /^(?:token|bearer) +(.*)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const token = shown === undefined ? undefined : grants.token(shown);
    if (shown !== undefined && !token) return apiError(401, 'Bad credentials');
    c.set('token', token);
    const quota = quotas.of(token?.accountId ?? null);
    if (quota.used >= quota.limit)
      return apiError(403, `API rate limit exceeded for user ID ${token?.accountId}.`, quotas.headers(quota));
    await next();
    const asked = { shown, ifNoneMatch: c.req.header('if-none-match') };
    const answer = await withEntityTag(c.res, asked);
    // Only who shows a token is not charged for an answer that has not changed.
    if (answer.status !== 304 || !token) quota.used += 1;
    for (const [name, value] of Object.entries(standing(token, quotas.headers(quota)))) answer.headers.set(name, value);
    c.res = undefined;
    c.res = answer;
    return undefined;
  });

type Asked = { readonly shown: string | undefined; readonly ifNoneMatch: string | undefined };

/** The answer, or that it is still the one whose tag was named. Tags differ by credentials, as GitHub's do. */
async function withEntityTag(answer: Response, { shown, ifNoneMatch }: Asked): Promise<Response> {
  if (answer.status !== 200) return answer;
  const body = await answer.text();
  const facts = JSON.stringify([body, answer.headers.get('link'), shown]);
  const etag = `W/"${createHash('sha256').update(facts).digest('hex')}"`;
  if (ifNoneMatch === etag) return new Response(null, { status: 304, headers: { ETag: etag } });
  answer.headers.set('ETag', etag);
  return new Response(body, { status: 200, headers: answer.headers });
}

const standing = (token: Token | undefined, quota: Readonly<Record<string, string>>): Record<string, string> => ({
  ...quota,
  'X-GitHub-Media-Type': 'github.v3; format=json',
  'Cache-Control': 'private, max-age=60, s-maxage=60',
  Vary: 'Accept, Authorization, Cookie, X-GitHub-OTP',
  ...(token && { 'X-OAuth-Scopes': token.scopes.join(', ') }),
});
