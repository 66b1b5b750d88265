import { defineConfig } from 'vitest/config';

const suite = (name: string, options: { timeout: number }) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: options.timeout,
    hookTimeout: options.timeout,
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    // Most of what is tested waits for a disk or another process: both cores of a small machine are to be used.
    maxWorkers: 2,
    // `npm run test:coverage` fails below these percents; what child processes and threads run does not count.
    coverage: { thresholds: { lines: 80, functions: 80, statements: 80, branches: 75 } },
    projects: [
      suite('unit', { timeout: 20_000 }),
      suite('contract', { timeout: 60_000 }),
      suite('integration', { timeout: 90_000 }),
      suite('e2e', { timeout: 180_000 }),
    ],
  },
});
