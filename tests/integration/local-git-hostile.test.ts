import { access, chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLocalRepository } from '../../server/collect/local-git.ts';
import { snapshotOf } from '../../server/collect/snapshot.ts';
import { readCommits } from '../../server/collect/read-commits.ts';
import { readHistory } from '../../server/collect/read-history.ts';
import { git, GitRepository } from '../support/git-repository.ts';

const spring = '2025-03-10T09:00:00+09:00';

async function readAt(path: string) {
  const repository = await openLocalRepository(path);
  const snapshot = await snapshotOf(repository);
  const history = await readHistory(repository, snapshot, []);
  return { history, snapshot, commits: await readCommits(repository.git, history.shas) };
}

/** A program that leaves a mark when it is run. */
async function trap(repository: GitRepository) {
  const mark = repository.beside('sprung');
  const program = repository.beside('trap.sh');
  await writeFile(program, `#!/bin/sh\necho "$0 $*" >> ${mark}\n`);
  await chmod(program, 0o755);
  const sprung = () =>
    access(mark).then(
      () => true,
      () => false,
    );
  return { program, sprung, reset: () => rm(mark, { force: true }) };
}

test('a repository that is looked at gets nothing run that its configuration names', async () => {
  await using garden = await GitRepository.create();
  const { program, sprung, reset } = await trap(garden);
  const signed = await garden.rawCommit(
    `author Kim <kim@example.org> 1741618740 +0900\ncommitter Kim <kim@example.org> 1741618740 +0900\n` +
      'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----',
    'Signed\n',
  );
  await writeFile(join(garden.path, '.gitattributes'), '* diff=evil filter=evil merge=evil\n');
  const hooks = garden.beside('hooks');
  await mkdir(hooks);
  for (const hook of ['post-index-change', 'reference-transaction', 'post-checkout', 'fsmonitor-watchman'])
    await writeFile(join(hooks, hook), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  const more = garden.beside('more-config');
  await writeFile(more, `[core]\n\tpager = ${program}\n[pager]\n\tlog = ${program}\n\tconfig = ${program}\n`);
  const settings: [string, string][] = [
    ['core.fsmonitor', program],
    ['core.hooksPath', hooks],
    ['core.pager', program],
    ['core.editor', program],
    ['core.askPass', program],
    ['core.sshCommand', program],
    ['core.gitProxy', program],
    ['core.alternateRefsCommand', program],
    ['alias.log', `!${program}`],
    ['alias.rev-parse', `!${program}`],
    ['alias.cat-file', `!${program}`],
    ['log.showSignature', 'true'],
    ['gpg.program', program],
    ['gpg.ssh.program', program],
    ['diff.external', program],
    ['diff.evil.textconv', program],
    ['diff.evil.command', program],
    ['filter.evil.smudge', program],
    ['filter.evil.clean', program],
    ['merge.evil.driver', program],
    ['credential.helper', program],
    ['uploadpack.packObjectsHook', program],
    ['log.follow', 'true'],
    ['log.mailmap', 'true'],
    ['mailmap.file', '/dev/stdin'],
    ['format.pretty', 'oneline'],
    ['include.path', more],
  ];
  for (const [name, value] of settings) await garden.git('config', name, value);

  await git(garden.path, ['log', '-1']);
  expect(await sprung(), 'the trap itself').toBe(true);
  await reset();

  const { history, commits } = await readAt(garden.path);
  expect(history.shas).toEqual([signed]);
  expect(commits).toMatchObject([{ message: 'Signed' }]);
  expect(await sprung()).toBe(false);
});

test('a partial clone that lacks objects is not completed from where it says', async () => {
  await using garden = await GitRepository.create();
  const { program, sprung, reset } = await trap(garden);
  const sha = await garden.commit({ at: spring });
  const lost = '1'.repeat(40);
  await writeFile(join(garden.path, '.git/refs/heads/lost'), `${lost}\n`);
  for (const [name, value] of [
    ['core.repositoryFormatVersion', '1'],
    ['extensions.partialClone', 'evil'],
    ['remote.evil.promisor', 'true'],
    ['remote.evil.url', 'ssh://git.example/garden'],
    ['remote.evil.uploadpack', program],
    ['core.sshCommand', program],
    ['ssh.variant', 'simple'],
    ['protocol.allow', 'always'],
  ] as const)
    await garden.git('config', name, value);

  await git(garden.path, ['cat-file', '-p', lost]).catch(() => undefined);
  expect(await sprung(), 'the trap itself').toBe(true);
  await reset();

  const { history, snapshot } = await readAt(garden.path);
  expect(history.shas).toEqual([sha]);
  expect(snapshot.broken).toEqual([`refs/heads/lost (${lost})`]);
  expect(await sprung()).toBe(false);
});

test('refs and people that look like options, paths or formats are names', async () => {
  await using garden = await GitRepository.create();
  const pwned = garden.beside('pwned');
  const sha = await garden.commit({
    at: spring,
    author: '%H --output=x <--exec=touch@%n>',
    message: '%x00%H\n--output=x',
  });
  const other = await garden.commit({ at: spring, branch: 'other' });
  for (const ref of [`--output=${pwned}`.replaceAll('/', '-'), '-x', '--all', '^main', 'HEAD', '@{u}'])
    await git(garden.path, ['update-ref', `refs/heads/${ref}`, other]).catch(() => undefined);
  await garden.git('tag', '--', `v;touch${'$IFS'}x`, sha);
  const { history, snapshot, commits } = await readAt(garden.path);
  expect(new Set(history.shas)).toEqual(new Set([sha, other]));
  expect(snapshot.tips).toHaveLength(2);
  expect(history.authors).toMatchObject([{ name: '%H --output=x', email: '--exec=touch@%n' }, { name: 'Kim' }]);
  expect(commits[history.shas.indexOf(sha)]).toMatchObject({ message: '%x00%H\n--output=x' });
  await expect(access(pwned)).rejects.toThrow();
});

test('a mailmap that is no file is none', async () => {
  await using garden = await GitRepository.create();
  await garden.commit({ at: spring });
  await writeFile(garden.beside('secret'), 'Mallory <mallory@x> <kim@example.org>\n');
  await garden.git('config', 'mailmap.file', garden.beside('secret'));
  expect((await readAt(garden.path)).history.authors).toMatchObject([{ name: 'Kim', email: 'kim@example.org' }]);
});
