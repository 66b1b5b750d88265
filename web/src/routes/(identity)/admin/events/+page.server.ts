import { almanac, asked } from '#lib/api.server.ts';
import type { PageServerLoad } from './$types.d.ts';

const SHOWN = 50;

export const load: PageServerLoad = async ({ depends, fetch, url }) => {
  depends('almanac:events');
  const api = almanac(fetch);
  const [type, stream] = ['type', 'stream'].map((name) => url.searchParams.get(name)?.trim() ?? '') as [string, string];
  const asText = url.searchParams.get('before') ?? '';
  const before = /^\d{1,15}$/.test(asText) ? Number(asText) : undefined;
  const filter = { ...(type && { type: type.slice(0, 100) }), ...(stream && { stream: stream.slice(0, 300) }) };
  const page = { ...filter, ...(before !== undefined && { before }), limit: SHOWN + 1 };
  const [{ events }, { counts }] = await Promise.all([
    asked(api.events.recorded.query(page), 'challenge'),
    asked(api.events.latest.query({ limit: 1 }), 'challenge'),
  ]);
  const shown = events.slice(0, SHOWN);
  const older = events.length > SHOWN ? (shown.at(-1)?.position ?? null) : null;
  const types = counts.map((one) => one.type).toSorted();
  return { events: shown, older, before, filter: { type, stream }, types };
};
