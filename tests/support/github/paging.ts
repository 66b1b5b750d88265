import type { Context } from 'hono';

const DEFAULT_SIZE = 30;
const LARGEST_SIZE = 100;

const positive = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : otherwise;

/**
 * One page of a list, with the Link header that names the others: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
 * @param base where the API is reached, which the links start with
 */
export function paged<Item>(c: Context, base: string, items: readonly Item[]): readonly Item[] {
  const size = Math.min(positive(c.req.query('per_page'), DEFAULT_SIZE), LARGEST_SIZE);
  const page = positive(c.req.query('page'), 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const asked = new URL(c.req.url);
  const link = (to: number, relation: string) => {
    const url = new URL(base + asked.pathname.slice(new URL(base).pathname.length) + asked.search);
    url.searchParams.set('page', String(to));
    return `<${url.href}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ];
  if (links.length > 0) c.header('Link', links.join(', '));
  return items.slice((page - 1) * size, page * size);
}
