import { error } from '@sveltejs/kit';
import type { LayoutServerLoad } from './$types.d.ts';

/** The pages of those who look after the server; what each of them reads is refused by the API besides. */
export const load: LayoutServerLoad = ({ locals: { caller } }) => {
  if (caller !== null && caller.role !== 'admin' && caller.role !== 'owner') error(403, 'This is for admins');
  return {};
};
