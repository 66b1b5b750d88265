/** What collecting is compared with, and how time is taken. */
import { spawn } from 'node:child_process';

/** `git log --all` with everything of every commit, read to the end. */
export function gitLog(directory: string): Promise<void> {
  const child = spawn('git', ['log', '--all', '--format=%H%x00%aN%x00%aE%x00%ad%x00%cd%x00%B', '--date=raw'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`git log ended with ${code}`))));
  });
}

/** How long work takes. */
export async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
