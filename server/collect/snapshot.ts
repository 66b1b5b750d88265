import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, failureAt } from './failure.ts';
import { GitFailed, type Git } from './git.ts';
import type { LocalRepository } from './local-git.ts';

/** What can be read of a repository at one moment; two equal snapshots have the same history. */
export type Snapshot = {
  /** Commits that branches, remote branches, tags and HEADs lead to, each once, sorted. */
  readonly tips: readonly string[];
  /** Refs that lead nowhere, as `refs/heads/x (1a2b…)`. */
  readonly broken: readonly string[];
  /** The mailmap there is: its digest, and where there is no work tree the blob it is in. */
  readonly mailmap: { readonly digest: string; readonly blob: string };
  /** Where a shallow clone's history is cut off. */
  readonly shallow: string;
};

/**
 * Looks at every branch, remote branch and tag, and at the HEAD of every worktree; stashes and notes are no history.
 * @throws {RepositoryFailure}
 */
export async function snapshotOf(repository: LocalRepository): Promise<Snapshot> {
  try {
    const { git, workTree, commonDirectory } = repository;
    const [refs, heads, mailmap, shallow] = await Promise.all([
      peeledRefs(git),
      detachedHeads(repository),
      workTree === null
        ? mailmapOfHead(git)
        : digestOf(join(workTree, '.mailmap')).then((digest) => ({ digest, blob: '' })),
      digestOf(join(commonDirectory, 'shallow')),
    ]);
    const known = heads.every(({ sha }) => refs?.has(sha));
    const seen = refs && known ? { tips: [...refs].sort(), broken: [] } : await lookUp(git, heads);
    return { ...seen, mailmap, shallow };
  } catch (error) {
    throw await failureAt(repository.location, error);
  }
}

const REFS = ['refs/heads', 'refs/remotes', 'refs/tags'];

/** The commits of all refs in one question; null when it takes more to answer: something is missing, broken, or a tag of a tag. */
async function peeledRefs(git: Git): Promise<Set<string> | null> {
  const format = '--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname)';
  const { stdout, stderr } = await git.run(['for-each-ref', format, ...REFS]).catch((error: unknown) => {
    if (error instanceof GitFailed && error.kind === 'failed') return { stdout: Buffer.alloc(0), stderr: error.stderr };
    throw error;
  });
  if (/^(fatal|error|warning: ignoring broken)/m.test(stderr)) return null;
  const tips = new Set<string>();
  for (const line of stdout.toString().split('\n')) {
    const [type, sha = '', taggedType, tagged = ''] = line.split(' ');
    if (taggedType === 'tag') return null;
    if (type === 'commit') tips.add(sha);
    else if (taggedType === 'commit') tips.add(tagged);
  }
  return tips;
}

type NamedObject = { readonly sha: string; readonly name: string };

/** Every ref and HEAD looked up one by one, so that what is broken does not hide the others. */
async function lookUp(git: Git, heads: readonly NamedObject[]): Promise<Pick<Snapshot, 'tips' | 'broken'>> {
  const { stdout, stderr } = await git.run(['for-each-ref', '--format=%(objectname) %(refname)', ...REFS]);
  const garbage = [...stderr.matchAll(/ignoring broken ref (\S+)/g)].map(([, ref = '']) => ref);
  const resolved = await resolve(git, [...parsedRefs(stdout), ...heads]);
  return { tips: resolved.tips, broken: [...garbage, ...resolved.broken] };
}

const parsedRefs = (output: Buffer): NamedObject[] =>
  output
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => ({ sha: line.slice(0, line.indexOf(' ')), name: line.slice(line.indexOf(' ') + 1) }));

/** HEADs that are on no branch; an unborn branch's is all zeros. Git is asked only where there are worktrees to ask about. */
async function detachedHeads({ git, commonDirectory }: LocalRepository): Promise<NamedObject[]> {
  const linked = await textOf(readdir(join(commonDirectory, 'worktrees')).then((names) => names.join('\n')));
  const told =
    linked === ''
      ? await textOf(readFile(join(commonDirectory, 'HEAD'), 'utf8'))
      : await git.run(['worktree', 'list', '--porcelain']).then(({ stdout }) => stdout.toString());
  return [...told.matchAll(/^(?:HEAD )?([0-9a-f]{40,64})$/gm)]
    .map(([, sha = '']) => ({ sha, name: 'HEAD' }))
    .filter(({ sha }) => !/^0+$/.test(sha));
}

/** Tags are followed to what they tag; what is no commit (a tagged file) is no history. */
async function resolve(git: Git, objects: readonly NamedObject[]) {
  const shas = [...new Set(objects.map(({ sha }) => sha))];
  if (shas.length === 0) return { tips: [], broken: [] };
  const { stdout } = await git.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: shas.map((sha) => `${sha}^{}\n`).join(''),
  });
  const answers = stdout.toString().split('\n');
  const tips = new Set<string>();
  const broken: string[] = [];
  shas.forEach((sha, index) => {
    const [object = '', type] = answers[index]?.split(' ') ?? [];
    if (type === 'commit') tips.add(object);
    else if (type === 'missing') broken.push(`${objects.find((named) => named.sha === sha)?.name ?? ''} (${sha})`);
  });
  return { tips: [...tips].sort(), broken };
}

/** Where a partial clone left it with its remote, it counts as none: nothing is fetched by looking. */
async function mailmapOfHead(git: Git): Promise<Snapshot['mailmap']> {
  try {
    const { stdout } = await git.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
      input: 'HEAD:.mailmap\n',
    });
    const [blob = '', type] = stdout.toString().trim().split(' ');
    return type === 'blob' ? { digest: blob, blob } : { digest: '', blob: '' };
  } catch (error) {
    if (error instanceof GitFailed && error.kind === 'failed') return { digest: '', blob: '' };
    throw error;
  }
}

/** Of a file's content; empty when there is none. Anything but a regular file (git does not follow links here either) is none. */
const digestOf = (path: string): Promise<string> =>
  textOf(
    lstat(path).then(async (found) =>
      found.isFile()
        ? createHash('sha256')
            .update(await readFile(path))
            .digest('base64url')
        : '',
    ),
  );

/** Empty where there is no such file. */
async function textOf(reading: Promise<string>): Promise<string> {
  try {
    return await reading;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return '';
    throw error;
  }
}
