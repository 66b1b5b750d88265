import { almanac, asked } from '#lib/api.server.ts';
import type { PageServerLoad } from './$types.d.ts';

const SHOWN = 50;

export const load: PageServerLoad = async ({ depends, fetch, url }) => {
  depends('almanac:access', 'almanac:members');
  const asText = url.searchParams.get('before') ?? '';
  const before = /^\d{1,15}$/.test(asText) ? Number(asText) : undefined;
  const wanted = { limit: SHOWN + 1, ...(before !== undefined && { before }) };
  const entries = await asked(almanac(fetch).audit.list.query(wanted), 'member');
  const shown = entries.slice(0, SHOWN);
  return { entries: shown, before, older: entries.length > SHOWN ? (shown.at(-1)?.position ?? null) : null };
};
