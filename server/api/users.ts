import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { mayAssign, roleSchema, type Actor } from '../../domain/access.ts';
import { accessOf, listAccess } from '../../projections/access.ts';
import {
  findMember,
  holderOfIdentity,
  identitiesOf,
  listMembers,
  loginOf,
  memberById,
} from '../../projections/members.ts';
import { actorOf, isAdmin, memberOf, roleOf, type Caller } from '../identity/caller.ts';
import { profileUrlOf } from './auth.ts';
import { fieldError } from './errors.ts';
import type { Services } from './services.ts';
import { adminProcedure, answers, readProcedure, router } from './trpc.ts';
import type { AccessView } from './views.ts';

const tags = ['users'];
const userSchema = z
  .object({
    id: z.string(),
    github_id: z.string().meta({ description: 'The GitHub login; the handle of somebody without one.' }),
    github_profile_url: z.url().nullable(),
  })
  .meta({ id: 'User' });
type User = z.infer<typeof userSchema>;

const id = z.string().min(1).max(100);
/** GitHub's rule: letters, digits and single hyphens, 39 characters. */
const login = z
  .string()
  .trim()
  .toLowerCase()
  // People copy it from where it stands: `@octocat`, `https://github.com/octocat`.
  .overwrite((text) => text.replace(/^(@|https?:\/\/[^/]+\/)/, '').replace(/\/$/, ''))
  .regex(/^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}$/, { error: 'expected a GitHub login, such as octocat' });
const one = z.strictObject({ id });
const notFound = [404] as const;

