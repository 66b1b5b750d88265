/** `npm run dev`: the API restarts and the dashboard reloads when their sources change. Open http://localhost:3000. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const API_PORT = '3001';

const run = (...args: string[]): ChildProcess =>
  spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PORT: API_PORT } });

const watched = ['server', 'domain', 'projections'].map((room) => `--watch-path=${join(root, room)}`);
const flags = process.argv.slice(2);
const children = [
  run(...watched, '--watch-preserve-output', 'server/cli/main.ts', 'start', '--no-dashboard', ...flags),
  run(
    join(root, 'node_modules/vite/bin/vite.js'),
    'dev',
    '--config',
    'web/vite.config.ts',
    '--port',
    '3000',
    '--strictPort',
  ),
];

const stop = () => {
  for (const child of children) child.kill('SIGTERM');
};
for (const child of children) child.once('exit', stop);
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
