import { jitteredDelay, pause, type Backoff } from '../backoff.ts';
import type { ReadModels } from '../read-models/database.ts';
import { eraseEverybody, reconcileErased, type Erasing } from './vault-of-log.ts';

export type ErasuresOptions = Erasing & {
  readonly readModels: Pick<ReadModels, 'rebuildAnew'>;
  /** Told of what went wrong after an erasure had been said; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** Between attempts to end what broke off. */
  readonly backoff?: Backoff;
};

/** An erasure that was said. */
export type Begun = {
  /** Whom the log says it of since now; nobody: there is no such member, or it was said before. */
  readonly erased: readonly string[];
  /** True: nothing of theirs is left. False: something went wrong, and it is tried again until it is so. Never rejects. */
  readonly ended: Promise<boolean>;
};

/** Each attempt may fold the whole log. */
const BACKOFF: Backoff = { firstDelayMs: 1_000, longestDelayMs: 600_000 };

/**
 * Erases people: says so, destroys the keys of everybody they turned out to be, and folds anew what had been opened before. The log
 * is told first and the vault remembers what is still to be folded. Whatever breaks off after it was said is ended in the background,
 * or by the next start (`reconcileErased`, `resume`).
 */
export class Erasures implements AsyncDisposable {
  readonly #options: ErasuresOptions;
  readonly #stopping = new AbortController();
  /** Said in this run and not ended. */
  readonly #unended = new Set<string>();
  /** One at a time reads and says in the log what the vault is then told of. */
  #turn: Promise<unknown> = Promise.resolve();
  /** One at a time ends what was said. */
  #ending: Promise<unknown> = Promise.resolve();
  #retrying: Promise<void> | null = null;

  constructor(options: ErasuresOptions) {
    this.#options = options;
  }

  /** People who are said to be erased while something of theirs is left. */
  get left(): number {
    return new Set([...this.#options.vault.unscrubbed(), ...this.#unended]).size;
  }

  /**
   * Erases a person, and everybody who turned out to be them. Resolves when it is said; calling it again does no harm.
   * @param input.by the actor @param input.at ISO instant
   * @throws {StoreUnavailable} @throws {WrongExpectedRevision} when nothing was said
   */
  async erase(input: { readonly memberId: string; readonly by: string; readonly at: string }): Promise<Begun> {
    const erased: string[] = [];
    try {
      await this.#inTurn(() => this.#say(input, erased));
    } catch (error) {
      // The log may have heard it all the same, or of somebody they are known as.
      this.#retry();
      if (erased.length === 0) throw error;
      this.#options.onTrouble(error);
      return { erased, ended: Promise.resolve(false) };
    }
    return { erased, ended: this.resume() };
  }

  /** Ends what an earlier run left. @returns whether it is ended; if not, it is tried again */
  async resume(): Promise<boolean> {
    if (this.left === 0) return true;
    try {
      await this.#end();
      return true;
    } catch (error) {
      this.#failed(error);
      this.#retry();
      return false;
    }
  }

  /** What is being folded is not waited for. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('Almanac is being stopped.'));
    await this.#turn;
    await this.#ending;
    await this.#retrying;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #say(input: { readonly memberId: string; readonly by: string; readonly at: string }, erased: string[]) {
    // What an earlier attempt said and could not do is done first.
    await reconcileErased(this.#options);
    const position = await eraseEverybody(this.#options, [input], (memberId) => {
      erased.push(memberId);
      this.#unended.add(memberId);
    });
    // A log that is ever set back to before this ends before it.
    if (position !== null) this.#options.vault.readThrough = position;
  }

  /** Until nobody is left: somebody may have turned out to be a person erased while that was going on. */
  #end(): Promise<void> {
    const ended = this.#ending.then(async () => {
      const { vault, readModels } = this.#options;
      for (;;) {
        this.#stopping.signal.throwIfAborted();
        const said = [...this.#unended];
        await this.#inTurn(() => reconcileErased(this.#options));
        const memberIds = vault.unscrubbed();
        if (memberIds.length > 0) {
          // All of them: whatever holds a name is folded from events that no longer open.
          await this.#unlessStopped(() => readModels.rebuildAnew());
          vault.scrubbed(memberIds);
        }
        for (const memberId of said) this.#unended.delete(memberId);
        if (memberIds.length === 0) return;
      }
    });
    this.#ending = ended.catch(() => undefined);
    return ended;
  }

  #retry(): void {
    this.#retrying ??= this.#endUntilItWorks().finally(() => (this.#retrying = null));
  }

  async #endUntilItWorks(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 1; !signal.aborted; failures += 1) {
      await pause(jitteredDelay(failures, this.#options.backoff ?? BACKOFF), signal);
      try {
        await this.#end();
        return;
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** Where it is only looked whether the log has heard it, there may be nobody to end it for. */
  #failed(error: unknown): void {
    if (!this.#stopping.signal.aborted && this.left > 0) this.#options.onTrouble(error);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #unlessStopped(work: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopping;
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop);
    try {
      await Promise.race([work(), promise]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
