import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import type { LocalRepository } from './local-git.ts';

/** What changes when commits come, in the shared directory: refs, loose, packed or as tables, HEADs of all worktrees, a shallow clone's edge. */
const TELLING = /^(HEAD|packed-refs|shallow|(refs|reftable)(\/.*)?|logs(\/HEAD)?|worktrees(\/[^/]+(\/HEAD)?)?)$/;

/** Git writes several files for one commit; they are one change. */
const QUIET = 100;
/** Something always going on must not put reading off for ever. */
const AT_LATEST = 1_000;

/**
 * Tells when a repository may have new commits or another mailmap: once it has been quiet for a moment.
 * chokidar rather than `fs.watch`: recursive watching of the latter takes in every object directory on Linux, and neither waits
 * for paths that do not exist yet nor follows directories that are replaced.
 * @param onTrouble watching does not work (any more), e.g. the system's limit of watches is used up
 */
export function watchRepository(
  { commonDirectory, workTree }: LocalRepository,
  onChange: () => void,
  onTrouble: (error: unknown) => void,
): AsyncDisposable {
  const isTelling = (path: string) => {
    const place = relative(commonDirectory, path);
    if (place === '' || place.startsWith('..')) return true;
    return TELLING.test(place.split(sep).join('/')) && !place.endsWith('.lock');
  };
  const paths = [commonDirectory, ...(workTree === null ? [] : [join(workTree, '.mailmap')])];
  const watcher = watch(paths, {
    ignored: (path) => !isTelling(path),
    ignoreInitial: true,
    atomic: false,
    ignorePermissionErrors: true,
  });
  let timer: NodeJS.Timeout | undefined;
  let since: number | null = null;
  const notice = () => {
    since ??= Date.now();
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        since = null;
        onChange();
      },
      Math.max(0, Math.min(QUIET, since + AT_LATEST - Date.now())),
    );
  };
  watcher.on('all', notice);
  // What happened before watching began is seen by looking once more.
  watcher.on('ready', notice);
  watcher.on('error', onTrouble);
  return {
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
