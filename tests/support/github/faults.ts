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
