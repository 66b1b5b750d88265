import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { LOCAL_MEMBER } from '../../domain/access.ts';
import { hasExpired, scopeSchema, scopesOf } from '../../domain/api-key.ts';
import { accessOf } from '../../projections/access.ts';
import { keysOf } from '../../projections/api-keys.ts';
import { connectedRepositories } from '../../projections/connections.ts';
import { identitiesOf } from '../../projections/members.ts';
import { sessionsOf } from '../../projections/sessions.ts';
import { actorOf, isAdmin, memberOf, roleOf, type Caller } from '../identity/caller.ts';
import { noSessionCookies } from '../identity/cookies.ts';
import type { GitHubConnections } from '../identity/github-connections.ts';
import { accountView } from './auth.ts';
import { fieldError } from './errors.ts';
import type { Services } from './services.ts';
import { accountProcedure, personProcedure, router } from './trpc.ts';
import type { AccountView, KeyView, RepositoryChoice, SessionView } from './views.ts';

/** Whose sessions and keys these are: the member's, or those of the person at the keyboard. */
const ownerOf = (caller: Caller): string => memberOf(caller) ?? LOCAL_MEMBER;

/** The member somebody is. @throws NOT_FOUND for the person at the keyboard, who has no account */
function requireAccount(caller: Caller): string {
  const memberId = memberOf(caller);
  if (memberId !== null) return memberId;
  throw new TRPCError({ code: 'NOT_FOUND', message: 'At the keyboard of this machine nobody has an account.' });
}

