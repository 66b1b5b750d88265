/** The serving process `rebuild.ts` measures: store, read models, and a port that answers queries. Told what to do by its parent. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { listCommits } from '../../projections/commit-activity.ts';
import { latestEvents } from '../../projections/event-feed.ts';
import { findMember } from '../../projections/members.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openReadModels } from '../../server/read-models/database.ts';

export type ServerReport =
  | { readonly kind: 'ready'; readonly url: string; readonly catchUpMs: number }
  | {
      readonly kind: 'rebuilt';
      readonly milliseconds: number;
      readonly swapMs: number;
      readonly delayP99Ms: number;
      readonly rssMb: number;
      /** Of events appended meanwhile: the longest time until one could be queried. */
      readonly visibleMs: number;
    };

const RESOLUTION_MS = 1;
const SAMPLE_MS = 25;
const APPEND_MS = 100;

const [directory = ''] = process.argv.slice(2);
const report = (message: ServerReport) => void process.send?.(message);

const store = await openSqliteEventStore({ directory });
const began = performance.now();
const models = await openReadModels({ directory, log: { kind: 'sqlite', directory } });
const head = await store.head();
if (head !== null) await models.waitFor(head, { timeout: 600_000 });
const catchUpMs = performance.now() - began;

let asked = 0;
const server = createServer((_request, response) => {
  asked += 1;
  const member = findMember(models.model('members'), `developer-${asked % 200}`);
  const page = { zone: 'Asia/Seoul', skip: asked % 100, limit: 20 };
  const commits = listCommits(models.model('commit-activity'), member?.id ?? '', page);
  const events = latestEvents(models.model('event-feed'), { limit: 20 });
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ member, commits, events }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
report({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, catchUpMs });

async function appendOne(): Promise<number> {
  const data = { memberId: 'member-1', name: '개발자 1' };
  const event = { id: randomUUID(), type: 'MemberRenamed', data, metadata: { version: 1 } };
  const { position } = await store.append('member-member-1', [event], { expectedRevision: 'any' });
  const written = performance.now();
  await models.waitFor(position, { timeout: 60_000 });
  return performance.now() - written;
}

async function rebuild(): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let rss = 0;
  let visibleMs = 0;
  const sampling = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), SAMPLE_MS);
  const appending = setInterval(() => void appendOne().then((ms) => (visibleMs = Math.max(visibleMs, ms))), APPEND_MS);
  delay.enable();
  const { milliseconds, swapMilliseconds } = await models.rebuild();
  delay.disable();
  clearInterval(sampling);
  clearInterval(appending);
  report({
    kind: 'rebuilt',
    milliseconds,
    swapMs: swapMilliseconds,
    // The histogram counts from one tick to the next: what is over the tick's length is delay.
    delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
    rssMb: rss / 2 ** 20,
    visibleMs,
  });
}

process.on('message', () => void rebuild());
process.on('disconnect', () => {
  server.close();
  void models.close().then(() => store.close());
});
