import { describe, expect, test } from 'vitest';
import type { Git } from '../../server/collect/git.ts';
import { appendable, inFlight } from '../../server/collect/appends.ts';
import { readCommits } from '../../server/collect/read-commits.ts';
import { readHistory } from '../../server/collect/read-history.ts';

const NO_MAILMAP = { digest: '', blob: '' };
/** A git that says these bytes, in pieces of a size of their own. */
const gitThatSays = (bytes: Buffer, size: number): Git => ({
  run: (_args, { onOutput } = {}) => {
    for (let at = 0; at < bytes.length; at += size) onOutput?.(bytes.subarray(at, at + size));
    return Promise.resolve({ stdout: Buffer.alloc(0), stderr: '' });
  },
});
const sha = (letter: string) => letter.repeat(40);
const LOCAL = { name: '', location: '/', commonDirectory: '/', workTree: null, fingerprint: '' };

describe('however git cuts its output into pieces', () => {
  const record = (letter: string, seconds: number, name: string) =>
    [sha(letter), seconds, name, `${name}@raw`, name, `${name}@raw`, ''].join('\0');
  const log = Buffer.from(record('c', 30, '김민수') + record('b', 40, 'lee') + record('a', 10, '김민수'));

  test.each([1, 2, 3, 7, 50, 1_000_000])('the history is the same: %i bytes', async (size) => {
    const repository = { ...LOCAL, git: gitThatSays(log, size) };
    const { shas, authorOf, authors } = await readHistory(repository, { tips: [sha('c')], mailmap: NO_MAILMAP }, []);
    expect(shas).toEqual([sha('a'), sha('b'), sha('c')]);
    expect(authorOf.map((index) => authors[index])).toMatchObject([
      { name: '김민수', newest: 30 },
      { name: 'lee', newest: 40 },
      { name: '김민수', newest: 30 },
    ]);
  });

  test.each([1_000, 65_536, 10_000_000])('an author of megabytes is nobody: %i bytes at a time', async (size) => {
    const records = [
      [sha('c'), '40', 'lee', 'l@x', 'lee', 'l@x'],
      [sha('b'), '30', 'x'.repeat(1_000_000), 'k@x', 'x'.repeat(1_000_000), 'k@x'],
      [sha('a'), '20', 'kim', 'k@x', 'kim', 'k@x'],
    ];
    const output = Buffer.from(records.flat().join('\0') + '\0');
    const repository = { ...LOCAL, git: gitThatSays(output, size) };
    const { shas, authorOf, authors } = await readHistory(repository, { tips: [sha('c')], mailmap: NO_MAILMAP }, []);
    expect(shas).toEqual([sha('a'), sha('b'), sha('c')]);
    expect(authorOf.map((index) => authors[index]?.name)).toEqual(['kim', '', 'lee']);
  });

  const object = (letter: string, bytes: string) => `${sha(letter)} commit ${Buffer.byteLength(bytes)}\n${bytes}\n`;
  const commit = (message: string) => `tree 1\nauthor Kim <k@x> 60 +0000\n\n${message}`;
  const objects = Buffer.from(
    object('a', commit('first\n')) +
      `${sha('b')} missing\n` +
      object('c', commit(`long ${'.'.repeat(300_000)}`)) +
      object('d', commit('') + '') +
      object('e', 'tree 1\n\nno author') +
      object('f', commit(`fake\n${sha('0')} commit 3\nabc\n`)),
  );

  test.each(['', 'a', 'ab', 'abc'])('a long message is cut between two characters (%j before)', async (before) => {
    const korean = object('a', commit(before + '가'.repeat(100_000)));
    const old = Buffer.concat([
      Buffer.from(
        `${sha('b')} commit ${40 + before.length + 200_000}\ntree 1\nauthor Kim <k@x> 60 +0000     \n\n${before}`,
      ),
      Buffer.from('b0a1'.repeat(100_000), 'hex'),
      Buffer.from('\n'),
    ]);
    const read = await readCommits(gitThatSays(Buffer.concat([Buffer.from(korean), old]), 65_536), ['a', 'b'].map(sha));
    const message = (before + '가'.repeat(4_000)).slice(0, 4_000);
    expect(read).toMatchObject([{ message }, { message }]);
  });

  test.each([50, 64, 1_000, 65_536, 1_000_000])('the commits are the same: %i bytes', async (size) => {
    const commits = await readCommits(gitThatSays(objects, size), ['a', 'b', 'c', 'd', 'e', 'f'].map(sha));
    expect(commits).toMatchObject([
      { message: 'first' },
      { unreadable: 'it is missing' },
      { message: `long ${'.'.repeat(3_995)}` },
      { message: '' },
      { unreadable: 'its author line holds no date' },
      { message: `fake\n${sha('0')} commit 3\nabc` },
    ]);
  });
});

test('a commit git says nothing about is named, not forgotten', async () => {
  expect(await readCommits(gitThatSays(Buffer.alloc(0), 1), [sha('a')])).toEqual([
    { unreadable: 'git did not tell it' },
  ]);
});

describe('appends', () => {
  test('hold at most 500 events', () => {
    const pieces = appendable(
      Array.from({ length: 1_001 }, (_, index) => index),
      () => '',
    );
    expect(pieces.map(({ length }) => length)).toEqual([500, 500, 1]);
    expect(pieces.flat()).toHaveLength(1_001);
  });
  test('stay far below what a store accepts, whatever the messages', () => {
    const messages = Array.from({ length: 100 }, () => '\u0001'.repeat(4_000));
    for (const piece of appendable(messages, (message) => message))
      expect(Buffer.byteLength(JSON.stringify(piece))).toBeLessThan(800_000);
  });
  test('are under way 64 at a time, and a failure ends what has not begun', async () => {
    let now = 0;
    let most = 0;
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      if (item === 100) throw new Error('no more');
    };
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    await expect(inFlight(items, work)).rejects.toThrow('no more');
    expect(most).toBe(64);
    expect(now).toBe(0);
    expect(begun.length).toBeLessThan(300);
  });
});
