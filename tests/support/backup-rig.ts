import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBackup, type BackupOptions } from '../../server/backup/backup.ts';
import type { Codec } from '../../server/event-store/codec.ts';
import type { EventStore } from '../../server/event-store/event-store.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openSealing } from '../../server/vault/vault-of-log.ts';
import type { Vault } from '../../server/vault/vault.ts';

/** A log with its vault, in use, and a folder for backups. */
export class BackupRig implements AsyncDisposable {
  readonly folder: string;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly codec: Codec;
  now = Date.parse('2026-11-22T00:00:00Z');
  #people = 0;

  static async open(): Promise<BackupRig> {
    const folder = await mkdtemp(join(tmpdir(), 'almanac-backup-'));
    const store = await openSqliteEventStore({ directory: join(folder, 'data') });
    const sealing = await openSealing(store, { dataDirectory: join(folder, 'data'), masterKeys: [] }, () => undefined);
    return new BackupRig(folder, store, sealing);
  }

  constructor(folder: string, store: EventStore, { vault, codec }: { vault: Vault; codec: Codec }) {
    this.folder = folder;
    this.store = store;
    this.vault = vault;
    this.codec = codec;
  }

  get data(): string {
    return join(this.folder, 'data');
  }
  get backups(): string {
    return join(this.folder, 'backups');
  }

  /** Somebody more, whose name is sealed. */
  async person(): Promise<void> {
    const memberId = `m${(this.#people += 1)}`;
    const data = { memberId, handle: memberId, name: `Kim Number ${this.#people}`, bot: false };
    const event = this.codec.encode({ type: 'MemberRegistered', data } as never, crypto.randomUUID());
    await this.store.append(`member-${memberId}`, [event], { expectedRevision: 'no_stream' });
  }

  async people(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.person()));
  }

  make(change: Partial<BackupOptions> = {}) {
    this.now += 1_000;
    return makeBackup({
      log: { kind: 'sqlite', directory: this.data },
      vault: this.vault.access,
      directory: this.backups,
      vaultDirectory: join(this.backups, 'vault'),
      keep: 7,
      now: () => this.now,
      signal: new AbortController().signal,
      ...change,
    });
  }

  async [Symbol.asyncDispose]() {
    this.vault.close();
    await this.store.close();
    await rm(this.folder, { recursive: true });
  }
}
