import { Worker } from 'node:worker_threads';
import type { BuildWorkerData, BuildWorkerMessage } from './build-worker.ts';
import type { Built, Progress } from './build.ts';
import type { Difference } from './compare.ts';
import { removeDatabase } from './generations.ts';

/** What a thread is to fold afresh. `path`: where. `shown`: the file in use. */
export type BuildFile = BuildWorkerData['files'][number];

type Source = Pick<BuildWorkerData, 'log' | 'projectionsModule' | 'vault'>;
type Result = Exclude<BuildWorkerMessage, { kind: 'progress' }>;

/** Threads that fold the whole log into new files beside those in use. What they leave unfinished is removed. */
export class Builds {
  readonly #source: Source;
  readonly #workers = new Set<Worker>();
  readonly #under = new Set<Promise<unknown>>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** @throws {Error} when the thread failed as a whole; one that fails a projection says so in its result */
  async build(files: readonly BuildFile[], onProgress: (progress: Progress) => void): Promise<readonly Built[]> {
    const result = await this.#run('build', files, onProgress);
    return result.kind === 'built' ? result.results : [];
  }

  async verify(files: readonly BuildFile[], onProgress: (progress: Progress) => void): Promise<readonly Difference[]> {
    const result = await this.#run('verify', files, onProgress);
    return result.kind === 'compared' ? result.differences : [];
  }

  #run(task: BuildWorkerData['task'], files: readonly BuildFile[], onProgress: (progress: Progress) => void) {
    const running = this.#result(task, files, onProgress).catch((error: unknown) => {
      for (const { path } of files) removeDatabase(path);
      throw error;
    });
    this.#under.add(running);
    return running.finally(() => this.#under.delete(running));
  }

  #result(task: BuildWorkerData['task'], files: readonly BuildFile[], onProgress: (progress: Progress) => void) {
    const workerData: BuildWorkerData = { ...this.#source, task, files };
    const worker = new Worker(new URL('./build-worker.ts', import.meta.url), { workerData });
    this.#workers.add(worker);
    return new Promise<Result>((resolve, reject) => {
      let result: Result | undefined;
      worker.on('message', (message: BuildWorkerMessage) => {
        if (message.kind === 'progress') onProgress(message);
        else result = message;
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        this.#workers.delete(worker);
        if (result) resolve(result);
        else reject(new Error('Folding afresh was interrupted.'));
      });
    });
  }

  /** Stops what is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
    await Promise.allSettled(this.#under);
  }
}
