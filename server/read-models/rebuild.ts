import { mkdirSync, renameSync } from 'node:fs';
import type { AnyProjection } from '../../projections/projection.ts';
import type { Built, Progress } from './build.ts';
import type { Builds } from './builds.ts';
import type { Difference } from './compare.ts';
import { nextGeneration, removeDatabase, whileBuilding } from './generations.ts';
import type { ProjectorOrder } from './messages.ts';

export type ProjectionProgress = Progress & { readonly name: string };
export type OnProgress = (progress: ProjectionProgress) => void;

export type Rebuilt = {
  /** Events folded into each read model. */
  readonly events: number;
  readonly milliseconds: number;
  /** The longest time queries stood still while one file took another's place. */
  readonly swapMilliseconds: number;
};

/** A read model could not be folded afresh; its former rows are still in use. */
export class RebuildFailed extends Error {
  override readonly name = 'RebuildFailed';
}

/** Somebody named a read model that does not exist. */
export class UnknownReadModel extends TypeError {
  override readonly name = 'UnknownReadModel';
}

/** One read model being built: asked for once or more often, built once. */
type Job = { readonly done: Promise<Rebuilt>; readonly listeners: Set<OnProgress>; latest: Progress };

export type RebuildsOptions = {
  readonly directory: string;
  readonly projections: readonly AnyProjection[];
  readonly builds: Builds;
  readonly order: (order: ProjectorOrder) => void;
  /** The file queries use. */
  readonly shown: (name: string) => string;
};

/** Builds read models beside those in use and lets them take their place; or only compares. */
export class Rebuilds {
  readonly #options: RebuildsOptions;
  readonly #jobs = new Map<string, Job>();
  /** By path: complete files the projector was asked to adopt. */
  readonly #adoptions = new Map<string, PromiseWithResolvers<number>>();
  /** The newest file promised to somebody; it may not be there yet. */
  readonly #promised = new Map<string, string>();

  constructor(options: RebuildsOptions) {
    this.#options = options;
  }

  /** How far the rebuild of a projection is; undefined: none is under way. */
  progressOf(name: string): Progress | undefined {
    return this.#jobs.get(name)?.latest;
  }

  /**
   * A projection that is being rebuilt already is not rebuilt twice: the second call waits with the first.
   * @param names none: all
   * @throws {UnknownReadModel}
   * @throws {RebuildFailed} naming the first that failed; the others have been rebuilt all the same, and the old rows are still there
   */
  async rebuild(names: readonly string[], onProgress: OnProgress): Promise<Rebuilt> {
    const began = performance.now();
    const wanted = this.#named(names);
    this.#start(wanted.filter(({ name }) => !this.#jobs.has(name)));
    const jobs = wanted.flatMap(({ name }) => this.#jobs.get(name) ?? []);
    for (const { listeners } of jobs) listeners.add(onProgress);
    const outcomes = await Promise.allSettled(jobs.map(({ done }) => done));
    for (const { listeners } of jobs) listeners.delete(onProgress);
    const results = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
    return {
      events: Math.max(0, ...results.map(({ events }) => events)),
      milliseconds: performance.now() - began,
      swapMilliseconds: Math.max(0, ...results.map(({ swapMilliseconds }) => swapMilliseconds)),
    };
  }

  /**
   * All of them, from events as they open from now on: what was begun before this call is waited for and not joined.
   * @throws {RebuildFailed} as `rebuild`
   */
  async rebuildAnew(onProgress: OnProgress): Promise<Rebuilt> {
    while (this.#jobs.size > 0) await Promise.allSettled([...this.#jobs.values()].map(({ done }) => done));
    return this.rebuild([], onProgress);
  }

  /** Folds afresh and compares with the rows in use. @throws {UnknownReadModel} */
  verify(names: readonly string[], onProgress: OnProgress): Promise<readonly Difference[]> {
    const files = this.#named(names).map((projection) => this.#file(projection));
    return this.#options.builds.verify(files, (progress) => {
      for (const { name } of files) onProgress({ name, ...progress });
    });
  }

  #start(projections: readonly AnyProjection[]): void {
    if (projections.length === 0) return;
    const began = performance.now();
    const files = projections.map((projection) => this.#file(projection));
    const building = this.#options.builds.build(files, (progress) => this.#progressed(projections, progress));
    for (const projection of projections) {
      const { name } = projection;
      const path = files.find((file) => file.name === name)?.path ?? '';
      const done = building
        .then((results) => this.#takeOver(projection, path, results, began))
        .finally(() => this.#jobs.delete(name));
      // Whoever asked hears of a failure through `rebuild`.
      done.catch(() => undefined);
      this.#jobs.set(name, { done, listeners: new Set(), latest: { done: 0, total: 0, ratePerSecond: 0 } });
    }
  }

  #progressed(projections: readonly AnyProjection[], progress: Progress): void {
    for (const { name } of projections) {
      const job = this.#jobs.get(name);
      if (!job) continue;
      job.latest = progress;
      for (const listener of job.listeners) listener({ name, ...progress });
    }
  }

  async #takeOver(
    { name }: AnyProjection,
    building: string,
    results: readonly Built[],
    began: number,
  ): Promise<Rebuilt> {
    const result = results.find((one) => one.name === name);
    if (!result || result.error !== null) {
      removeDatabase(building);
      throw new RebuildFailed(`${name} could not be rebuilt: ${result?.error ?? 'it was not folded'}`);
    }
    const path = building.replace(/\.building$/, '.sqlite');
    renameSync(building, path);
    const adoption = Promise.withResolvers<number>();
    this.#adoptions.set(path, adoption);
    this.#options.order({ kind: 'adopt', name, path });
    const swapMilliseconds = await adoption.promise;
    return { events: result.events, milliseconds: performance.now() - began, swapMilliseconds };
  }

  /** Queries use this file now. */
  opened(path: string, swapMilliseconds: number): void {
    this.#adoptions.get(path)?.resolve(swapMilliseconds);
    this.#adoptions.delete(path);
  }

  /** The projector could not use this file, or will not. */
  lost(path: string, reason: string): void {
    this.#adoptions.get(path)?.reject(new Error(`${path}: ${reason}`));
    this.#adoptions.delete(path);
  }

  close(): void {
    for (const path of this.#adoptions.keys()) this.lost(path, 'Almanac is being stopped.');
  }

  #file(projection: AnyProjection) {
    const { directory, shown } = this.#options;
    // The folder may have been deleted with everything in it.
    mkdirSync(directory, { recursive: true });
    const { name } = projection;
    const inUse = shown(name);
    const path = nextGeneration(directory, projection, this.#promised.get(name) ?? inUse);
    this.#promised.set(name, path);
    return { name, path: whileBuilding(path), shown: inUse };
  }

  #named(names: readonly string[]): AnyProjection[] {
    const { projections } = this.#options;
    for (const name of names)
      if (!projections.some((one) => one.name === name))
        throw new UnknownReadModel(
          `There is no read model "${name}"; there are ${projections.map((one) => one.name).join(', ')}.`,
        );
    return projections.filter(({ name }) => names.length === 0 || names.includes(name));
  }
}
