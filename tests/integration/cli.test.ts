import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BookView, DayView } from '../../server/api/views.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { almanac, CommandPlace } from '../support/command-line.ts';
import type { GitRepository } from '../support/git-repository.ts';

let place: CommandPlace;
let repository: GitRepository;
let dataDirectory: string;
beforeAll(async () => {
  place = await CommandPlace.create();
  ({ repository, dataDirectory } = place);
});
afterAll(() => place[Symbol.asyncDispose]());

const here = () => ['--data-dir', dataDirectory, '--repo', repository.path];

async function eventsIn(directory: string): Promise<number> {
  const store = await openSqliteEventStore({ directory });
  let events = 0;
  for await (const page of store.readAll()) events += page.length;
  await store.close();
  return events;
}

describe('the command line, no server running', () => {
  it('says with --help what each command does', async () => {
    const groups = [['projections'], ['projections', 'rebuild'], ['subscribers'], ['subscribers', 'discard']];
    for (const command of [[], ['start'], ['collect'], ['attendance'], ...groups]) {
      const { code, out } = await almanac([...command, '--help']);
      expect([command, code]).toEqual([command, 0]);
      expect(out).toMatch(/Usage: almanac/);
    }
  });

  it('reads the repositories and says what it read', async () => {
    const { code, out } = await almanac(['collect', '--json', ...here()]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ repositories: [{ name: 'garden', state: 'watching', done: 2 }] });
  });

  it('shows the book and a day of it', async () => {
    const book = await almanac(['attendance', ...here()]);
    expect(book.out).toMatch(/garden: 2024-01-24 to 2024-05-02/);
    expect(book.out).toMatch(/1 +1% .* Kim \(kim\)/);
    const { out } = await almanac(['attendance', '--date', '2024-05-02', '--json', ...here()]);
    const day = JSON.parse(out) as DayView;
    expect(day.members.map(({ handle, state }) => [handle, state])).toEqual([
      ['kim', 'absent'],
      ['lee', 'present'],
    ]);
  });

  it('stands in the repository it is started in', async () => {
    const { out } = await almanac(['attendance', '--json', '--data-dir', dataDirectory], repository.path);
    expect((JSON.parse(out) as BookView).challenge.title).toBe('garden');
  });

  it('looks after the read models', async () => {
    const list = await almanac(['projections', 'list', ...here()]);
    expect(list.out).toMatch(/attendance-book +v\d+ +live/);
    const rebuilt = await almanac(['projections', 'rebuild', 'members', ...here()]);
    expect(rebuilt).toMatchObject({ code: 0, out: expect.stringContaining('members') as string });
    expect((await almanac(['projections', 'verify', ...here()])).code).toBe(0);
  });

  it('records nothing when it looks after the read models', async () => {
    await repository.commit({ at: '2024-05-03T09:00:00+09:00', message: 'not collected' });
    const before = await eventsIn(dataDirectory);
    for (const command of ['list', 'verify', 'rebuild'])
      expect([command, (await almanac(['projections', command, ...here()])).code]).toEqual([command, 0]);
    expect(await eventsIn(dataDirectory)).toBe(before);
  });

  it('takes one path for each --repo', async () => {
    const { out } = await almanac(['projections', 'rebuild', ...here(), 'members']);
    expect(out).toMatch(/^members: /);
    const other = ['--repo', repository.beside('nothing')];
    const { repositories } = JSON.parse((await almanac(['collect', '--json', ...here(), ...other])).out) as {
      repositories: { state: string }[];
    };
    expect(repositories.map(({ state }) => state)).toEqual(['watching', 'failed']);
  });

  it('keeps its log out of what programs read', async () => {
    await writeFile(join(dataDirectory, 'subscribers.sqlite'), 'damaged'.repeat(1_000));
    const { code, out, err } = await almanac(['collect', '--json', ...here()]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('repositories');
    expect(err).toContain('The checkpoints of the subscribers were damaged');
  });

  it('does not read the .env of the repository it is started in', async () => {
    await writeFile(join(repository.path, '.env'), 'TIME_ZONE=Nowhere\nEVENTSTORE_URL=esdb://localhost:1?tls=false\n');
    const { code, err } = await almanac(['collect', '--data-dir', dataDirectory], repository.path, {
      PATH: process.env['PATH'],
    });
    await rm(join(repository.path, '.env'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it.each([
    [['attendance', '--date', '2024-02-30'], /--date is "2024-02-30"/, 1],
    [['attendance', '--date', '2020-01-01'], /outside the season/, 1],
    [['projections', 'rebuild', 'nothing'], /no read model "nothing"/, 1],
    [['start', '--port', 'many'], /PORT \(--port\) is "many"/, 2],
    [['start', '--time-zone', 'Seoul'], /TIME_ZONE \(--time-zone\) is "Seoul".*Asia\/Seoul/, 2],
    [['water'], /unknown command 'water'/, 1],
  ])('refuses %j in a sentence', async (args, message, code) => {
    const known = ['attendance', 'projections'].includes(args[0] ?? '');
    const ended = await almanac([...args, ...(known ? here() : [])]);
    expect(ended.err).toMatch(message);
    expect(ended.err).not.toMatch(/^ +at /m);
    expect(ended.code).toBe(code);
  });
});