export const usersRouter = router({
  list: readProcedure
    .meta({
      description: 'Everybody known, people only.',
      rest: { method: 'GET', path: '/api/users', summary: 'All users', tags },
    })
    .output(answers(z.array(userSchema)))
    .query(({ ctx: { services, caller } }) =>
      listMembers(services.model('members'))
        .filter(({ id, bot }) => !bot && isShown(services, caller, id))
        .map((member) => userOf(services, member)),
    ),

  get: readProcedure
    .meta({
      description: 'A user by id.',
      rest: { method: 'GET', path: '/api/users/{id}', summary: 'A user', tags, errors: notFound },
    })
    .input(one)
    .output(answers(userSchema))
    .query(({ ctx: { services, caller }, input }) => {
      const user = requireUser(services, input.id);
      if (!isShown(services, caller, user.id)) throw fieldError('id', `There is no user "${input.id}".`, 'NOT_FOUND');
      return userOf(services, user);
    }),

  byGitHub: readProcedure
    .meta({
      description: 'A user by GitHub login, or by handle.',
      rest: {
        method: 'GET',
        path: '/api/users/github/{github_id}',
        summary: 'A user of GitHub',
        tags,
        errors: notFound,
      },
    })
    .input(z.strictObject({ github_id: z.string().min(1).max(200) }))
    .output(answers(userSchema))
    .query(({ ctx: { services, caller }, input }) => {
      const model = services.model('members');
      const found =
        holderOfIdentity(model, 'github', input.github_id.toLowerCase()) ?? findMember(model, input.github_id);
      if (!found || !isShown(services, caller, found.id))
        throw fieldError('github_id', `There is no user "${input.github_id}".`, 'NOT_FOUND');
      return userOf(services, found);
    }),

  create: adminProcedure
    .meta({
      description: 'Invites whoever signs in with this GitHub account. 400 when they are in or invited already.',
      rest: { method: 'POST', path: '/api/users', status: 201, summary: 'Invite a user', tags, errors: [403] },
    })
    .input(z.strictObject({ github_id: login, role: roleSchema.default('member') }))
    .output(answers(userSchema))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const model = services.model('members');
      const known = holderOfIdentity(model, 'github', input.github_id);
      // Whose login it was once is not who has it now.
      const isTheirs = known && loginOf(model, known.id) === input.github_id;
      const status = isTheirs && accessOf(services.model('access'), known.id)?.status;
      if (status === 'active' || status === 'invited')
        throw fieldError('github_id', `"${input.github_id}" is ${status === 'active' ? 'in' : 'invited'} already.`);
      const { memberId } = await services.identity.accounts.invite(
        { login: input.github_id, role: input.role },
        actor(caller),
      );
      return userOf(services, requireUser(services, memberId));
    }),

  update: adminProcedure
    .meta({
      description: 'Changes what a user may do: `role`, and with `active` whether they may come in at all.',
      rest: { method: 'PUT', path: '/api/users/{id}', summary: 'Change a user', tags, errors: [403, 404, 409] },
    })
    .input(z.strictObject({ id, role: roleSchema.optional(), active: z.boolean().optional() }))
    .output(answers(userSchema))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const user = requireUser(services, input.id);
      const { accounts, sessions } = services.identity;
      if (input.active === true) await accounts.reactivate(user.id, actor(caller));
      if (input.role !== undefined) {
        const { role } = input;
        await accounts.changeRole(user.id, role, actor(caller));
      }
      if (input.active === false) {
        await accounts.deactivate(user.id, actor(caller));
        await sessions.endAccess(sessions.openOf(user.id), actorOf(caller));
      }
      return userOf(services, user);
    }),

  access: adminProcedure
    .meta({ description: 'Who may come in, who waits, who is invited: those who wait first.' })
    .query(({ ctx: { services } }): AccessView[] => {
      const model = services.model('members');
      return listAccess(services.model('access')).map((access) => {
        const member = memberById(model, access.memberId);
        return {
          id: access.memberId,
          handle: member?.handle ?? '',
          name: member?.name ?? '',
          login: loginOf(model, access.memberId),
          role: access.role,
          status: access.status,
          since: access.since,
        };
      });
    }),

  byCommits: adminProcedure
    .meta({ description: 'Who is known by commits only: never invited, never signed in.' })
    .query(({ ctx: { services } }): AccessView[] => {
      const model = services.model('members');
      const known = new Set(listAccess(services.model('access')).map(({ memberId }) => memberId));
      return listMembers(model)
        .filter(({ id, bot }) => !bot && !known.has(id))
        .map(({ id, handle, name }) => ({
          ...{ id, handle, name, login: loginOf(model, id) },
          ...{ role: null, status: 'none' as const, since: '' },
        }));
    }),

  identities: adminProcedure
    .meta({
      description: 'What a user is known by: addresses, logins, numbers of accounts, and names without an address.',
    })
    .input(one)
    .query(({ ctx: { services }, input }) =>
      identitiesOf(services.model('members'), requireUser(services, input.id).id),
    ),

  approve: adminProcedure
    .meta({ description: 'Lets in who waits, or who was declined.' })
    .input(z.strictObject({ id, role: roleSchema.default('member') }))
    .mutation(({ ctx: { services, caller }, input }) =>
      services.identity.accounts.approve(input.id, input.role, actor(caller)),
    ),

  decline: adminProcedure
    .meta({ description: 'Turns away who waits, or takes an invitation back.' })
    .input(one)
    .mutation(({ ctx: { services, caller }, input }) => services.identity.accounts.decline(input.id, actor(caller))),

  merge: adminProcedure
    .meta({ description: 'Joins somebody known by commits, `id`, to the account of whom they are, `into`, for good.' })
    .input(z.strictObject({ id, into: id }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      await services.identity.accounts.merge(input, actor(caller));
      return userOf(services, requireUser(services, input.into));
    }),

  erase: adminProcedure
    .meta({ description: 'Destroys everything personal of somebody for good; `confirm` is their handle.' })
    .input(z.strictObject({ id, confirm: z.string().max(200) }))
    .mutation(async ({ ctx: { services, caller }, input }) => {
      const user = requireUser(services, input.id);
      const role = accessOf(services.model('access'), user.id)?.role ?? null;
      if (!mayAssign(roleOf(caller), role, 'member'))
        throw new TRPCError({ code: 'FORBIDDEN', message: 'Only an owner may erase an admin or owner.' });
      if (input.confirm.trim() !== user.handle)
        throw fieldError('confirm', `Type their handle "${user.handle}" to confirm.`);
      return { status: await services.identity.erase(user.id, actorOf(caller)) };
    }),
});

/** Who waits, was turned away or is only invited is told to admins alone, and to themselves. */
function isShown(services: Services, caller: Caller, memberId: string): boolean {
  const status = accessOf(services.model('access'), memberId)?.status ?? 'none';
  return status === 'active' || status === 'none' || isAdmin(caller) || memberOf(caller) === memberId;
}

const actor = (caller: Caller): Actor => ({ by: actorOf(caller), role: roleOf(caller) });

/** @throws NOT_FOUND naming the field */
function requireUser(services: Services, memberId: string) {
  const member = memberById(services.model('members'), memberId);
  if (member) return member;
  throw fieldError('id', `There is no user "${memberId}".`, 'NOT_FOUND');
}

function userOf(services: Services, { id, handle }: { id: string; handle: string }): User {
  const account = loginOf(services.model('members'), id);
  return {
    id,
    github_id: account ?? handle,
    github_profile_url: account === null ? null : profileUrlOf(services.identity.gitHubUrl, account),
  };
}
