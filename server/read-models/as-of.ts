import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ReadModel } from '../../projections/projection.ts';
import type { VaultAccess } from '../vault/vault.ts';
import type { AsOfWorkerData, AsOfWorkerMessage } from './as-of-worker.ts';
import { removeDatabase } from './generations.ts';
import type { LogSettings } from './log.ts';
import { ALL_PROJECTIONS } from './projections-module.ts';
import { FileReadModel, ReadModelUnavailable } from './read-model.ts';

/** What of the past can be asked for: the book, and what its answers are made of. */
export const PAST_MODELS = ['attendance-book', 'commit-activity', 'members'] as const;
export type PastModelName = (typeof PAST_MODELS)[number];

/** Read models as they were at an instant; the same object as long as it is kept. */
export type PastMoment = { readonly instant: number; model(name: PastModelName): ReadModel };

/** Nothing had been recorded at that instant. */
export class BeforeTheLog extends Error {
  override readonly name = 'BeforeTheLog';
}

export type PastOptions = {
  /** DATA_DIR; the files are in `read-models/past` below it, and live no longer than this process. */
  readonly directory: string;
  readonly log: LogSettings;
  /** What the log is sealed with. Default: nothing is. */
  readonly vault?: VaultAccess | null;
  readonly projectionsModule?: string;
  /**
   * Tells who is erased and what is private today. A past folded before it became another text is thrown away: it may hold a name
   * that must not be shown any more.
   */
  readonly withheld: () => string;
  /** Moments kept, moments waiting to be folded, how many of them for the same asker, and milliseconds folding one may take. */
  readonly limits?: Partial<typeof LIMITS>;
};
const LIMITS = { kept: 4, waiting: 8, waitingForOne: 2, foldingMs: 60_000 };

type Kept = { readonly moment: PastMoment; readonly close: () => void };

/** Folds the book as it was at past instants, one after the other in a thread of its own, and keeps the last few. */
export class Past implements AsyncDisposable {
  readonly #options: PastOptions;
  readonly #limits: typeof LIMITS;
  readonly #directory: string;
  /** Asked for longest ago first. */
  readonly #kept = new Map<number, Kept>();
  readonly #underway = new Map<number, { readonly done: Promise<PastMoment>; readonly asker: string }>();
  #turn: Promise<unknown> = Promise.resolve();
  #worker: Worker | null = null;
  #withheld: string | null = null;
  #number = 0;
  #closed = false;

  constructor(options: PastOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#directory = join(options.directory, 'read-models', 'past');
    // What an earlier process left.
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * The read models as they were. Whoever asks for a moment that is being folded waits for that one.
   * @param instant milliseconds since the epoch
   * @param asker for whom: nobody by themselves takes all the turns there are
   * @throws {BeforeTheLog} @throws {ReadModelUnavailable} when too many wait, or it takes too long
   */
  async at(instant: number, asker: string): Promise<PastMoment> {
    this.forgetWithheld();
    const kept = this.#kept.get(instant);
    if (kept) {
      this.#kept.delete(instant);
      this.#kept.set(instant, kept);
      return kept.moment;
    }
    const known = this.#underway.get(instant);
    if (known) return known.done;
    if (this.#closed || this.#isFull(asker))
      throw new ReadModelUnavailable('Too many past moments are being folded just now.');
    const folded = this.#turn.then(() => this.#fold(instant));
    this.#turn = folded.catch(() => undefined);
    const done = folded.finally(() => this.#underway.delete(instant));
    this.#underway.set(instant, { done, asker });
    return done;
  }

  #isFull(asker: string): boolean {
    const { waiting, waitingForOne } = this.#limits;
    const own = [...this.#underway.values()].filter((one) => one.asker === asker);
    return this.#underway.size >= waiting || own.length >= waitingForOne;
  }

  /** Throws away what holds something that must not be shown any more; to be called when people or repositories have changed. */
  forgetWithheld(): void {
    if (this.#kept.size === 0 || this.#isWithheldAsBefore()) return;
    for (const instant of [...this.#kept.keys()]) this.#drop(instant);
  }

  /** While nobody can tell, it may be otherwise. */
  #isWithheldAsBefore(): boolean {
    try {
      return this.#options.withheld() === this.#withheld;
    } catch (error) {
      if (error instanceof ReadModelUnavailable) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
    await this.#turn;
    for (const instant of [...this.#kept.keys()]) this.#drop(instant);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #fold(instant: number): Promise<PastMoment> {
    if (this.#closed) throw new ReadModelUnavailable('Almanac is being stopped.');
    const withheld = this.#options.withheld();
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#number += 1;
    const files = PAST_MODELS.map((name) => ({ name, path: join(this.#directory, `${this.#number}-${name}.sqlite`) }));
    try {
      const { position } = await this.#inWorker(instant, files);
      if (position === null) throw new BeforeTheLog(`Nothing had been recorded at ${new Date(instant).toISOString()}.`);
      const kept = opened(instant, files, position);
      this.#withheld = withheld;
      this.#keep(instant, kept);
    } catch (error) {
      for (const { path } of files) removeDatabase(path);
      throw error;
    }
    // Somebody was erased meanwhile: it may have been folded before.
    if (withheld !== this.#options.withheld()) this.#drop(instant);
    return this.#kept.get(instant)?.moment ?? this.#fold(instant);
  }

  #keep(instant: number, kept: Kept): void {
    this.#kept.set(instant, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#limits.kept && oldest !== undefined) this.#drop(oldest);
  }

  #drop(instant: number): void {
    this.#kept.get(instant)?.close();
    this.#kept.delete(instant);
  }

  #inWorker(instant: number, files: AsOfWorkerData['files']): Promise<AsOfWorkerMessage> {
    const { log, vault = null, projectionsModule = ALL_PROJECTIONS } = this.#options;
    const workerData: AsOfWorkerData = { log, vault, projectionsModule, instant, files };
    const worker = new Worker(new URL('./as-of-worker.ts', import.meta.url), { workerData });
    this.#worker = worker;
    const tooLong = setTimeout(() => void worker.terminate(), this.#limits.foldingMs);
    return new Promise<AsOfWorkerMessage>((resolve, reject) => {
      let result: AsOfWorkerMessage | undefined;
      worker.on('message', (message: AsOfWorkerMessage) => (result = message));
      worker.on('error', reject);
      worker.on('exit', () => {
        if (result) resolve(result);
        else reject(new ReadModelUnavailable('The past moment could not be folded in time.'));
      });
    }).finally(() => {
      clearTimeout(tooLong);
      this.#worker = null;
    });
  }
}

function opened(instant: number, files: AsOfWorkerData['files'], position: bigint): Kept {
  const models = new Map<string, FileReadModel>();
  for (const { name, path } of files) {
    const model = new FileReadModel(name, () => undefined);
    model.use(path, position);
    models.set(name, model);
  }
  const model = (name: PastModelName) => {
    const found = models.get(name);
    if (!found) throw new TypeError(`"${name}" is not folded as of a past moment.`);
    return found;
  };
  const close = () => {
    for (const one of models.values()) one.close();
    for (const { path } of files) removeDatabase(path);
  };
  return { moment: { instant, model }, close };
}
