import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { GitRepository } from '../support/git-repository.ts';
import { startServer } from '../support/server.ts';
import { at, daysAgo, HANEUL, startGarden, ZONE, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

const PATIENCE = { timeout: 20_000 };

let browser: Browser;
let garden: Garden;
beforeAll(async () => {
  [garden, browser] = await Promise.all([startGarden(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await garden?.[Symbol.asyncDispose]();
});

describe.each(['ko-KR', 'en-US'] as const)('for %s', (language) => {
  const korean = language === 'ko-KR';
  const heading = { level: 1 } as const;

  test('a page that is not there says so', async () => {
    await using reader = await Reader.open(browser, { language });
    expect(await reader.visit(`${garden.url}/orchard`)).toBe(404);
    expect(await reader.page.getByRole('heading', heading).textContent()).toBe(
      korean ? '페이지를 찾을 수 없습니다' : 'There is no such page',
    );
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
  });

  test('a member nobody knows is told apart from a page nobody knows', async () => {
    await using reader = await Reader.open(browser, { language });
    expect(await reader.visit(`${garden.url}/members/nobody`)).toBe(404);
    expect(await reader.page.getByRole('heading', heading).textContent()).toBe(
      korean ? '그런 참여자가 없습니다' : 'There is no such member',
    );
    expect(await reader.barriers()).toEqual([]);
  });

  test('a day outside the season names the season and leads into it', async () => {
    await using reader = await Reader.open(browser, { language });
    const { page } = reader;
    expect(await reader.visit(`${garden.url}/days/1999-12-31`)).toBe(404);
    expect(await page.getByRole('heading', heading).textContent()).toBe(
      korean ? '시즌 밖의 날입니다' : 'A day outside the season',
    );
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('link', { name: korean ? '첫날 보기' : 'Open the first day' }).click();
    await page.waitForURL(new RegExp(daysAgo(99)));
  });

  test('a day that does not exist, and a challenge nobody knows', async () => {
    await using reader = await Reader.open(browser, { language });
    expect(await reader.visit(`${garden.url}/days/2025-02-29`)).toBe(404);
    expect(await reader.page.getByRole('heading', heading).textContent()).toBe(
      korean ? '달력에 없는 날입니다' : 'There is no such day in the calendar',
    );
    expect(await reader.visit(`${garden.url}/?challenge=none`)).toBe(404);
    expect(await reader.page.locator('main').textContent()).toContain(korean ? '그런 챌린지가' : 'no such challenge');
  });
});

describe('where there is no book yet, a page says so and what to do', () => {
  const heading = async (reader: Reader) => reader.page.getByRole('heading', { level: 1 }).textContent();

  test('in a repository without commits', async () => {
    await using repository = await GitRepository.create({ name: 'seedling' });
    await using server = await startServer({ repositories: [repository.path], env: { TIME_ZONE: ZONE } });
    await server.ready();
    await using reader = await Reader.open(browser, { language: 'en-US' });
    expect(await reader.visit(`${server.url}/days/${daysAgo(1)}`)).toBe(404);
    expect(await heading(reader)).toBe('There is no book yet');
    expect(await reader.page.locator('main').textContent()).toContain('git commit --allow-empty');
    expect(await reader.page.getByRole('link', { name: 'Back to the book' }).count()).toBe(1);
    expect(await reader.barriers()).toEqual([]);
    await reader.visit(`${server.url}/days/2026-02-30`);
    expect(await heading(reader)).toBe('There is no such day in the calendar');
  });

  test('outside of a repository', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'almanac-outside-'));
    await using server = await startServer({ cwd: folder });
    await using reader = await Reader.open(browser, { language: 'en-US' });
    for (const path of [`/days/${daysAgo(1)}`, '/members/nobody']) {
      expect(await reader.visit(server.url + path)).toBe(404);
      expect(await heading(reader)).toBe('There is no book yet');
      expect(await reader.page.locator('main').textContent()).toContain('npm start -- --repo');
    }
    expect(reader.complaints).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

test('outside of a repository the page says how to start in one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'almanac-outside-'));
  await using server = await startServer({ cwd: folder });
  await using reader = await Reader.open(browser, { language: 'en-US' });
  expect(await reader.visit(server.url)).toBe(200);
  expect(await reader.page.locator('main').textContent()).toContain('npm start -- --repo');
  expect(await reader.page.getByText('could not be read').count()).toBe(0);
  expect(await reader.barriers()).toEqual([]);
  expect(reader.complaints).toEqual([]);
  await rm(folder, { recursive: true });
});

test('a repository without commits waits for the first, and shows it as it comes', async () => {
  await using repository = await GitRepository.create({ name: 'seedling' });
  await using server = await startServer({ repositories: [repository.path], env: { TIME_ZONE: ZONE } });
  await using reader = await Reader.open(browser, { language: 'en-US' });
  await reader.visit(server.url);
  await reader.page.getByRole('heading', { name: 'Waiting for the first commit' }).waitFor(PATIENCE);
  expect(await reader.barriers()).toEqual([]);
  await repository.commit({ author: HANEUL, at: at(0, '09:00'), message: 'First leaf' });
  await reader.page.getByRole('heading', { name: 'seedling' }).waitFor(PATIENCE);
  expect(reader.complaints).toEqual([]);
});

test('a repository that vanishes is said to have, its days unknown, and comes back by itself', async () => {
  await using repository = await GitRepository.create({ name: 'fragile' });
  await repository.commit({ author: HANEUL, at: at(2, '09:00'), message: 'Plant' });
  await using server = await startServer({ repositories: [repository.path], env: { TIME_ZONE: ZONE } });
  await server.ready();
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(server.url);
  await rename(repository.path, repository.beside('gone'));
  await page.getByRole('button', { name: 'Collect now' }).click();
  await page.getByText('fragile could not be read').waitFor(PATIENCE);
  expect(await page.getByText('The folder is gone or was moved.').count()).toBe(1);
  expect(await page.locator('tbody tr', { hasText: '김하늘' }).count()).toBe(1);
  expect(await reader.barriers()).toEqual([]);
  await rename(repository.beside('gone'), repository.path);
  await page.getByRole('button', { name: 'Collect now' }).click();
  await page.getByText('fragile could not be read').waitFor({ state: 'detached', ...PATIENCE });
});

test('a folder that is damaged from the start leaves a page that says so', async () => {
  await using repository = await GitRepository.create({ name: 'broken' });
  await repository.commit({ author: HANEUL, at: at(1, '09:00'), message: 'Plant' });
  await rm(join(await repository.directory(), 'objects'), { recursive: true });
  await using server = await startServer({ repositories: [repository.path] });
  await using reader = await Reader.open(browser, { language: 'en-US' });
  await reader.visit(server.url);
  await reader.page
    .getByText(/could not be read/)
    .first()
    .waitFor(PATIENCE);
  expect(await reader.barriers()).toEqual([]);
  expect(reader.complaints).toEqual([]);
});
