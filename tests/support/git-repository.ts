import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';

export type CommitSpec = {
  /** `Kim <kim@example.org>`; bytes where they are not UTF-8. Default: `Kim <kim@example.org>`. */
  author?: string | Buffer;
  /** When it was written, with the writer's offset: `2025-03-10T23:59:00+09:00`. */
  at: string;
  committer?: string;
  /** Default: `at`. */
  committedAt?: string;
  message?: string | Buffer;
  /** Value of the commit's `encoding` header. */
  encoding?: string;
  /** Default: `main`. */
  branch?: string;
  /** Shas or branches; the first is the branch's own past unless given. */
  parents?: readonly string[];
};

const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_AUTHOR_NAME: 'Kim',
  GIT_AUTHOR_EMAIL: 'kim@example.org',
  GIT_COMMITTER_NAME: 'Kim',
  GIT_COMMITTER_EMAIL: 'kim@example.org',
};

/** Runs git as its user would; @returns what it printed, without the last newline. */
export async function git(directory: string, args: readonly string[], input?: string | Buffer): Promise<string> {
  const child = spawn('git', args, { cwd: directory, env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  child.stdin.on('error', () => undefined); // it ended without reading all: its exit code says why
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${Buffer.concat(complaints).toString()}`);
  return Buffer.concat(output).toString().replace(/\n$/, '');
}

/** A real repository in a folder of its own, gone at the end of the test. */
export class GitRepository implements AsyncDisposable {
  /** Symbolic links resolved. */
  readonly path: string;
  readonly #home: string;

  private constructor(path: string, home: string) {
    this.path = path;
    this.#home = home;
  }

  static async create({ bare = false, name = 'garden' } = {}): Promise<GitRepository> {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'almanac-git-')));
    const repository = new GitRepository(join(home, bare ? `${name}.git` : name), home);
    await mkdir(repository.path);
    await repository.git('init', '-q', '-b', 'main', ...(bare ? ['--bare'] : []));
    return repository;
  }

  /** The folder around it: clones, worktrees and caches of a test go there. */
  beside(name: string): string {
    return join(this.#home, name);
  }

  git(...args: string[]): Promise<string> {
    return git(this.path, args);
  }

  /** The git directory itself. */
  async directory(): Promise<string> {
    return this.git('rev-parse', '--absolute-git-dir');
  }

  async write(file: string, content: string | Buffer): Promise<void> {
    await writeFile(join(this.path, file), content);
  }

  async commit(spec: CommitSpec): Promise<string> {
    const [sha = ''] = await this.commits([spec]);
    return sha;
  }

  /** Makes commits in order, as many as wanted: 100,000 take a few seconds. @returns their shas */
  async commits(specs: readonly CommitSpec[]): Promise<string[]> {
    const marks = this.beside('marks');
    const existing = new Set((await this.git('for-each-ref', '--format=%(refname)')).split('\n'));
    const made = new Set<string>();
    // A branch of this run is called by its name; one from before has to be looked up.
    const place = (parent: string) => {
      if (/^[0-9a-f]{40}$/.test(parent)) return parent;
      return made.has(`refs/heads/${parent}`) ? `refs/heads/${parent}` : `refs/heads/${parent}^0`;
    };
    const pieces = specs.map((spec, index) => {
      const ref = `refs/heads/${spec.branch ?? 'main'}`;
      const { branch = 'main' } = spec;
      const [first, ...merged] = spec.parents ?? (existing.has(ref) ? [branch] : []);
      // A branch goes on from itself without being told, but for its first commit in this run.
      const from = first === undefined || (first === branch && made.has(ref)) ? [] : [`from ${place(first)}\n`];
      const lines = [...from, ...merged.map((parent) => `merge ${place(parent)}\n`)];
      made.add(ref);
      return commitCommand(spec, ref, index + 1, lines.join(''));
    });
    await git(this.path, ['fast-import', '--quiet', '--force', `--export-marks=${marks}`], Buffer.concat(pieces));
    const shas: string[] = [];
    for (const line of (await readFile(marks, 'utf8')).split('\n')) {
      const [mark, sha] = line.split(' ');
      if (mark && sha) shas[Number(mark.slice(1)) - 1] = sha;
    }
    return shas;
  }

  /** A commit written byte by byte, as no git would. `headers` follow the tree: author line, committer line… */
  async rawCommit(headers: string | Buffer, message: string | Buffer = '', branch = 'main'): Promise<string> {
    const tree = await git(this.path, ['mktree']);
    const bytes = Buffer.concat([
      Buffer.from(`tree ${tree}\n`),
      Buffer.from(headers),
      Buffer.from('\n\n'),
      Buffer.from(message),
    ]);
    const sha = await git(this.path, ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], bytes);
    await this.git('update-ref', `refs/heads/${branch}`, sha);
    return sha;
  }

  /** Puts every object into a file of its own, so that a single one can be damaged. */
  async unpack(): Promise<void> {
    const directory = join(await this.directory(), 'objects/pack');
    for (const file of await readdir(directory)) {
      if (!file.endsWith('.pack')) continue;
      const pack = await readFile(join(directory, file));
      for (const ending of ['.pack', '.idx', '.rev'])
        await rm(join(directory, file.replace('.pack', ending)), { force: true });
      await git(this.path, ['unpack-objects', '-q'], pack);
    }
  }

  /** What git itself says is reachable from every branch, tag and HEAD. */
  async reachable(): Promise<Set<string>> {
    const listed = await this.git(
      'log',
      '--branches',
      '--remotes',
      '--tags',
      '--format=%H',
      '--ignore-missing',
      'HEAD',
    );
    return new Set(listed.split('\n').filter(Boolean));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}

function commitCommand(spec: CommitSpec, ref: string, mark: number, parents: string): Buffer {
  const { author = 'Kim <kim@example.org>', committer = 'Kim <kim@example.org>', message = 'Plant a tree' } = spec;
  const text = Buffer.from(message);
  return Buffer.concat([
    Buffer.from(`commit ${ref}\nmark :${mark}\nauthor `),
    Buffer.from(author),
    Buffer.from(` ${gitDate(spec.at)}\ncommitter ${committer} ${gitDate(spec.committedAt ?? spec.at)}\n`),
    Buffer.from(spec.encoding === undefined ? '' : `encoding ${spec.encoding}\n`),
    Buffer.from(`data ${text.length}\n`),
    text,
    Buffer.from(`\n${parents}\n`),
  ]);
}

/** `2025-03-10T23:59:00+09:00` as git keeps it: `1741618740 +0900`. */
function gitDate(at: string): string {
  const zone = /([+-]\d{2}):?(\d{2})$/.exec(at);
  return `${Temporal.Instant.from(at).epochMilliseconds / 1000} ${zone ? `${zone[1]}${zone[2]}` : '+0000'}`;
}

/** Commits of many people over many days, for tests of size; the same every time. */
export function* manyCommits(
  count: number,
  { people = 20, days = 400, from = '2024-01-01T00:00:00Z' } = {},
): Generator<CommitSpec> {
  const start = Temporal.Instant.from(from).epochMilliseconds / 1000;
  let chance = 1;
  for (let index = 0; index < count; index += 1) {
    chance = (chance * 48_271) % 2_147_483_647;
    const person = chance % people;
    const second = start + Math.floor((index / count) * days * 86_400);
    const at = new Date(second * 1000).toISOString().replace(/\.\d+Z$/, '+00:00');
    yield {
      author: `Person ${person} <person${person}@example.org>`,
      at,
      message: `Tend bed ${index}\n\nWater, weed and prune; ${'grow '.repeat(chance % 30)}`,
    };
  }
}
