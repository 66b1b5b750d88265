import { basename } from 'node:path';
import { StoreUnavailable } from '../event-store/event-store.ts';
import { readCursor, writeCursor, type Cursor } from './cursor.ts';
import { failureAt, RepositoryFailure } from './failure.ts';
import type { GitOptions } from './git.ts';
import { isStillAt, openLocalRepository, type LocalRepository } from './local-git.ts';
import { isWitnessed, newWitness, readRepository } from './read-repository.ts';
import type { RecordingContext } from './record-history.ts';
import { complete, fail, formerlyAt, register, repositoryIdOf } from './registration.ts';
import { StatusBoard } from './status.ts';

export type SourceContext = RecordingContext & {
  readonly dataDirectory: string;
  readonly timeZone: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly git: GitOptions;
  /** Resolves when the days are marked that recorded commits attend. @throws when they are not for long, and when the signal comes */
  readonly marked: (signal?: AbortSignal) => Promise<void>;
  /** Something went wrong that stops nothing. */
  readonly onTrouble: (message: string, error: unknown) => void;
};

/** One path to collect from: opens what is there, reads it, and says in the log how that ended. */
export class Source {
  readonly path: string;
  readonly board: StatusBoard;
  readonly #context: SourceContext;
  #cursor: Omit<Cursor, 'witness'> | null = null;
  /** Registered in the log, enrolled, and its cursor looked for, in this process. */
  #introduced: string | null = null;
  #repository: LocalRepository | null = null;
  /** The book its people were last entered into; undefined before the first complete reading. */
  #book: string | null | undefined = undefined;

  constructor(path: string, context: SourceContext, onStatus: () => void) {
    this.path = path;
    this.#context = context;
    this.board = new StatusBoard(path, basename(path), context.now, onStatus);
  }

  /** What was last opened; null while it cannot be. */
  get repository(): LocalRepository | null {
    return this.#repository;
  }

  /** Another book has been opened since it was read: its people are to be in that one, too. */
  get isBehind(): boolean {
    return this.#book !== undefined && this.#book !== this.#context.enrolment.id;
  }

  /**
   * Reads what is new. A repository that cannot be read is no exception: its state and the log say so.
   * @param isDuplicate whether another path leads to that repository already: then it is left to that one
   * @throws {StoreUnavailable}, and AbortError when stopped
   */
  async collect(isDuplicate: (repositoryId: string) => boolean): Promise<'collected' | 'duplicate'> {
    const at = new Date(this.#context.now()).toISOString();
    try {
      return await this.#attempt(at, isDuplicate);
    } catch (error) {
      if (error instanceof StoreUnavailable || this.#context.git.signal?.aborted) throw error;
      const failure = await this.#failureOf(error);
      if (failure.reason !== 'timeout') this.#repository = null;
      await this.#fail(failure, at);
      return 'collected';
    }
  }

  /** Opening asks git three things that hardly ever change; where reading fails it is opened anew, to say what is wrong with it. */
  async #attempt(at: string, isDuplicate: (repositoryId: string) => boolean): Promise<'collected' | 'duplicate'> {
    const opened = this.#repository && (await isStillAt(this.path, this.#repository)) ? this.#repository : null;
    this.#repository = opened ?? (await openLocalRepository(this.path, this.#context.git));
    const repositoryId = repositoryIdOf(this.#repository);
    if (isDuplicate(repositoryId)) return 'duplicate';
    await this.#introduce(this.#repository, repositoryId, at);
    try {
      await this.#read(this.#repository, repositoryId, at);
    } catch (error) {
      if (!opened || !(error instanceof RepositoryFailure)) throw error;
      this.#repository = null;
      return this.#attempt(at, isDuplicate);
    }
    return 'collected';
  }

  /** What nobody foresaw is a failure too: days of a repository that was not read to the end are unknown, not absent. */
  async #failureOf(error: unknown): Promise<RepositoryFailure> {
    const failure = await failureAt(this.path, error);
    if (failure instanceof RepositoryFailure) return failure;
    this.#context.onTrouble(`Reading ${this.path} was broken off`, error);
    const message = `Reading was broken off: ${error instanceof Error ? error.message : String(error)}`;
    return new RepositoryFailure('unreadable', message, { cause: error });
  }

  async #introduce(repository: LocalRepository, repositoryId: string, at: string): Promise<void> {
    this.board.set({ repositoryId, name: repository.name });
    if (this.#introduced === repositoryId) return;
    await register(this.#context, repository, repositoryId, at);
    await this.#context.enrolment.enrol({ id: repositoryId, name: repository.name }, []);
    const cursor = await readCursor(this.#context.dataDirectory, repositoryId);
    this.#cursor = cursor && (await isWitnessed(this.#context.store, repositoryId, cursor)) ? cursor : null;
    this.#introduced = repositoryId;
  }

  async #read(repository: LocalRepository, repositoryId: string, at: string): Promise<void> {
    const { timeZone, enrolment } = this.#context;
    const book = enrolment.id;
    const reading = await readRepository(
      this.#context,
      repository,
      { repositoryId, at, previous: this.#cursor },
      (done, total) => this.board.progress(done, total),
    );
    if (reading.failure) await this.#fail(reading.failure, at);
    else await this.#complete({ repositoryId, through: at, observed: reading.observed, timeZone });
    this.#cursor = reading.cursor;
    this.#book = book;
    if (reading.cursor && !reading.unchanged) await this.#keep(reading.cursor, repositoryId);
    const { commits = 0, skipped = { count: 0, examples: [] }, tips = [] } = reading.cursor ?? {};
    this.board.set({ done: commits, total: commits, skipped });
    if (!reading.failure)
      this.board.set({ state: tips.length === 0 ? 'empty' : 'watching', reason: null, message: null, lastRead: at });
  }

  /** Until its days are marked a commit attends nothing: said to be read before, they would be absent for a moment. */
  async #complete(reading: Parameters<typeof complete>[1]): Promise<void> {
    const { marked, git } = this.#context;
    if (reading.observed > 0) await marked(git.signal);
    await complete(this.#context, reading);
  }

  /** After the log has acknowledged what the cursor stands for. Without the file the next start reads everything: slower, not wrong. */
  async #keep(cursor: Omit<Cursor, 'witness'>, repositoryId: string): Promise<void> {
    const witness = await newWitness(this.#context.store, repositoryId);
    try {
      if (witness) await writeCursor(this.#context.dataDirectory, repositoryId, { ...cursor, witness });
    } catch (error) {
      this.#context.onTrouble('How far the repository has been read could not be noted', error);
    }
  }

  async #fail(failure: RepositoryFailure, at: string): Promise<void> {
    const known = this.board.current.repositoryId ?? (await this.#recognise());
    if (known !== null) await fail(this.#context, known, at, failure);
    this.board.set({ state: 'failed', reason: failure.reason, message: failure.message });
  }

  async #recognise(): Promise<string | null> {
    const former = await formerlyAt(this.#context, this.path);
    if (former) this.board.set(former);
    return former?.repositoryId ?? null;
  }
}
