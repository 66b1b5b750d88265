import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitStream } from '../../domain/commit-history.ts';
import type { ParkedView } from '../../server/api/subscribers.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { almanac } from '../support/command-line.ts';
import { startServer } from '../support/server.ts';

const STREAM = commitStream('kim', '2025-03');
let dataDirectory: string;
/** A log with an event that nobody can make sense of: the attendance keeper parks it. */
beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
  const store = await openSqliteEventStore({ directory: dataDirectory });
  const event = { id: randomUUID(), type: 'CommitObserved', data: null as never, metadata: { version: 1 } };
  await store.append(STREAM, [event], { expectedRevision: 'no_stream' });
  await store.close();
  await almanac(['collect', '--data-dir', dataDirectory, '--repo', dataDirectory]);
});
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

const subscribers = (...args: string[]) => almanac(['subscribers', ...args, '--data-dir', dataDirectory]);
const parked = async () => JSON.parse((await subscribers('list', '--json')).out) as ParkedView[];

describe('almanac subscribers', () => {
  it('shows what is parked, and why', async () => {
    const [event] = await parked();
    expect(event).toMatchObject({ subscriber: 'attendance-keeper', type: 'CommitObserved', stream: STREAM });
    const { code, out } = await subscribers();
    expect(code).toBe(0);
    expect(out).toMatch(/^attendance-keeper {2}\S+ {2}1 parked$/m);
    expect(out).toContain(`at ${event?.position}  CommitObserved  ${STREAM} 0  attempt 1, `);
  });

  it('replays it, and says when it fails again', async () => {
    const { code, out, err } = await subscribers('replay');
    expect(code).toBe(1);
    expect(out).toMatch(/✗ at \d+ {2}CommitObserved/);
    expect(err).toContain('1 of 1 failed again.');
    expect(err).not.toMatch(/^ +at /m);
    expect(await parked()).toMatchObject([{ attempts: 2 }]);
  });

  it('discards the one at a position, a running server included, and says what it was', async () => {
    await using _server = await startServer({ repositories: [dataDirectory], dataDirectory });
    const [event] = await parked();
    expect((await subscribers('discard')).err).toContain("missing required argument 'position'");
    expect(await subscribers('discard', '999999')).toMatchObject({
      code: 1,
      err: 'No parked event is at position 999999.\n',
    });
    const { code, out } = await subscribers('discard', event?.position ?? '');
    expect(code).toBe(0);
    expect(out).toContain(`CommitObserved at ${event?.position} (${STREAM} 0)`);
    expect(await parked()).toEqual([]);
    expect((await subscribers('replay')).out).toBe('Nothing is parked.\n');
  });
});
