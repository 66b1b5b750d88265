import type { AnyProjection } from '../../projections/projection.ts';
import type { Codec } from '../event-store/codec.ts';
import { jitteredDelay, pause, type Backoff } from '../backoff.ts';
import { faultOf, messageOf } from './faults.ts';
import { openOrCreate } from './files.ts';
import { Folding, reaches } from './folding.ts';
import { nextGeneration, removeDatabase } from './generations.ts';
import { Group } from './group.ts';
import type { EventLog } from './log.ts';
import type { FoldingState, ProjectorMessage } from './messages.ts';
import { ModelFile } from './model-file.ts';

/** In milliseconds. */
export type Timing = {
  readonly backoff: Backoff;
  /** How often files are looked for that somebody deleted. */
  readonly watch: number;
};
const TIMING: Timing = { backoff: { firstDelayMs: 100, longestDelayMs: 10_000 }, watch: 1_000 };

export type ProjectorOptions = {
  readonly directory: string;
  readonly projections: readonly AnyProjection[];
  readonly openLog: () => Promise<EventLog>;
  readonly decode: Codec['decode'];
  readonly report: (message: ProjectorMessage) => void;
  readonly timing?: Timing;
};

/**
 * Keeps every read model up to date. One pass over the log feeds all of them; one that is behind (its file was lost, its disk was
 * full, it was built beside the others) reads for itself until it has reached the others and joins them: nobody waits for it.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #timing: Timing;
  readonly #ending = new AbortController();
  readonly #tasks = new Set<Promise<void>>();
  /** Of each projection the folding whose rows are shown. */
  readonly #shown = new Map<string, Folding>();
  /** Those fed by the common pass; each has seen everything up to `#position`. */
  readonly #together: Group;
  #position: bigint | null = null;
  #caughtUp = false;
  readonly #failures = new WeakMap<Folding, number>();
  #opening: Promise<EventLog> | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#timing = options.timing ?? TIMING;
    this.#together = this.#group([]);
  }

  /** Opens the files, then folds until `close`. What fails later is reported and tried again. @throws when files cannot be opened */
  start(): void {
    for (const projection of this.#options.projections) {
      const { file, why } = openOrCreate(this.#options.directory, projection);
      this.#show(new Folding(projection, file), why);
    }
    this.#options.report({ kind: 'ready' });
    this.#watch = setInterval(() => this.#lookForFiles(), this.#timing.watch).unref();
    this.#spawn(() => this.#run());
  }

  async close(): Promise<void> {
    this.#ending.abort();
    clearInterval(this.#watch);
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    await (await this.#opening)?.close();
    for (const folding of this.#shown.values()) folding.retire();
  }

  /** A complete generation stands beside the one in use: it folds what came since and takes its place. */
  adopt(name: string, path: string): void {
    const projection = this.#options.projections.find((one) => one.name === name);
    if (!projection) return;
    this.#spawn(() =>
      this.#persistently(async () => {
        try {
          this.#catchUpWith([new Folding(projection, ModelFile.open(path, projection))]);
        } catch (error) {
          if (faultOf(error) === 'passing') throw error;
          this.#options.report({ kind: 'lost', name, path, reason: messageOf(error) });
        }
      }),
    );
  }

  /** Nobody queries this file any more. */
  release(path: string): void {
    if (![...this.#shown.values()].some(({ file }) => file.path === path)) removeDatabase(path);
  }

  /** A query found this file damaged. */
  distrust(path: string, reason: string): void {
    for (const folding of this.#shown.values()) if (folding.file.path === path) this.#lose(folding, reason);
  }

  async #run(): Promise<void> {
    for (const folding of this.#present) this.#examine(folding);
    await this.#persistently(async () => {
      for (const folding of this.#present)
        if (!(await folding.belongsTo(await this.#log()))) this.#startOver(folding, 'It was folded from another log.');
    });
    const foldings = this.#present;
    for (const { position } of foldings) if (!reaches(this.#position, position)) this.#position = position;
    for (const folding of foldings) if (reaches(folding.position, this.#position)) this.#together.add(folding);
    this.#catchUpWith(foldings.filter(({ position }) => !reaches(position, this.#position)));
    await this.#persistently((worked) => this.#follow(worked));
  }

  /** Reads every page of a file: what was damaged while nobody looked is found before more is built upon it. */
  #examine(folding: Folding): void {
    try {
      folding.file.check();
    } catch (error) {
      if (faultOf(error) === 'damaged') this.#startOver(folding, messageOf(error));
      else this.#trouble(folding.name, error);
    }
  }

  #startOver({ projection, file }: Folding, why: string): void {
    const path = nextGeneration(this.#options.directory, projection, file.path);
    this.#show(new Folding(projection, ModelFile.create(path, projection)), why);
  }

  /** The common pass. */
  async #follow(worked: () => void): Promise<void> {
    const { signal } = this.#ending;
    const log = await this.#log();
    this.#options.report({ kind: 'head', position: await log.head() });
    const after = this.#position === null ? {} : { after: this.#position };
    for await (const message of log.subscribeToAll({ ...after, signal })) {
      worked();
      if (message.kind === 'events') {
        this.#together.fold(message.events);
        this.#position = message.events.at(-1)?.position ?? this.#position;
        if (this.#caughtUp || this.#together.isDue) this.#together.flush();
      } else if (message.kind === 'caught-up') this.#arrive();
    }
    if (!signal.aborted) throw new Error('The subscription to the event log ended.');
  }

  #arrive(): void {
    this.#together.flush();
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    for (const { name } of this.#together.members) this.#state(name, 'live');
  }

  #catchUpWith(foldings: readonly Folding[], wait = 0): void {
    if (foldings.length === 0) return;
    for (const folding of foldings)
      if (this.#shown.get(folding.name) === folding) this.#state(folding.name, 'catching-up');
    const group = this.#group(foldings);
    this.#spawn(async () => {
      if (wait > 0) await pause(wait, this.#ending.signal);
      while (group.members.length > 0 && !this.#ending.signal.aborted) {
        await this.#persistently((worked) => this.#readToEnd(group, worked));
        for (const folding of group.members)
          if (reaches(folding.position, this.#position)) {
            group.remove(folding);
            this.#join(folding);
          }
      }
    });
  }

  async #readToEnd(group: Group, worked: () => void): Promise<void> {
    const log = await this.#log();
    this.#options.report({ kind: 'head', position: await log.head() });
    const from = group.lowest;
    for await (const events of log.readAll(from === null ? {} : { from })) {
      if (this.#ending.signal.aborted) return;
      worked();
      group.fold(events);
      if (group.isDue) group.flush();
    }
    group.flush();
  }

  #join(folding: Folding): void {
    if (this.#shown.get(folding.name) !== folding) this.#show(folding, null);
    this.#together.add(folding);
    this.#state(folding.name, this.#caughtUp ? 'live' : 'catching-up');
  }

  /** Queries are to see this folding's rows instead of those of its predecessor. */
  #show(folding: Folding, why: string | null): void {
    const { name, position, events, file } = folding;
    this.#shown.get(name)?.retire();
    this.#shown.set(name, folding);
    this.#options.report({ kind: 'opened', name, path: file.path, position, events, why });
  }

  #group(foldings: readonly Folding[]): Group {
    return new Group(this.#options.decode, foldings, {
      advanced: (foldings, changed) => this.#advanced(foldings, changed),
      poisoned: (folding) => this.#catchUpWith([folding]),
      stopped: (folding, error) => this.#park(folding, error),
      failed: (folding, error) => this.#failed(folding, error),
    });
  }

  /** What is not shown yet is nobody's business: its predecessor's rows are. */
  #advanced(foldings: readonly Folding[], changed: readonly Folding[]): void {
    for (const folding of foldings) this.#failures.delete(folding);
    const isShown = (folding: Folding) => this.#shown.get(folding.name) === folding;
    const models = foldings.filter(isShown).flatMap(({ name, position, events }) => {
      return position === null ? [] : [{ name, position, events }];
    });
    if (models.length === 0) return;
    this.#options.report({ kind: 'advanced', models, changed: changed.filter(isShown).map(({ name }) => name) });
  }

  #failed(folding: Folding, error: unknown): void {
    const fault = faultOf(error);
    if (fault === 'damaged') this.#lose(folding, messageOf(error));
    else if (fault === 'lasting') this.#park(folding, error);
    else {
      const failures = (this.#failures.get(folding) ?? 0) + 1;
      this.#failures.set(folding, failures);
      this.#trouble(folding.name, error);
      this.#catchUpWith([folding], jitteredDelay(failures, this.#timing.backoff));
    }
  }

  /** It stays where it is until it is rebuilt, or Almanac is started again with better code. */
  #park(folding: Folding, error: unknown): void {
    if (this.#shown.get(folding.name) !== folding) this.#show(folding, null);
    this.#state(folding.name, 'parked', messageOf(error));
  }

  #lose(folding: Folding, reason: string): void {
    if (folding.retired) return;
    folding.retire();
    this.#options.report({ kind: 'lost', name: folding.name, path: folding.file.path, reason });
  }

  #lookForFiles(): void {
    for (const folding of this.#present) if (folding.file.isLost()) this.#lose(folding, 'The file was deleted.');
  }

  get #present(): Folding[] {
    return [...this.#shown.values()].filter(({ retired }) => !retired);
  }

  #state(name: string, state: FoldingState, error: string | null = null): void {
    this.#options.report({ kind: 'state', name, state, error });
  }

  #trouble(of: string, error: unknown): void {
    this.#options.report({ kind: 'trouble', of, message: messageOf(error) });
  }

  #log(): Promise<EventLog> {
    this.#opening ??= this.#options.openLog();
    this.#opening.catch(() => (this.#opening = undefined));
    return this.#opening;
  }

  #spawn(work: () => Promise<void>): void {
    const task = work().finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  /** Does the work, however often it takes. `worked` says that something has come of it: the waiting times begin anew. */
  async #persistently(work: (worked: () => void) => Promise<void>): Promise<void> {
    for (let failures = 1; !this.#ending.signal.aborted; failures += 1) {
      try {
        return await work(() => (failures = 1));
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        this.#trouble('event log', error);
        await pause(jitteredDelay(failures, this.#timing.backoff), this.#ending.signal);
      }
    }
  }
}
