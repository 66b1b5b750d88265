import { randomUUID } from 'node:crypto';
import { defineProjection, table, type AnyProjection } from '../../projections/projection.ts';
import type { EventToAppend } from '../../server/event-store/event-store.ts';

/** Small read models for tests of the engine. They tell whether an event was folded in twice, or not at all. */

export type NameRow = { member_id: string; name: string; changes: number };
export type EntryRow = { position: number };

export const names = defineProjection({
  name: 'names',
  version: 1,
  tables: {
    names: table<NameRow>({
      key: ['member_id'],
      columns: { member_id: 'TEXT', name: 'TEXT', changes: 'INTEGER' },
      indexes: [['name']],
    }),
  },
  on: {
    MemberRegistered: ({ data }, { names }) =>
      names.put({ member_id: data.memberId, name: data.name, changes: (names.get(data.memberId)?.changes ?? 0) + 1 }),
    MemberRenamed: ({ data }, { names }) =>
      names.put({ member_id: data.memberId, name: data.name, changes: (names.get(data.memberId)?.changes ?? 0) + 1 }),
  },
});

export const POISON = 'a name nobody expected';

/** Its handler throws at the name `POISON`. */
export const entries = defineProjection({
  name: 'entries',
  version: 1,
  tables: {
    entries: table<EntryRow>({ key: [], columns: { position: 'INTEGER' }, indexes: [['position']] }),
  },
  on: {
    MemberRegistered: ({ position }, { entries }) => entries.add({ position: Number(position) }),
    MemberRenamed: ({ position, data }, { entries }) => {
      entries.add({ position: Number(position) });
      if (data.name === POISON) throw new Error(`Cannot cope with ${data.memberId}.`);
    },
  },
});

export const projections: readonly AnyProjection[] = [names, entries];

const event = (type: string, data: EventToAppend['data']): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: { version: 1 },
});
export const registered = (memberId: string, name = memberId): EventToAppend =>
  event('MemberRegistered', { memberId, handle: memberId, name, bot: false });
export const renamed = (memberId: string, name: string): EventToAppend => event('MemberRenamed', { memberId, name });
