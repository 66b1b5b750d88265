import type { Recorded } from '../domain/event-registry.ts';
import type { EventType } from '../domain/event-registry.ts';
import { eventRegistry } from '../domain/event-registry.ts';
import { defineProjection, table, type ReadModel, type Rows } from './projection.ts';

type RecentRow = { slot: number; position: number; type: string; stream: string; recorded_at: number };
type CountRow = { type: string; events: number; last_at: number };

/** The feed keeps the latest events; older ones are in the log itself, which is read backwards for them. */
export const RECENT_EVENTS = 2_000;
const ALL_TYPES = '*';

function enter(event: Recorded, { recent, counts }: { recent: Rows<RecentRow>; counts: Rows<CountRow> }) {
  const seen = counts.get(ALL_TYPES)?.events ?? 0;
  const { type, stream, recordedAt } = event;
  recent.put({ slot: seen % RECENT_EVENTS, position: Number(event.position), type, stream, recorded_at: recordedAt });
  for (const name of [type, ALL_TYPES])
    counts.put({ type: name, events: (counts.get(name)?.events ?? 0) + 1, last_at: recordedAt });
}

/** Every log begins with a vault, and what runs says that it does: nothing has happened by that. */
const types = Object.keys(eventRegistry).filter((type) => !['VaultFounded', 'JobContinued'].includes(type));

export const eventFeed = defineProjection({
  name: 'event-feed',
  version: 2,
  tables: {
    recent: table<RecentRow>({
      key: ['slot'],
      columns: { slot: 'INTEGER', position: 'INTEGER', type: 'TEXT', stream: 'TEXT', recorded_at: 'INTEGER' },
      indexes: [['position']],
    }),
    counts: table<CountRow>({ key: ['type'], columns: { type: 'TEXT', events: 'INTEGER', last_at: 'INTEGER' } }),
  },
  on: Object.fromEntries(types.map((type) => [type, enter])) as Record<EventType, typeof enter>,
});

export type FeedEntry = { position: number; type: string; stream: string; recordedAt: number };

/** The latest events, newest first, optionally of some types. `before`: only older than this position. */
export function latestEvents(
  model: ReadModel,
  { types = [], before, limit }: { types?: readonly string[]; before?: number; limit: number },
): FeedEntry[] {
  const places = types.map(() => '?').join(', ');
  return model.all<FeedEntry>(
    `SELECT position, type, stream, recorded_at AS "recordedAt" FROM recent
      WHERE position < ? ${types.length > 0 ? `AND type IN (${places})` : ''} ORDER BY position DESC LIMIT ?`,
    before ?? Number.MAX_SAFE_INTEGER,
    ...types,
    limit,
  );
}

/** How many events of each type there are. */
export const eventCounts = (model: ReadModel): { type: string; events: number }[] =>
  model.all('SELECT type, events FROM counts WHERE type <> ? ORDER BY events DESC', ALL_TYPES);
