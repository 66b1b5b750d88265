import { GitHubUnavailable } from '../../identity/github-faults.ts';
import { ask, askIfChanged, everyPage, type Answer, type Asking } from '../../identity/github-requests.ts';
import { pause } from '../../backoff.ts';
import type { z } from 'zod';
import { Slots } from './slots.ts';

export type CredentialOptions = Pick<Asking, 'baseUrl' | 'fetch' | 'timeoutMs'> & {
  /** A member's own, or the one of the settings. */
  readonly token: string;
  /** Requests under way at once; GitHub asks for few of them. */
  readonly most: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends everything that is being asked. */
  readonly signal: AbortSignal;
};

/** A limit that is over by then is waited for, once a request. */
export const SHORT_WAIT_S = 30;
/** What GitHub's documentation asks for where it names no time. */
const A_MINUTE_S = 60;

/**
 * GitHub as one token sees it. Its requests take turns, and wait or give up together when GitHub takes no more of them; whoever asks by
 * another token notices nothing of it.
 */
export class Credential {
  readonly token: string;
  readonly #options: CredentialOptions;
  readonly #asking: Asking;
  readonly #slots: Slots;
  /** GitHub takes no request before this instant, milliseconds since the epoch. */
  #closedUntil = 0;

  constructor(options: CredentialOptions) {
    this.token = options.token;
    this.#options = options;
    this.#slots = new Slots(options.most);
    const { baseUrl, fetch, timeoutMs, token, signal } = options;
    this.#asking = {
      baseUrl,
      fetch,
      timeoutMs,
      token,
      signal,
      through: (request) => this.#slots.run(() => this.#ask(request)),
    };
  }

  /** Seconds since the epoch, by our clock. */
  now(): number {
    return Math.floor(this.#options.now() / 1000);
  }

  get host(): string {
    return new URL(this.#options.baseUrl).host;
  }

  /** @see ask */
  get(route: string, parameters: Record<string, unknown> = {}): Promise<Answer> {
    return ask(this.#asking, route, parameters);
  }

  /** @see askIfChanged */
  getIfChanged(route: string, parameters: Record<string, unknown>, etag: string | null): Promise<Answer | null> {
    return askIfChanged(this.#asking, route, parameters, etag);
  }

  /** @see everyPage */
  list<Item extends z.ZodType>(
    route: string,
    item: Item,
    parameters: Record<string, unknown> = {},
  ): Promise<z.output<Item>[]> {
    return everyPage(this.#asking, route, item, parameters);
  }

  async #ask<Result>(request: () => Promise<Result>): Promise<Result> {
    await this.#opened();
    try {
      return await request();
    } catch (error) {
      if (!this.#closes(error)) throw error;
    }
    await this.#opened();
    return request().catch((error: unknown) => {
      this.#closes(error);
      throw error;
    });
  }

  /** Notes a limit. @returns whether it was one */
  #closes(error: unknown): boolean {
    if (!(error instanceof GitHubUnavailable) || !error.rateLimited) return false;
    const until = this.#options.now() + Math.max(error.retryAfter ?? A_MINUTE_S, 1) * 1000;
    this.#closedUntil = Math.max(this.#closedUntil, until);
    return true;
  }

  /** Waits for a limit that is soon over. @throws {GitHubUnavailable} for one that is not: nothing is asked then */
  async #opened(): Promise<void> {
    const { now, signal } = this.#options;
    const left = this.#closedUntil - now();
    if (left > SHORT_WAIT_S * 1000)
      throw new GitHubUnavailable(`${this.host} takes no more requests for now.`, Math.ceil(left / 1000), true);
    if (left > 0) await pause(left, signal);
    signal.throwIfAborted();
  }
}
