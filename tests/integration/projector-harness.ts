import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AnyProjection } from '../../projections/projection.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import type { EventLog } from '../../server/read-models/log.ts';
import type { ProjectorMessage } from '../../server/read-models/messages.ts';
import { Projector } from '../../server/read-models/projector.ts';
import { MemoryEventStore, MemoryLog } from '../support/memory-event-store.ts';
import { projections, type EntryRow, type NameRow } from '../support/toy-projections.ts';

type Kind = ProjectorMessage['kind'];
type Of<K extends Kind> = Extract<ProjectorMessage, { kind: K }>;

/** A folder, a log in memory, and projectors that are started and stopped on them in this thread. */
export class ProjectorHarness implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'almanac-projector-'));
  #log = new MemoryLog();
  store = new MemoryEventStore(this.#log);
  readonly messages: ProjectorMessage[] = [];
  readonly #waiting = new Set<() => void>();
  #projector: Projector | undefined;

  start(options: { projections?: readonly AnyProjection[]; openLog?: () => Promise<EventLog> } = {}): Projector {
    this.#projector = new Projector({
      directory: this.directory,
      projections: options.projections ?? projections,
      openLog: options.openLog ?? (async () => new MemoryEventStore(this.#log)),
      decode: createCodec().decode,
      report: (message) => {
        this.messages.push(message);
        for (const wake of this.#waiting) wake();
      },
      timing: { backoff: { firstDelayMs: 5, longestDelayMs: 20 }, watch: 20 },
    });
    this.#projector.start();
    return this.#projector;
  }

  /** Another log stands where the former one was. */
  replaceLog(): void {
    this.#log = new MemoryLog();
    this.store = new MemoryEventStore(this.#log);
  }

  /** Closes the projector; the log and the files stay. */
  async stop(): Promise<void> {
    await this.#projector?.close();
    this.#projector = undefined;
    this.messages.length = 0;
  }

  /** Resolves with the first message (of those there are or will be) that is what the test waits for. */
  until<K extends Kind>(kind: K, holds: (message: Of<K>) => boolean = () => true): Promise<Of<K>> {
    return this.#until((message) => message.kind === kind && holds(message as Of<K>)) as Promise<Of<K>>;
  }

  async #until(holds: (message: ProjectorMessage) => boolean): Promise<ProjectorMessage> {
    for (;;) {
      const found = this.messages.find(holds);
      if (found) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  /** Until everything appended so far is in the rows of these projections. */
  async untilFolded(...names: string[]): Promise<void> {
    const head = (await this.store.head()) ?? 0n;
    for (const name of names.length > 0 ? names : ['names', 'entries'])
      await this.#until((message) => {
        if (message.kind === 'opened') return message.name === name && (message.position ?? -1n) >= head;
        return message.kind === 'advanced' && message.models.some((one) => one.name === name && one.position >= head);
      });
  }

  untilState(name: string, state: Of<'state'>['state']) {
    return this.until('state', (message) => message.name === name && message.state === state);
  }

  /** Files of a projection, newest first, without what SQLite keeps beside them. */
  files(name: string): string[] {
    const found = readdirSync(this.directory).filter(
      (file) => file.startsWith(`${name}.`) && !/-(wal|shm)$/.test(file),
    );
    return found.toSorted().toReversed();
  }

  /** The file in use. */
  file(name: string): string {
    return join(this.directory, this.files(name)[0] ?? '');
  }

  names(): NameRow[] {
    return this.#rows<NameRow>('names', 'SELECT member_id, name, changes FROM names ORDER BY member_id');
  }

  positions(): number[] {
    return this.#rows<EntryRow>('entries', 'SELECT position FROM entries ORDER BY rowid').map(
      ({ position }) => position,
    );
  }

  #rows<Row>(name: string, sql: string): Row[] {
    using database = new DatabaseSync(this.file(name), { readOnly: true });
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })) as Row[];
  }

  async append(...events: Parameters<MemoryEventStore['append']>[1]): Promise<number[]> {
    const positions: number[] = [];
    for (const event of events) {
      const { position } = await this.store.append('members', [event], { expectedRevision: 'any' });
      positions.push(Number(position));
    }
    return positions;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
