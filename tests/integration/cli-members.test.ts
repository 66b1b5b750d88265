import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessView } from '../../server/api/views.ts';
import { almanac } from '../support/command-line.ts';
import { author, identityRig } from '../support/identity-rig.ts';
import { unconfigured } from '../support/server.ts';

let dataDirectory: string;
beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-data-'));
});
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

const members = (command = 'list', ...args: string[]) =>
  almanac(['members', command, '--data-dir', dataDirectory, ...args]);
const listed = async () => JSON.parse((await members('list', '--json')).out) as AccessView[];

describe('almanac members', () => {
  it('says how to begin where nobody is invited', async () => {
    expect(await members()).toMatchObject({
      code: 0,
      out: expect.stringContaining('almanac members invite') as string,
    });
  });

  it('invites whoever signs in with a login, once', async () => {
    const { code, out } = await members('invite', 'https://github.com/Octo-Cat', '--role', 'owner');
    expect({ code, out }).toEqual({ code: 0, out: 'octo-cat is invited as owner.\n' });
    expect(await listed()).toMatchObject([{ login: 'octo-cat', status: 'invited', role: 'owner' }]);
    expect(await members('invite', '@octo-cat')).toMatchObject({
      code: 1,
      err: expect.stringContaining('already') as string,
    });
  });

  it.each(['', 'octo cat', '-octo', 'octo--cat', 'x'.repeat(40)])('refuses "%s", which is no login', async (login) => {
    const { code, err } = await members('invite', '--', login);
    expect(code).toBe(1);
    expect(err).toContain('GitHub login');
  });

  it('refuses what cannot be decided, and whom nobody knows', async () => {
    expect(await members('approve', 'octo-cat')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/invited/) as string,
    });
    expect(await members('decline', 'somebody')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/somebody/) as string,
    });
  });

  it('takes an invitation back', async () => {
    expect((await members('decline', 'octo-cat')).out).toBe('octo-cat is turned away.\n');
    expect(await listed()).toMatchObject([{ status: 'declined', role: null }]);
  });

  it('erases only where it is said twice', async () => {
    expect(await members('erase', 'octo-cat')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--yes') as string,
    });
    expect((await members('erase', 'octo-cat', '--yes')).out).toBe('octo-cat is erased.\n');
    expect(await listed()).toEqual([]);
    for (const file of await readdir(dataDirectory, { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect((await readFile(join(file.parentPath, file.name))).includes('octo-cat'), file.name).toBe(false);
  });
});

describe('almanac members merge', () => {
  it('joins somebody known by commits to the account of whom they are, and nobody else to anybody', async () => {
    await using server = await identityRig();
    const [past = ''] = await server.read(author('Kim <kim@example.org>', 'kim <kim@old.example>'));
    const kim = await server.signIn({ id: 7, login: 'garden-kim', name: 'Kim', emails: ['kim@example.org'] });
    await server.signIn({ id: 8, login: 'bo', name: 'Bo', emails: [] });
    await server.stop();
    const merge = (from: string, into: string, ...more: string[]) =>
      almanac(['members', 'merge', '--data-dir', server.dataDirectory, from, into, ...more]);
    for (const [from, into, why] of [
      ['garden-kim', 'bo', 'Nobody who is known by commits only'],
      ['kim', 'nobody', 'Nobody who is in, invited or waiting'],
      [kim, 'bo', 'Nobody who is known by commits only'],
      ['kim', 'garden-kim', 'email kim@old.example'],
      ['kim', 'garden-kim', '--yes'],
    ] as const)
      expect(await merge(from, into)).toMatchObject({ code: 1, err: expect.stringContaining(why) as string });
    expect(await merge('kim', 'garden-kim', '--yes')).toMatchObject({
      code: 0,
      out: 'kim is garden-kim from now on.\n',
    });
    expect((await merge(past ?? '', 'garden-kim', '--yes')).code, 'who is joined is known by commits no more').toBe(1);
  });
});

describe('almanac vault rotate', () => {
  const rotate = (env = unconfigured()) => almanac(['vault', 'rotate', '--data-dir', dataDirectory], tmpdir(), env);
  const masterKey = () => readFile(join(dataDirectory, 'vault', 'master.key'), 'utf8');

  it('makes a new master key, which opens what the old one did', async () => {
    await members('invite', 'hubot');
    const before = await masterKey();
    expect((await rotate()).code).toBe(0);
    expect(await masterKey()).not.toBe(before);
    expect(await listed()).toMatchObject([{ login: 'hubot' }]);
  });

  it('is not for a master key that is set elsewhere, and says where', async () => {
    const env = { ...unconfigured(), MASTER_KEY: 'a master key of thirty-two characters' };
    expect(await rotate(env)).toMatchObject({ code: 1, err: expect.stringContaining('MASTER_KEY_PREVIOUS') as string });
  });
});
