import type { Git } from './git.ts';
import { parseCommit, type CommitText, type Unreadable } from './raw-commit.ts';

/** Headers and the part of a message that is kept fit; a longer commit is read no further, but to find where it ends. */
const MOST_BYTES = 128 * 1024;

/**
 * Reads commits by name, in the order given; what cannot be read says why.
 * @throws {GitFailed}
 */
export async function readCommits(git: Git, shas: readonly string[]): Promise<(CommitText | Unreadable)[]> {
  const reader = new ObjectReader();
  await git.run(['cat-file', '--batch', '--buffer'], {
    input: shas.map((sha) => `${sha}\n`).join(''),
    onOutput: (chunk) => reader.take(chunk),
  });
  return shas.map((_, index) => reader.commits[index] ?? { unreadable: 'git did not tell it' });
}

/** Takes `<sha> <type> <size>\n<bytes>\n` apart as it comes, and keeps of each commit only what it says. */
class ObjectReader {
  readonly commits: (CommitText | Unreadable)[] = [];
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a commit too long that are still to come. */
  #skip = 0;

  take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      const left = this.#object(bytes.subarray(skipped));
      if (!left) {
        this.#rest = bytes.subarray(skipped);
        return;
      }
      bytes = left;
    }
  }

  /** @returns what follows the first object; null when it is not complete */
  #object(bytes: Buffer): Buffer | null {
    const lineEnd = bytes.indexOf('\n');
    if (lineEnd === -1) return null;
    const [, type, size] = bytes.toString('latin1', 0, lineEnd).split(' ');
    if (type !== 'commit') {
      this.commits.push({ unreadable: type === 'missing' ? 'it is missing' : `it is a ${type}` });
      return bytes.subarray(lineEnd + 1);
    }
    const length = Number(size);
    const kept = Math.min(length, MOST_BYTES);
    const start = lineEnd + 1;
    if (bytes.length < start + kept) return null;
    this.commits.push(parseCommit(bytes.subarray(start, start + kept), kept < length));
    this.#skip = length - kept + 1;
    return bytes.subarray(start + kept);
  }
}
