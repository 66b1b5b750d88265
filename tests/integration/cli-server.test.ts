import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BookView } from '../../server/api/views.ts';
import { publishAddress, readAddress } from '../../server/server-address.ts';
import { almanac, CommandPlace } from '../support/command-line.ts';
import type { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';

let place: CommandPlace;
let repository: GitRepository;
let dataDirectory: string;
beforeAll(async () => {
  place = await CommandPlace.create();
  ({ repository, dataDirectory } = place);
});
afterAll(() => place[Symbol.asyncDispose]());

const data = () => ['--data-dir', dataDirectory];
const started = () => startServer({ repositories: [repository.path], dataDirectory });

describe('the command line beside a running server', () => {
  it('asks the server', async () => {
    await using server = await started();
    await server.ready();
    const collected = await almanac(['collect', ...data()]);
    expect(collected).toMatchObject({ code: 0, out: 'garden: 2 commits\n' });
    expect((await almanac(['attendance', ...data()])).out).toMatch(/Lee \(lee\)/);
    expect((await almanac(['projections', 'rebuild', '--json', ...data()])).code).toBe(0);
    expect((await almanac(['projections', 'verify', ...data()])).code).toBe(0);
  });

  it.each([
    ['attendance', '--repo', '/srv/meadow'],
    ['collect', '--repo', '/srv/meadow'],
    ['attendance', '--time-zone', 'UTC'],
  ])('does not pass over a flag the server cannot follow: %s %s', async (command, flag, value) => {
    await using _server = await started();
    const { code, out, err } = await almanac([command, flag, value, ...data()]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`running on ${dataDirectory}`);
    expect(err).toContain(`leave out ${flag}`);
    expect(err).not.toMatch(/^ +at /m);
  });
});

describe('the address of a server that was killed', () => {
  /** Leaves behind what a killed server leaves behind. */
  async function killedServer() {
    await using server = await started();
    await server.ready();
    const address = readAddress(dataDirectory);
    await server.stop('SIGKILL');
    if (!address) throw new Error('The server published no address.');
    return address;
  }
  const title = async () => {
    const { out } = await almanac(['attendance', '--json', '--repo', repository.path, ...data()]);
    return (JSON.parse(out) as BookView).challenge.title;
  };

  it('leads nowhere where nobody listens any more', async () => {
    await killedServer();
    expect(await title()).toBe('garden');
  });

  it('leads nowhere where another Almanac listens now', async () => {
    const address = await killedServer();
    const meadow = repository.beside('meadow');
    await using other = await startServer({ repositories: [meadow] });
    publishAddress(dataDirectory, { ...address, url: other.url });
    expect(await title()).toBe('garden');
  });

  it('leads nowhere where another program listens now, and does not tell it the token', async () => {
    const address = await killedServer();
    const heard: string[] = [];
    const program = createServer((request, response) => {
      heard.push(`${request.url} ${request.headers.authorization ?? 'without token'}`);
      response.end('{"status":"ok"}');
    }).listen(0, '127.0.0.1');
    await once(program, 'listening');
    publishAddress(dataDirectory, { ...address, url: `http://127.0.0.1:${(program.address() as AddressInfo).port}` });
    expect(await title()).toBe('garden');
    expect(heard).toEqual(['/health without token']);
    program.close();
  });
});
