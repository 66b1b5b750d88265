import { chmodSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { almanac, CommandPlace } from '../support/command-line.ts';
import { unconfigured } from '../support/server.ts';

const ONE = 'correct horse battery staple, long enough';
const TWO = 'another sentence nobody else would think of';

/** `almanac attendance` of a place, with these variables set. */
const attendance = ({ repository, dataDirectory }: CommandPlace, env: Record<string, string> = {}) =>
  almanac(['attendance', '--repo', repository.path, '--data-dir', dataDirectory], repository.path, {
    ...unconfigured(),
    ...env,
  });

describe('started with a vault', () => {
  test('makes one by itself that nobody else can read, and reads what it sealed', async () => {
    await using place = await CommandPlace.create();
    for (let start = 0; start < 2; start += 1) {
      const { code, out } = await attendance(place);
      expect([code, out.includes('Kim')]).toEqual([0, true]);
    }
    const key = join(place.dataDirectory, 'vault', 'master.key');
    if (process.platform === 'win32') return;
    expect(statSync(key).mode & 0o777).toBe(0o600);
    chmodSync(key, 0o644);
    const { code, err } = await attendance(place);
    expect([code, err.split('\n').filter(Boolean).length]).toEqual([1, 1]);
    expect(err).toContain(`chmod 600 ${key}`);
  });

  test('takes the master key it was locked with, and the next one with the one before', async () => {
    await using place = await CommandPlace.create();
    expect(await attendance(place, { MASTER_KEY: ONE })).toMatchObject({ code: 0 });
    const wrong = await attendance(place, { MASTER_KEY: TWO });
    expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/^MASTER_KEY is not the one .*\n$/) as string });
    const rotated = await attendance(place, { MASTER_KEY: TWO, MASTER_KEY_PREVIOUS: ONE });
    expect([rotated.code, rotated.out.includes('Kim')]).toEqual([0, true]);
    const after = await attendance(place, { MASTER_KEY: TWO });
    expect([after.code, after.out.includes('Kim')]).toEqual([0, true]);
  });

  test('that is gone, asks to restore it', async () => {
    await using place = await CommandPlace.create();
    await attendance(place);
    rmSync(join(place.dataDirectory, 'vault'), { recursive: true });
    const { code, err } = await attendance(place);
    expect(code).toBe(1);
    expect(err).toMatch(/^The vault .* is missing, .*Restore the vault/);
  });
});