/** @throws NOT_FOUND where signing in is not configured */
function requireGitHub({ identity }: Services): GitHubConnections {
  if (identity.connections) return identity.connections;
  throw new TRPCError({ code: 'NOT_FOUND', message: 'GitHub is not configured here.' });
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

export const accountRouter = router({
  get: accountProcedure
    .meta({ description: 'Who one is here: identities, what GitHub lets Almanac see, repositories connected.' })
    .query(({ ctx: { services, caller } }): AccountView => {
      const memberId = memberOf(caller);
      if (memberId === null) return { member: null, identities: [], status: 'active', scopes: null, repositories: [] };
      const access = accessOf(services.model('access'), memberId);
      return {
        member: accountView(services.model('members'), memberId, services.identity.gitHubUrl),
        identities: identitiesOf(services.model('members'), memberId),
        status: access?.status ?? 'none',
        scopes: access?.tokenScopes ?? null,
        repositories: connectedRepositories(services.model('connections'), memberId),
      };
    }),

  sessions: accountProcedure
    .meta({ description: "One's sessions, the latest first." })
    .query(({ ctx: { services, caller } }): SessionView[] => {
      const current = 'sessionId' in caller ? caller.sessionId : null;
      const open = sessionsOf(services.model('sessions'), ownerOf(caller), services.now());
      return open.map((session) => ({ ...session, current: session.id === current }));
    }),

  revokeSession: accountProcedure
    .meta({ description: "Ends one of one's sessions; without an id all but the one that asks." })
    .input(z.strictObject({ id: z.string().max(100).nullable() }))
    .mutation(async ({ ctx: { services, caller, setCookie }, input }) => {
      const own = sessionsOf(services.model('sessions'), ownerOf(caller), services.now());
      const current = 'sessionId' in caller ? caller.sessionId : null;
      const ending = own.filter(({ id }) => (input.id === null ? id !== current : id === input.id));
      if (input.id !== null && ending.length === 0) throw fieldError('id', 'You have no such session.', 'NOT_FOUND');
      for (const { id } of ending) await services.identity.sessions.revoke(id, actorOf(caller), 'revoked');
      if (input.id === current && current !== null) for (const cookie of noSessionCookies()) setCookie?.(cookie);
      return { ended: ending.length };
    }),

  keys: personProcedure
    .meta({ description: "One's API keys, the latest first; never their texts." })
    .query(({ ctx: { services, caller } }): KeyView[] =>
      keysOf(services.model('api-keys'), ownerOf(caller)).map((key) => ({
        ...key,
        expired: hasExpired(key.expiresAt, services.now()),
      })),
    ),

  issueKey: personProcedure
    .meta({ description: 'Makes an API key. Its text is in this answer and can never be had again.' })
    .input(
      z.strictObject({
        name: z.string().max(200),
        scopes: z.array(scopeSchema).max(10),
        /** Days from now; null: until it is revoked. */
        days: z.int().min(1).max(366).nullable(),
        requestsPerMinute: z.int().min(1).max(100_000).nullable().default(null),
      }),
    )
    .mutation(async ({ ctx: { services, caller }, input: { days, ...wish } }) => {
      refuseKeys(services, caller, wish.requestsPerMinute);
      const expiresAt = days === null ? null : iso(services.now() + days * 86_400_000);
      const maker = { memberId: ownerOf(caller), by: actorOf(caller), held: scopesOf(roleOf(caller)) };
      return services.identity.keys.issue({ ...wish, expiresAt }, maker);
    }),

  revokeKey: personProcedure
    .meta({ description: "Ends one of one's API keys at once." })
    .input(z.strictObject({ id: z.string().max(100) }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const own = keysOf(services.model('api-keys'), ownerOf(caller));
      if (!own.some(({ id }) => id === input.id)) throw fieldError('id', 'You have no such key.', 'NOT_FOUND');
      await services.identity.keys.revoke(input.id, actorOf(caller));
      return { id: input.id };
    }),

  reachable: personProcedure
    .meta({ description: 'Repositories that GitHub lets Almanac see; null when GitHub is not connected (any more).' })
    .query(async ({ ctx: { services, caller } }): Promise<RepositoryChoice[] | null> => {
      const memberId = requireAccount(caller);
      const reachable = await requireGitHub(services).reachable(memberId);
      if (reachable === null) return null;
      const chosen = connectedRepositories(services.model('connections'), memberId);
      const connected = new Set(chosen.map(({ githubId }) => githubId));
      return reachable.map((one) => ({
        githubId: one.id,
        name: one.fullName,
        private: one.private,
        connected: connected.has(one.id),
      }));
    }),

  connectRepositories: personProcedure
    .meta({ description: "Connects repositories of one's GitHub account, by GitHub's numbers." })
    .input(z.strictObject({ githubIds: z.array(z.int().positive()).min(1).max(500) }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const connected = await requireGitHub(services).connect(requireAccount(caller), input.githubIds);
      if (connected === null) throw new TRPCError({ code: 'CONFLICT', message: 'Connect GitHub first.' });
      if (connected.length === 0)
        throw fieldError('githubIds', 'GitHub shows Almanac none of these repositories.', 'NOT_FOUND');
      return { connected: connected.length };
    }),

  disconnectRepository: personProcedure
    .meta({ description: 'Almanac is not to read this repository any more.' })
    .input(z.strictObject({ repositoryId: z.string().max(100) }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      await requireGitHub(services).remove(requireAccount(caller), input.repositoryId);
      return { repositoryId: input.repositoryId };
    }),

  disconnectGitHub: personProcedure
    .meta({ description: 'Gives the token back to GitHub and forgets it.' })
    .mutation(async ({ ctx: { services, caller } }) => {
      await requireGitHub(services).disconnect(requireAccount(caller), actorOf(caller));
      return { status: 'disconnected' as const };
    }),

  erase: accountProcedure
    .meta({ description: "Destroys everything personal of one's own for good; `confirm` is one's handle." })
    .input(z.strictObject({ confirm: z.string().max(200) }))
    .mutation(async ({ ctx: { services, caller, setCookie }, input }) => {
      const memberId = requireAccount(caller);
      const member = accountView(services.model('members'), memberId, null);
      if (!member || input.confirm.trim() !== member.handle)
        throw fieldError('confirm', `Type your handle "${member?.handle ?? ''}" to confirm.`);
      const status = await services.identity.erase(memberId, actorOf(caller));
      for (const cookie of noSessionCookies()) setCookie?.(cookie);
      return { status };
    }),
});

/** Keys somebody may have at once: each is counted for itself. */
const MOST_KEYS = 20;

/** Nobody lifts their own limit. @throws BAD_REQUEST */
function refuseKeys(services: Services, caller: Caller, requestsPerMinute: number | null): void {
  if (keysOf(services.model('api-keys'), ownerOf(caller)).length >= MOST_KEYS)
    throw fieldError('name', `You have ${MOST_KEYS} keys: revoke one you do not use.`);
  const most = services.identity.requestsPerMinute;
  if (most > 0 && (requestsPerMinute ?? 0) > most && !isAdmin(caller))
    throw fieldError('requestsPerMinute', `Only admins make keys for more than ${most} requests a minute.`);
}
