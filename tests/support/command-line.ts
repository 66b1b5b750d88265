import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepository } from './git-repository.ts';
import { unconfigured } from './server.ts';

/** The program's door: plain JavaScript that any Node runs. */
export const DOOR = join(import.meta.dirname, '..', '..', 'server', 'cli', 'almanac.js');

export type Ended = { code: number | null; out: string; err: string };

/** A repository of two people with a commit each, and a folder to keep what is read of it. */
export class CommandPlace implements AsyncDisposable {
  readonly repository: GitRepository;
  readonly dataDirectory: string;

  private constructor(repository: GitRepository, dataDirectory: string) {
    this.repository = repository;
    this.dataDirectory = dataDirectory;
  }

  static async create(): Promise<CommandPlace> {
    const repository = await GitRepository.create();
    await repository.commits([
      { author: 'Kim <kim@example.org>', at: '2024-05-01T09:00:00+09:00', message: 'sow' },
      { author: 'Lee <lee@example.org>', at: '2024-05-02T09:30:00+09:00', message: 'water' },
    ]);
    return new CommandPlace(repository, await mkdtemp(join(tmpdir(), 'almanac-data-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.repository[Symbol.asyncDispose]();
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}

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
