import type { AccessView, CallerView } from '../../../../server/api/views.ts';

export const roles = ['member', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

export const isRole = (value: unknown): value is Role => roles.some((role) => role === value);

/** What GitHub takes for an account: letters, digits and single hyphens. */
export const isLogin = (text: string): boolean => /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}$/i.test(text);

/** Roles that somebody may give: only owners make admins and owners. */
export const assignable = (role: CallerView['role']): readonly Role[] =>
  role === 'owner' ? roles : role === 'admin' ? ['member'] : [];

/** Whether somebody may change or end what another may do. */
export const mayChange = (role: CallerView['role'], other: AccessView['role']): boolean =>
  assignable(role).includes(other ?? 'member');

/** The one owner there is: nobody would be left to let others in. */
export const isLastOwner = (person: AccessView, everybody: readonly AccessView[]): boolean =>
  isActiveOwner(person) && everybody.filter(isActiveOwner).length === 1;

const isActiveOwner = ({ status, role }: AccessView) => status === 'active' && role === 'owner';

/** What to call somebody: the name, or the account of whoever was invited and has not come yet. */
export const callOf = ({ name, login, handle }: Pick<AccessView, 'name' | 'login' | 'handle'>): string =>
  name || login || handle;
