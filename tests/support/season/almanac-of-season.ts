import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CollectionRun } from '../../../server/collect/github/collector.ts';
import { loadSettings } from '../../../server/config.ts';
import { openAlmanac, type Almanac } from '../../../server/main.ts';
import { ACCESS_COOKIE, beginSignIn, comeBack, cookieSet, type Credentials } from '../signed-in.ts';
import { WEBHOOK_SECRET, type Delivery, type GitHubOfSeason } from './github-of-season.ts';

/** Milliseconds since the epoch; whoever holds it says what time it is. */
export type Clock = { ms: number };

export const OWNER = 'organiser';
/** Almanac's own name for itself where no socket is: GitHub leads people back to it. */
const ORIGIN = 'http://127.0.0.1:3000';
const SHORTER_THAN_A_TOKEN_MS = 9 * 60_000;

type Pass = { readonly bearer: Credentials; readonly id: string; readonly at: number };

/** The product in this very process, on a clock of the test, with people who sign in as people do. */
export class AlmanacOfSeason implements AsyncDisposable {
  readonly clock: Clock;
  readonly gitHub: GitHubOfSeason;
  readonly dataDirectory = mkdtempSync(join(tmpdir(), 'almanac-season-'));
  readonly #passes = new Map<string, Pass>();
  #open: Almanac | null = null;

  constructor(gitHub: GitHubOfSeason, clock: Clock) {
    this.gitHub = gitHub;
    this.clock = clock;
  }

  get running(): Almanac {
    if (!this.#open) throw new Error('Almanac is not running.');
    return this.#open;
  }

  async start(): Promise<void> {
    const { clientId, clientSecret, webUrl, apiUrl } = this.gitHub.standIn;
    const env = {
      ...{ GITHUB_CLIENT_ID: clientId, GITHUB_CLIENT_SECRET: clientSecret },
      ...{ GITHUB_WEB_URL: webUrl, GITHUB_API_URL: apiUrl, GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET },
      ...{ OWNERS: OWNER, RATE_LIMIT: '0', LOG_LEVEL: 'error', DATA_DIR: this.dataDirectory },
    };
    const settings = { ...loadSettings({}, env, this.dataDirectory), repositories: [] };
    this.#open = await openAlmanac(settings, 'season', false, () => this.clock.ms);
  }

  /** Ends it as a server is ended. What is kept stays. */
  async stop(): Promise<void> {
    await this.#open?.close();
    this.#open = null;
    this.#passes.clear();
  }

  ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    this.running.fetch(new Request(new URL(path, ORIGIN), init));

  async query<Answer>(procedure: string, input: unknown, as: Credentials = this.operator): Promise<Answer> {
    const answer = await this.ask(`/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`, {
      headers: as,
    });
    return dataOf<Answer>(procedure, answer);
  }

  async mutate<Answer>(procedure: string, input: unknown, as: Credentials): Promise<Answer> {
    const headers = { ...as, 'content-type': 'application/json' };
    const answer = await this.ask(`/trpc/${procedure}`, { method: 'POST', headers, body: JSON.stringify(input) });
    return dataOf<Answer>(procedure, answer);
  }

  /** Whoever started the server: they see what an admin sees. */
  get operator(): Credentials {
    return { authorization: `Bearer ${this.running.operatorToken}` };
  }

  /** Somebody's token, by a sign-in of the last minutes. */
  async as(key: string): Promise<Pass> {
    const known = this.#passes.get(key);
    if (known && this.clock.ms - known.at < SHORTER_THAN_A_TOKEN_MS) return known;
    return this.signIn(key);
  }

  async signIn(key: string): Promise<Pass> {
    const answer = await this.#throughGitHub(key, '', {});
    const token = cookieSet(answer, ACCESS_COOKIE);
    if (!token) throw new Error(`"${key}" did not get in: ${answer.status} ${answer.headers.get('location')}`);
    const bearer = { authorization: `Bearer ${token}` };
    const { id } = (await (await this.ask('/api/auth/me', { headers: bearer })).json()) as { id: string };
    const pass = { bearer, id, at: this.clock.ms };
    this.#passes.set(key, pass);
    return pass;
  }

  /** Lets Almanac see private repositories, and chooses them to be read. */
  async connect(key: string, githubIds: readonly number[]): Promise<void> {
    const { bearer } = await this.as(key);
    await this.#throughGitHub(key, '?connect=repositories', bearer);
    await this.mutate('account.connectRepositories', { githubIds }, bearer);
  }

  async #throughGitHub(key: string, query: string, headers: Credentials): Promise<Response> {
    const { authorizeUrl, ticket } = await beginSignIn(this, { query, headers });
    return comeBack(this, await this.gitHub.standIn.signIn(authorizeUrl, this.gitHub.loginOf(key)), {
      ticket,
      headers,
    });
  }

  /** What GitHub sends of a push. @returns the status of the answer */
  async deliver({ body, headers }: Delivery): Promise<number> {
    return (await this.ask('/webhooks/github', { method: 'POST', headers, body })).status;
  }

  /** Reads everybody at GitHub. */
  collect(onProgress: () => void): Promise<CollectionRun> {
    return this.running.app.services.collections.collector.collectAll(new AbortController().signal, onProgress);
  }

  /** Resolves when everything in the log was acted on and is shown. */
  settle(): Promise<void> {
    return this.running.app.services.collections.shown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }
}

async function dataOf<Answer>(procedure: string, answer: Response): Promise<Answer> {
  const body = (await answer.json()) as { result?: { data: Answer }; error?: { message: string } };
  if (!body.result) throw new Error(`${procedure} (${answer.status}): ${body.error?.message}`);
  return body.result.data;
}
