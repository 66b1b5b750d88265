import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EventToAppend } from '../../server/event-store/event-store.ts';
import { openReadModels, type Notice, type ReadModels } from '../../server/read-models/database.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import type { EntryRow, NameRow } from '../support/toy-projections.ts';

const TOYS = new URL('../support/toy-projections.ts', import.meta.url).href;

/** The embedded store and the read models of a temporary folder, folding in their threads. */
export class ReadModelsHarness implements AsyncDisposable {
  readonly directory: string;
  readonly store: Awaited<ReturnType<typeof temporaryStore>>['store'];
  readonly #folder: AsyncDisposable;
  models!: ReadModels;
  readonly notices: Notice[] = [];
  readonly #waiting = new Set<() => void>();
  #modules = 0;

  private constructor(folder: Awaited<ReturnType<typeof temporaryStore>>) {
    this.directory = folder.directory;
    this.store = folder.store;
    this.#folder = folder;
  }

  static async open(): Promise<ReadModelsHarness> {
    const harness = new ReadModelsHarness(await temporaryStore());
    await harness.start();
    return harness;
  }

  async start(projectionsModule = TOYS): Promise<void> {
    const { directory } = this;
    this.models = await openReadModels({
      directory,
      log: { kind: 'sqlite', directory },
      projectionsModule,
      onNotice: (notice) => {
        this.notices.push(notice);
        for (const wake of this.#waiting) wake();
      },
      timing: { backoff: { firstDelayMs: 10, longestDelayMs: 50 }, watch: 30 },
    });
  }

  /** @param declaration of `projections`; `names` and `entries` are the toys */
  async restart(declaration?: string): Promise<void> {
    await this.models.close();
    this.notices.length = 0;
    if (declaration === undefined) return this.start();
    this.#modules += 1;
    const file = join(this.directory, `projections-${this.#modules}.ts`);
    writeFileSync(file, `import { entries, names } from '${TOYS}';\nexport const projections = ${declaration};\n`);
    return this.start(pathToFileURL(file).href);
  }

  async untilNotice(about: string, text: string): Promise<Notice> {
    for (;;) {
      const found = this.notices.find((notice) => notice.about === about && notice.message.includes(text));
      if (found) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  /** Appends in one go and waits until it can be queried. */
  async write(...events: EventToAppend[]): Promise<bigint> {
    const { position } = await this.store.append('members', events, { expectedRevision: 'any' });
    await this.models.waitFor(position, { timeout: 60_000 });
    return position;
  }

  names(): NameRow[] {
    return this.models.model('names').all<NameRow>('SELECT * FROM names ORDER BY member_id');
  }

  positions(): number[] {
    const rows = this.models.model('entries').all<EntryRow>('SELECT position FROM entries ORDER BY rowid');
    return rows.map(({ position }) => position);
  }

  get folder(): string {
    return join(this.directory, 'read-models');
  }

  files(name: string): string[] {
    return readdirSync(this.folder).filter((file) => file.startsWith(`${name}.`) && !/-(wal|shm)$/.test(file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.models.close();
    await this.#folder[Symbol.asyncDispose]();
  }
}
