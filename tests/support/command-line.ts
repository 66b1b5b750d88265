import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unconfigured } from './server.ts';

/** The program's door: plain JavaScript that any Node runs. */
export const DOOR = join(import.meta.dirname, '..', '..', 'server', 'cli', 'almanac.js');

export type Ended = { code: number | null; out: string; err: string };

/** Runs a command to its end, configured by its flags alone unless an environment is given. */
export function almanac(args: readonly string[], cwd = tmpdir(), env = unconfigured()): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [DOOR, ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended: Ended = { code: null, out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (ended.err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}
