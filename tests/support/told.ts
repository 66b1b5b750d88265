import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { operationsOf } from '../../server/api/operations.ts';
import { appRouter } from '../../server/api/router.ts';

export type Ask = (path: string, init?: RequestInit) => Promise<Response>;
export type Question = { readonly procedure: string; readonly input?: Readonly<Record<string, unknown>> };
/** Every answer, under what was asked. */
export type Told = Map<string, string>;

type Asking = {
  readonly ask: Ask;
  readonly headers: Readonly<Record<string, string>>;
  readonly questions: readonly Question[];
};

const seasonOf = ({ input }: Question) => String(input?.['challenge'] ?? '');

/** What a caller is told by queries over tRPC. */
export async function toldByQueries({ ask, headers, questions }: Asking): Promise<Told> {
  const told: Told = new Map();
  for (const question of questions) {
    const { procedure, input } = question;
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const answer = await ask(`/trpc/${procedure}${search}`, { headers });
    told.set(`${procedure} ${seasonOf(question)}`, await answer.text());
  }
  return told;
}

/** The same questions where they stand in the REST API. */
async function toldByRest({ ask, headers, questions }: Asking): Promise<Told> {
  const told: Told = new Map();
  const places = new Map(operationsOf(appRouter).map(({ procedure, place }) => [procedure, place.path]));
  for (const question of questions) {
    const template = places.get(question.procedure);
    if (template === undefined) continue;
    const fields = Object.entries(question.input ?? {}).map(([name, value]) => [name, String(value)] as const);
    const values = new Map(fields);
    const path = template.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values.get(name) ?? ''));
    const query = new URLSearchParams(
      fields.filter(([name]) => !template.includes(`{${name}}`)).map((one) => [...one]),
    );
    told.set(`GET ${path} ${seasonOf(question)}`, await (await ask(`${path}?${query}`, { headers })).text());
  }
  return told;
}

const ROUTES = join(import.meta.dirname, '..', '..', 'web', 'src', 'routes');
/** The addresses of all pages there are, with what the questions name in place of their parameters. */
function pages(questions: readonly Question[]): string[] {
  const named = (field: string) => String(questions.find(({ input }) => input?.[field] !== undefined)?.input?.[field]);
  return readdirSync(ROUTES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('+page.svelte'))
    .map((file) => `/${file.replace(/\/?\+page\.svelte$/, '').replace(/\([a-z]+\)\/?/, '')}`)
    .map((path) => path.replaceAll(/\[(\w+)\]/g, (_all, field: string) => named(field)));
}

async function toldByPages({ ask, headers, questions }: Asking): Promise<Told> {
  const told: Told = new Map();
  const seasons = new Set(questions.map(seasonOf));
  for (const path of pages(questions))
    for (const season of seasons) {
      const address = season === '' ? path : `${path}?challenge=${season}`;
      const answer = await ask(address, { headers: { ...headers, accept: 'text/html' } });
      if (answer.status >= 500) throw new Error(`${address} answered ${answer.status}.`);
      told.set(`page ${address}`, await answer.text());
    }
  return told;
}

/** What the feed of changes says first to who was away, and what one exports of oneself. */
async function toldByStreams({ ask, headers }: Asking): Promise<Told> {
  const exported = await (await ask('/api/users/me/export', { headers })).text();
  const leaving = new AbortController();
  const away = encodeURIComponent(JSON.stringify({ lastEventId: 'another run' }));
  const accept = 'text/event-stream';
  const feed = await ask(`/trpc/changes?input=${away}`, { headers: { ...headers, accept }, signal: leaving.signal });
  const reader = feed.body?.pipeThrough(new TextDecoderStream()).getReader();
  let changes = '';
  while (reader && !/"topics"|"httpStatus"/.test(changes)) {
    const { value, done } = await reader.read();
    if (done) break;
    changes += value;
  }
  leaving.abort();
  return new Map([
    ['export ', exported],
    ['changes ', changes],
  ]);
}

/** Everything a caller is told: by tRPC and REST, on every page, by the feed of changes, and by their export. */
export async function everythingTold(asking: Asking): Promise<Told> {
  const told: Told = new Map();
  for (const part of [toldByQueries, toldByRest, toldByPages, toldByStreams])
    for (const [asked, text] of await part(asking)) told.set(asked, text);
  return told;
}
