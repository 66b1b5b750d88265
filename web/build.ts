/** Builds the dashboard into web/build when it is missing or its sources are newer than the build. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const web = import.meta.dirname;
const stamp = join(web, 'build', '.sources');

function digestOfSources(): string {
  const hash = createHash('sha256');
  const files = globSync(['src/**/*', 'static/**/*', 'vite.config.ts', 'tsconfig.json', '../package-lock.json'], {
    cwd: web,
    withFileTypes: true,
  });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  for (const path of paths.toSorted()) hash.update(path.slice(web.length)).update('\0').update(readFileSync(path));
  return hash.digest('hex');
}

const digest = digestOfSources();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  console.log('Building the dashboard; this happens once and takes some seconds …');
  const root = join(web, '..');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const built = spawnSync(
    process.execPath,
    [vite, 'build', '--config', join(web, 'vite.config.ts'), '--logLevel', 'warn'],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  if (built.status !== 0) {
    console.error(`${built.stdout}${built.stderr}`);
    process.exit(built.status ?? 1);
  }
  writeFileSync(stamp, digest);
}
