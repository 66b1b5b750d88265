import { jitteredDelay, pause } from '../backoff.ts';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyProjection, ReadModel } from '../../projections/projection.ts';
import type { VaultAccess } from '../vault/vault.ts';
import { lockDirectory } from '../sqlite/directory-lock.ts';
import { Builds } from './builds.ts';
import type { Difference } from './compare.ts';
import { messageOf } from './faults.ts';
import { reaches } from './folding.ts';
import { removeLeftovers } from './generations.ts';
import type { LogSettings } from './log.ts';
import type { ProjectorMessage } from './messages.ts';
import { ALL_PROJECTIONS, loadProjections } from './projections-module.ts';
import { ProjectorThread } from './projector-thread.ts';
import type { Timing } from './projector.ts';
import { Rebuilds, type OnProgress, type Rebuilt } from './rebuild.ts';
import { ShownModel, type ReadModelStatus } from './shown-model.ts';
import { Waiting, type WaitOptions } from './waiting.ts';

export type { ReadModelStatus } from './shown-model.ts';

export type ReadModelsOptions = {
  /** DATA_DIR; the files are in `read-models` below it. */
  readonly directory: string;
  readonly log: LogSettings;
  /** What the log is sealed with. Default: nothing is. */
  readonly vault?: VaultAccess;
  /** URL of a module that exports `projections`. Default: all of Almanac's. */
  readonly projectionsModule?: string;
  readonly onNotice?: (notice: Notice) => void;
  readonly timing?: Timing;
};

/** Something an operator may want to read: a file that had to be made anew, a projection that is parked, a fault that is tried again. */
export type Notice = { readonly level: 'info' | 'warn' | 'error'; readonly about: string; readonly message: string };

/** Rows one can query have changed. */
export type Change = { readonly position: bigint | null; readonly projections: readonly string[] };

/** A read model that is lost and cannot be rebuilt is tried again after these milliseconds. */
const HEALING = { firstDelayMs: 1_000, longestDelayMs: 300_000 };

/**
 * Everything that is shown, kept up to date by a thread of its own.
 * @throws {DataDirectoryInUse} when another process folds into the same directory @throws an SQLite error when files cannot be opened
 */
