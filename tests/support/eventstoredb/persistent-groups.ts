import type { EventLog } from './log.ts';
import { PersistentGroup } from './persistent-group.ts';
import type { GroupSettings, GroupSource } from './persistent-settings.ts';
import { groupExists, groupNotFound } from './rpc-errors.ts';

/** All subscription groups of a node, by source and name. */
export class PersistentGroups {
  readonly #log: EventLog;
  readonly #groups = new Map<string, PersistentGroup>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** @throws {RpcError} when there is one of that name */
  create(name: string, source: GroupSource, settings: GroupSettings): void {
    const key = keyOf(source.name, name);
    if (this.#groups.has(key)) throw groupExists(source.name, name);
    this.#groups.set(key, new PersistentGroup(this.#log, name, source, settings));
  }

  /** A changed group begins anew; its consumers are dropped. @throws {RpcError} when there is none */
  update(name: string, source: GroupSource, settings: GroupSettings): void {
    this.delete(source.name, name);
    this.create(name, source, settings);
  }

  /** @throws {RpcError} when there is none */
  get(source: string, name: string): PersistentGroup {
    const group = this.#groups.get(keyOf(source, name));
    if (group === undefined) throw groupNotFound(source, name);
    return group;
  }

  /** @throws {RpcError} when there is none */
  delete(source: string, name: string): void {
    const group = this.get(source, name);
    this.#groups.delete(keyOf(source, name));
    group.close();
  }

  list(source?: string): readonly PersistentGroup[] {
    return [...this.#groups.values()].filter((group) => source === undefined || group.source.name === source);
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
  }
}

const keyOf = (source: string, name: string): string => `${source}::${name}`;
