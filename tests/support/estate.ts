import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCollector, type CollectionStatus } from '../../server/collect/collect.ts';
import type { Codec } from '../../server/event-store/codec.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { Erasures } from '../../server/vault/erase.ts';
import { openSealing } from '../../server/vault/vault-of-log.ts';
import type { Vault } from '../../server/vault/vault.ts';
import { openReadModels, type ReadModels } from '../../server/read-models/database.ts';

/** A running server's parts that have to do with people. */
export type Running = AsyncDisposable & {
  readonly store: EventStore;
  readonly vault: Vault;
  readonly codec: Codec;
  readonly readModels: ReadModels;
  /** Fields that did not open though nobody was erased. */
  readonly troubles: string[];
  readonly erasures: Erasures;
  /** Why an erasure that was said could not be ended. */
  readonly erasing: string[];
  /** Reads repositories to their end and waits until it can be queried. */
  collect(...paths: string[]): Promise<readonly CollectionStatus[]>;
  /** Erases to the end. @returns of whom the log says so since now */
  erase(memberId: string): Promise<readonly string[]>;
};

/** A data directory with the product's own parts, started and stopped as a server is. */
export class Estate implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'almanac-estate-'));
  readonly #copies = mkdtempSync(join(tmpdir(), 'almanac-copies-'));
  readonly #running = new Set<Running>();

  async start(): Promise<Running> {
    const { directory } = this;
    await using opening = new AsyncDisposableStack();
    const store = await openSqliteEventStore({ directory });
    opening.defer(() => store.close());
    const troubles: string[] = [];
    const { vault, codec } = await openSealing(
      store,
      { dataDirectory: directory, masterKeys: [] },
      ({ message }, place) => troubles.push(`${place}: ${message}`),
    );
    opening.use(vault);
    const readModels = await openReadModels({
      directory,
      log: { kind: 'sqlite', directory },
      vault: vault.access,
      onNotice: ({ about, message }) => about === 'vault' && troubles.push(message),
    });
    opening.defer(() => readModels.close());
    const onTrouble = (error: unknown) => erasing.push(String(error));
    const backoff = { firstDelayMs: 10, longestDelayMs: 50 };
    const erasing: string[] = [];
    const erasures = opening.use(new Erasures({ store, codec, vault, readModels, onTrouble, backoff }));
    const settle = async () => readModels.waitFor((await store.head()) ?? 0n, { timeout: 20_000 });
    await erasures.resume();
    await settle();
    const open = opening.move();
    const running: Running = {
      ...{ store, vault, codec, readModels, erasures, troubles, erasing },
      async collect(...repositories) {
        const options = { store, codec, dataDirectory: directory, timeZone: 'Asia/Seoul', watch: false };
        const collector = openCollector({ ...options, repositories });
        await collector.ready;
        await collector.close();
        await settle();
        return collector.status();
      },
      async erase(memberId) {
        const { erased, ended } = await erasures.erase({ memberId, by: 'local', at: '2025-11-05T09:00:00Z' });
        if (!(await ended)) throw new Error(`It is not ended: ${erasing.join(', ')}`);
        return erased;
      },
      [Symbol.asyncDispose]: async () => {
        this.#running.delete(running);
        await open.disposeAsync();
      },
    };
    this.#running.add(running);
    return running;
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Nobody may be running. */
  backUp(name: string): void {
    cpSync(this.directory, join(this.#copies, name), { recursive: true });
  }

  /** @param what a file or folder of the data directory, with what SQLite keeps beside it */
  restore(name: string, what: string): void {
    for (const file of [what, `${what}-wal`, `${what}-shm`]) {
      rmSync(this.path(file), { recursive: true, force: true });
      const copy = join(this.#copies, name, file);
      if (existsSync(copy)) cpSync(copy, this.path(file), { recursive: true });
    }
  }

  /** Files of the data directory that hold any of these texts in clear. */
  filesWith(...texts: string[]): string[] {
    const files = readdirSync(this.directory, { recursive: true, encoding: 'utf8' });
    return files.filter((file) => {
      if (!statSync(this.path(file), { throwIfNoEntry: false })?.isFile()) return false;
      const bytes = readFileSync(this.path(file));
      return texts.some((text) => bytes.includes(text));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) await running[Symbol.asyncDispose]();
    for (const directory of [this.directory, this.#copies]) rmSync(directory, { recursive: true, force: true });
  }
}