export async function openReadModels(options: ReadModelsOptions): Promise<ReadModels> {
  const directory = join(options.directory, 'read-models');
  mkdirSync(directory, { recursive: true });
  // They hold names and addresses opened; and copies of them do, which is why backups leave them out.
  chmodSync(directory, 0o700);
  const lock = lockDirectory(directory);
  try {
    const module = options.projectionsModule ?? ALL_PROJECTIONS;
    const projections = await loadProjections(module);
    removeLeftovers(
      directory,
      projections.map(({ name }) => name),
    );
    const models = new ReadModels({ ...options, directory, projectionsModule: module }, projections, lock);
    await models.start();
    return models;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

export class ReadModels implements AsyncDisposable {
  readonly #shown: ReadonlyMap<string, ShownModel>;
  readonly #lock: Disposable;
  readonly #builds: Builds;
  readonly #rebuilds: Rebuilds;
  readonly #thread: ProjectorThread;
  readonly #notice: (notice: Notice) => void;
  readonly #waiting = new Waiting();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #healing = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  #head: bigint | null = null;
  /** A verification may be about to open a file that has just been replaced: it is removed afterwards. */
  #verifications = 0;
  readonly #held: string[] = [];

  /** Use `openReadModels`. */
  constructor(
    options: ReadModelsOptions & { readonly projectionsModule: string },
    projections: readonly AnyProjection[],
    lock: Disposable,
  ) {
    const { directory, log, projectionsModule, vault = null, timing } = options;
    this.#lock = lock;
    this.#notice = options.onNotice ?? (() => undefined);
    const damaged = (path: string, reason: string) => this.#thread.order({ kind: 'damaged', path, reason });
    this.#shown = new Map(projections.map((projection) => [projection.name, new ShownModel(projection, damaged)]));
    this.#builds = new Builds({ log, projectionsModule, vault });
    this.#thread = new ProjectorThread(
      { directory, log, projectionsModule, vault, ...(timing ? { timing } : {}) },
      {
        message: (message) => this.#heard(message),
        crashed: (error) => this.#notice({ level: 'error', about: 'projector', message: messageOf(error) }),
      },
    );
    this.#rebuilds = new Rebuilds({
      directory,
      projections,
      builds: this.#builds,
      order: (order) => this.#thread.order(order),
      shown: (name) => this.#shownOf(name).model.path ?? '',
    });
  }

  start(): Promise<void> {
    return this.#thread.start();
  }

  /** The same object for ever; the file behind it may be replaced by a newer one between two queries. @throws {TypeError} for an unknown name */
  model(name: string): ReadModel {
    return this.#shownOf(name).model;
  }

  /** Where each read model is. */
  status(): ReadModelStatus[] {
    return [...this.#shown.values()].map((shown) =>
      shown.status(this.#head, this.#rebuilds.progressOf(shown.projection.name)),
    );
  }

  /**
   * Resolves when what was written at this position can be queried.
   * @throws {ReadModelsBehind} when time is up; the signal's reason when it aborts
   */
  waitFor(position: bigint, options: WaitOptions = {}): Promise<void> {
    const models = options.projections?.map((name) => this.#shownOf(name));
    const isDone = () =>
      (models ?? [...this.#shown.values()].filter(({ state }) => state !== 'parked')).every(({ model }) =>
        reaches(model.position, position),
      );
    return this.#waiting.until(isDone, options);
  }

  /** Calls the listener after rows have changed. @returns what ends it */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Read models with their state, as `almanac projections list` shows them. */
  async list(): Promise<
    { name: string; version: number; state: ReadModelStatus['state']; position: string | null; error: string | null }[]
  > {
    return this.status().map(({ name, version, state, position, error }) => ({
      name,
      version,
      state,
      position: position === null ? null : String(position),
      error,
    }));
  }

  /** @see Rebuilds.rebuild */
  rebuild(names: readonly string[] = [], onProgress: OnProgress = () => undefined): Promise<Rebuilt> {
    return this.#rebuilds.rebuild(names, onProgress);
  }

  /** @see Rebuilds.rebuildAnew */
  rebuildAnew(onProgress: OnProgress = () => undefined): Promise<Rebuilt> {
    return this.#rebuilds.rebuildAnew(onProgress);
  }

  /** @see Rebuilds.verify */
  async verify(names: readonly string[] = [], onProgress: OnProgress = () => undefined): Promise<Difference[]> {
    this.#verifications += 1;
    try {
      return [...(await this.#rebuilds.verify(names, onProgress))];
    } finally {
      this.#verifications -= 1;
      if (this.#verifications === 0) this.#release(this.#held.splice(0));
    }
  }

  /** Everything folded so far stays; what is being rebuilt is given up. */
  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort(new Error('The read models were closed.'));
    await this.#builds.close();
    this.#rebuilds.close();
    // The thread closes the files last: it may write, so it can tidy up their journals.
    for (const { model } of this.#shown.values()) model.close();
    await this.#thread.close();
    await Promise.all(this.#healing.values());
    this.#lock[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #heard(message: ProjectorMessage): void {
    switch (message.kind) {
      case 'opened':
        return this.#opened(message);
      case 'advanced':
        return this.#advanced(message);
      case 'state':
        return this.#changedState(message);
      case 'head':
        this.#head = message.position;
        return;
      case 'lost':
        this.#rebuilds.lost(message.path, message.reason);
        return this.#heal(message.name, message.reason);
      case 'trouble':
        return this.#notice({ level: 'warn', about: message.of, message: message.message });
      case 'ready':
        return;
    }
  }

  #opened(message: Extract<ProjectorMessage, { kind: 'opened' }>): void {
    const { name, path, why } = message;
    const shown = this.#shownOf(name);
    const former = shown.model.path;
    try {
      this.#rebuilds.opened(path, shown.use(path, message));
    } catch (error) {
      // The old file goes on answering until a new one is there.
      this.#thread.order({ kind: 'damaged', path, reason: messageOf(error) });
      return;
    }
    if (why !== null) this.#notice({ level: 'info', about: name, message: `It is folded afresh. ${why}` });
    if (former === null || former === path) return;
    if (this.#verifications > 0) this.#held.push(former);
    else this.#release([former]);
    this.#announce([name]);
  }

  #release(paths: readonly string[]): void {
    for (const path of paths) this.#thread.order({ kind: 'release', path });
  }

  #advanced({ models, changed }: Extract<ProjectorMessage, { kind: 'advanced' }>): void {
    for (const advance of models) {
      this.#shownOf(advance.name).advance(advance);
      if (!reaches(this.#head, advance.position)) this.#head = advance.position;
    }
    this.#waiting.look();
    if (changed.length > 0) this.#announce(changed);
  }

  #changedState({ name, state, error }: Extract<ProjectorMessage, { kind: 'state' }>): void {
    this.#shownOf(name).become(state, error);
    if (state === 'parked') this.#notice({ level: 'error', about: name, message: `It is parked: ${String(error)}` });
    this.#waiting.look();
  }

  #announce(projections: readonly string[]): void {
    const positions = [...this.#shown.values()].map(({ model }) => model.position);
    const position = positions.reduce((highest, one) => (reaches(highest, one) ? highest : one), null);
    for (const listener of this.#listeners) listener({ position, projections });
  }

  /** A file is gone or damaged: a new one is built while the old one, as far as it goes, is still read. */
  #heal(name: string, reason: string): void {
    if (this.#healing.has(name) || this.#ending.signal.aborted) return;
    this.#notice({ level: 'warn', about: name, message: `It is rebuilt: ${reason}` });
    const healing = this.#rebuildUntilItWorks(name).finally(() => this.#healing.delete(name));
    this.#healing.set(name, healing);
  }

  async #rebuildUntilItWorks(name: string): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.#rebuilds.rebuild([name], () => undefined);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#notice({ level: 'error', about: name, message: messageOf(error) });
      }
      await pause(jitteredDelay(failures, HEALING), signal);
    }
  }

  #shownOf(name: string): ShownModel {
    const shown = this.#shown.get(name);
    if (!shown) throw new TypeError(`There is no read model "${name}".`);
    return shown;
  }
}
