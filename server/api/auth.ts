import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { ReadModel } from '../../projections/projection.ts';
import { loginOf, memberById } from '../../projections/members.ts';
import { tokenAnswer } from '../identity/access-tokens.ts';
import { actorOf, memberOf, roleOf } from '../identity/caller.ts';
import { noSessionCookies } from '../identity/cookies.ts';
import { answers, openProcedure, router, signedInProcedure, type Context } from './trpc.ts';
import type { CallerView } from './views.ts';

const tags = ['auth'];

const meSchema = z
  .object({
    kind: z.enum(['local', 'operator', 'waiting', 'session', 'key']),
    id: z
      .string()
      .nullable()
      .meta({ description: 'The member; null for the person at the keyboard and the API_AUTH_TOKEN.' }),
    github_id: z.string().nullable(),
    github_profile_url: z.url().nullable(),
    name: z.string().nullable(),
    role: z.enum(['member', 'admin', 'owner']).nullable().meta({ description: 'null while waiting to be let in.' }),
    scopes: z.array(z.string()).nullable().meta({ description: 'Of a key; null for a person.' }),
  })
  .meta({ id: 'Me' });

const tokensSchema = z
  .object({ access_token: z.string(), refresh_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int() })
  .meta({ id: 'Tokens' });

export const authRouter = router({
  /** What every page asks first: nobody is an answer here, not a fault. */
  caller: openProcedure
    .meta({ description: 'Who asks, and how one can sign in; also for nobody.' })
    .query(({ ctx }) => callerView(ctx)),

  me: signedInProcedure
    .meta({
      description: 'Whose credentials these are.',
      rest: { method: 'GET', path: '/api/auth/me', summary: 'Who I am', tags },
    })
    .output(answers(meSchema))
    .query(({ ctx }) => {
      const { caller } = ctx;
      const { kind } = caller;
      if (kind === 'nobody') throw new TRPCError({ code: 'UNAUTHORIZED' });
      const member = callerView(ctx).member;
      return {
        kind,
        id: memberOf(caller),
        github_id: member?.login ?? member?.handle ?? null,
        github_profile_url: member?.profileUrl ?? null,
        name: member?.name ?? null,
        role: roleOf(caller),
        scopes: kind === 'key' ? [...caller.scopes] : null,
      };
    }),

  refresh: openProcedure
    .meta({
      description: 'New tokens for a refresh token, which is used up by it. One that was used before ends the session.',
      rest: { method: 'POST', path: '/api/auth/refresh', summary: 'Refresh a session', tags, errors: [409] },
    })
    .input(z.strictObject({ refresh_token: z.string().max(200) }))
    .output(answers(tokensSchema))
    .mutation(async ({ ctx, input }) => {
      const refreshed = await ctx.services.identity.sessions.refresh(input.refresh_token);
      if (refreshed.outcome === 'raced')
        throw new TRPCError({ code: 'CONFLICT', message: 'This token has just been refreshed: use the newer one.' });
      if (refreshed.outcome !== 'refreshed')
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'This session has ended: sign in again.' });
      return tokenAnswer(refreshed.tokens);
    }),

  logout: openProcedure
    .meta({
      description: 'Ends the session. Without one nothing happens.',
      rest: { method: 'POST', path: '/api/auth/logout', summary: 'Sign out', tags },
    })
    .output(answers(z.object({ status: z.literal('signed out') })))
    .mutation(async ({ ctx }) => {
      const { caller, services } = ctx;
      if ('sessionId' in caller) await services.identity.sessions.revoke(caller.sessionId, actorOf(caller), 'sign-out');
      for (const cookie of noSessionCookies()) ctx.setCookie?.(cookie);
      return { status: 'signed out' as const };
    }),
});

function callerView({ caller, services }: Pick<Context, 'caller' | 'services'>): CallerView {
  const { local, gitHubUrl } = services.identity;
  const memberId = memberOf(caller);
  return {
    kind: caller.kind,
    role: roleOf(caller),
    member: memberId === null ? null : accountView(services.model('members'), memberId, gitHubUrl),
    local,
    canSignIn: gitHubUrl !== null,
  };
}

/** A member as their account shows them; null when they have been erased or never were. */
export function accountView(model: ReadModel, memberId: string, gitHubUrl: string | null): CallerView['member'] {
  const member = memberById(model, memberId);
  if (!member) return null;
  const login = loginOf(model, member.id);
  const profileUrl = login === null ? null : profileUrlOf(gitHubUrl, login);
  return { id: member.id, handle: member.handle, name: member.name, login, profileUrl };
}

export const profileUrlOf = (gitHubUrl: string | null, login: string): string =>
  `${gitHubUrl ?? 'https://github.com'}/${encodeURIComponent(login)}`;
