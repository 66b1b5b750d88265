/** A request as it came. `path` is without, `query` with what follows the question mark. */
export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * `status`: refused before anything happened, in GitHub's words or with `body` as given (text of JSON).
 * Without a status it is done and answered, but: `body` changes the text of the answer, `cutAfter` breaks the connection after so many bytes
 * of it, `unanswered` never sends it. `delayMs` comes before everything.
 */
export type Fault = {
  readonly delayMs?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: (text: string) => string;
  readonly cutAfter?: number;
  readonly unanswered?: true;
};

/** The hour's requests are used up. */
export const primaryLimit = (resetAtSeconds: number): Fault => ({
  status: 403,
  headers: { 'X-RateLimit-Limit': '5000', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(resetAtSeconds) },
  body: () => JSON.stringify({ message: 'API rate limit exceeded for user ID 1.' }),
});

/** Too many at once. */
export const secondaryLimit = (retryAfterSeconds: number): Fault => ({
  status: 429,
  headers: { 'Retry-After': String(retryAfterSeconds) },
  body: () => JSON.stringify({ message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' }),
});

/** What goes wrong, decided request by request by the test. */
export class Faults {
  /** Asked once for each request that no `next` is waiting for. */
  choose: (request: SeenRequest) => Fault | null = () => null;
  readonly #queue: { readonly path: string | undefined; readonly fault: Fault }[] = [];

  /** Strikes the next request, or the next one to a path of the API (`/user/repos`) or the web (`/login/oauth/access_token`); once. */
  next(fault: Fault, path?: string): void {
    this.#queue.push({ path, fault });
  }

  strike(request: SeenRequest): Fault | null {
    const place = this.#queue.findIndex(({ path }) => path === undefined || request.path.endsWith(path));
    return place >= 0 ? (this.#queue.splice(place, 1)[0]?.fault ?? null) : this.choose(request);
  }
}

/** A number from 0 to 1 after another, the same ones for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Everything that goes wrong with GitHub: limits, its own trouble, answers that break off, that are cut, that never come. */
export const EVERY_FAULT: readonly (() => Fault)[] = [
  () => primaryLimit(Math.floor(Date.now() / 1000) + 3_600),
  () => secondaryLimit(60),
  () => ({ status: 500 }),
  () => ({ status: 502, body: () => '<html>Bad Gateway</html>' }),
  () => ({ status: 503, headers: { 'Retry-After': '1' } }),
  () => ({ cutAfter: 40 }),
  () => ({ body: (text) => text.slice(0, Math.floor(text.length / 2)) }),
  () => ({ body: () => '' }),
  () => ({ unanswered: true }),
];

/** Strikes requests by chance. @param rate from 0 (none) to 1 (all) @param faults one of them each, as likely as another */
export function byChance(seed: number, rate: number, faults = EVERY_FAULT): (request: SeenRequest) => Fault | null {
  const chance = chanceOf(seed);
  return () => (chance() < rate ? (faults[Math.floor(chance() * faults.length)]?.() ?? null) : null);
}
