import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';
import { at, HANEUL } from './garden.ts';
import { Reader } from './reader.ts';

const PATIENCE = { timeout: 20_000 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
});

describe('a repository that cannot be read', () => {
  const WHAT_TO_DO = 'The program git was not found: install git 2.36 or newer.';

  test.each([
    ['ko-KR', '읽을 권한이나 git이 없습니다'],
    ['en-US', 'no permission or no git to read it'],
  ] as const)('is shown with what is wrong and what to do about it, for %s', async (language, reason) => {
    await using repository = await GitRepository.create({ name: 'locked' });
    await repository.commit({ author: HANEUL, at: at(1, '09:00'), message: 'Plant' });
    await using server = await startServer({ repositories: [repository.path], env: { PATH: '/nowhere' } });
    for (const width of [1440, 390]) {
      await using reader = await Reader.open(browser, { language, width });
      const { page } = reader;
      await reader.visit(server.url);
      await page.getByText(WHAT_TO_DO).waitFor(PATIENCE);
      expect(await page.getByText(reason).count()).toBe(1);
      expect(await reader.barriers()).toEqual([]);
      await reader.visit(`${server.url}/status`);
      const repositories = page.locator('section:has(> #repositories)');
      expect(await repositories.textContent()).toContain(reason);
      expect(await repositories.textContent()).toContain(WHAT_TO_DO);
      expect(await reader.overflow()).toBeLessThanOrEqual(0);
      expect(await reader.barriers()).toEqual([]);
      expect(reader.complaints).toEqual([]);
    }
  });
});
