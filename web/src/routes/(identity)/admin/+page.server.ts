import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types.d.ts';

/** Organising begins with the seasons. */
export const load: PageServerLoad = () => redirect(307, '/admin/seasons');
