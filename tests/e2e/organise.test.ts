import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitStream } from '../../domain/commit-history.ts';
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { launchChromium } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { OWNER, signIn, startCommunity, type Community } from './community.ts';
import { daysAgo, ZONE } from './garden.ts';
import { Reader, type ReaderOptions } from './reader.ts';

let browser: Browser;
let community: Community;
let owner: Reader;
beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(), launchChromium()]);
  owner = await Reader.open(browser, { language: 'en-US' });
  await signIn(community, owner, OWNER, '/admin/collections');
});
afterAll(async () => {
  await owner?.[Symbol.asyncDispose]();
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

const main = (reader: Reader) => reader.page.locator('main').textContent();
async function expectSound(reader: Reader): Promise<void> {
  expect(await reader.barriers()).toEqual([]);
  expect(await reader.overflow()).toBeLessThanOrEqual(0);
  expect(reader.complaints).toEqual([]);
}

describe('collections', () => {
  test('say in words why somebody could not be read, and read them again', async () => {
    const { page } = owner;
    community.github.faults.choose = () => ({ status: 403, body: () => '{"message":"Resource not accessible"}' });
    await page.getByRole('button', { name: 'Read again: Mona Octocat' }).click();
    await page.getByText('GitHub does not let this account be read').waitFor();
    expect(await main(owner)).toContain('1 member could not be read');
    await expectSound(owner);
    community.github.faults.choose = () => null;
    await page.getByRole('button', { name: 'Read all of them again' }).click();
    await page.getByText('and no reading that failed').waitFor();
    await expectSound(owner);
  });

  test('that fail are told once on the book of a season, with what to do', async () => {
    const { page } = owner;
    await owner.visit(`${community.url}/admin/seasons`);
    await page.getByLabel('Name').fill('Gardeners');
    await page.getByLabel('First day').fill(daysAgo(3));
    await page.getByLabel('Time zone').fill(ZONE);
    await page.getByRole('button', { name: 'Open the season' }).click();
    await page.getByRole('heading', { level: 1, name: 'Gardeners' }).waitFor();
    community.github.faults.choose = () => ({ status: 401, body: () => '{"message":"Bad credentials"}' });
    await owner.visit(`${community.url}/admin/collections`);
    await page.getByRole('button', { name: 'Read again: Mona Octocat' }).click();
    await page.getByText('GitHub no longer takes their token').waitFor();
    community.github.faults.choose = () => null;
    await owner.visit(community.url);
    await page.getByText('The commits of 1 member could not be read').waitFor();
    expect(await main(owner)).toContain('Please connect GitHub again.');
    expect(await page.getByRole('link', { name: 'Connect on your account page' }).getAttribute('href')).toBe(
      '/account',
    );
    await expectSound(owner);
  });
});

describe('jobs', () => {
  test('run when they are asked to, and the history tells how it went', async () => {
    const { page } = owner;
    await owner.visit(`${community.url}/admin/jobs`);
    await page.getByRole('button', { name: 'Run now: Backup' }).click();
    await page.getByText('Backup: begun.').waitFor();
    await page.locator('#history ~ ul li', { hasText: 'restored and read' }).getByText('asked for by mona').waitFor();
    await expectSound(owner);
    await page.getByRole('link', { name: 'Motivational messages' }).click();
    await page.getByText('Nothing has run yet.').waitFor();
  });

  test('that may send something are asked for twice', async () => {
    const { page } = owner;
    await owner.visit(`${community.url}/admin/jobs`);
    expect(await page.getByRole('button', { name: /^Run now: Reminder/ }).count()).toBe(0);
    await page.locator('summary', { hasText: 'Run now' }).first().click();
    await page.getByText('Members may get messages.').first().waitFor();
    expect(await page.getByRole('button', { name: 'Yes, run it now' }).first().isVisible()).toBe(true);
    await expectSound(owner);
  });
});

describe('the log', () => {
  test('is read back by type and stream, sealed as it is, on the page and as JSON', async () => {
    const { page } = owner;
    await owner.visit(`${community.url}/admin/events`);
    await page.getByLabel('Type').selectOption('CommitObserved');
    await page.getByLabel('Stream').fill('commits-');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect.poll(() => page.locator('main ol > li').count()).toBe(2);
    await page.locator('main ol summary').first().click();
    expect(await page.locator('main ol pre').first().textContent()).toContain('"message": "(sealed)"');
    await expectSound(owner);
    const address = await page.getByRole('link', { name: 'As JSON' }).getAttribute('href');
    const answer = await page.request.get(community.url + String(address));
    const { events } = (await answer.json()) as { events: { type: string; data: object }[] };
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ type: 'CommitObserved', data: { message: '(sealed)' } });
    expect(JSON.stringify(events)).not.toMatch(/물을 준다|Prune/);
  });

  test('goes on to what is older', async () => {
    const { page } = owner;
    for (let n = 0; n < 2; n += 1) await owner.visit(`${community.url}/admin/events`);
    const newest = await page.locator('main ol > li').first().textContent();
    const [answer] = await Promise.all([
      page.request.get(`${community.url}/api/admin/events?limit=1`),
      page.waitForLoadState('load'),
    ]);
    const { events } = (await answer.json()) as { events: { position: number }[] };
    await owner.visit(`${community.url}/admin/events?before=${events[0]?.position}`);
    expect(await page.locator('main ol > li').first().textContent()).not.toBe(newest);
    await page.getByRole('link', { name: 'From the newest' }).click();
    await expect.poll(() => page.url()).toBe(`${community.url}/admin/events`);
  });
});

describe('work that was put aside', () => {
  let dataDirectory = '';
  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'almanac-parked-'));
    const store = await openSqliteEventStore({ directory: dataDirectory });
    // Nobody can make sense of it: the attendance keeper puts it aside.
    const event = { id: randomUUID(), type: 'CommitObserved', data: null as never, metadata: { version: 1 } };
    await store.append(commitStream('kim', '2025-03'), [event], { expectedRevision: 'no_stream' });
    await store.close();
  });
  afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

  test.each([
    ['ko-KR', { script: true, width: 390, theme: 'dark' }, '또 실패했습니다', '다시 처리', null],
    ['en-US', { script: false }, '1 failed again', 'Handle again', 'Yes, discard it'],
  ] as const)(
    'is handled again or given up, for %s',
    async (language, options: ReaderOptions, failed, replay, sure) => {
      await using server = await startServer({ dataDirectory });
      await using reader = await Reader.open(browser, { language, ...options });
      const { page } = reader;
      await expect
        .poll(async () => (await server.client.subscribers.parked.query()).length, { timeout: 20_000 })
        .toBe(1);
      await reader.visit(`${server.url}/admin/parked`);
      if (reader.script) await expectSound(reader);
      await page.getByRole('button', { name: new RegExp(`^${replay}`) }).click();
      await page.getByText(failed).waitFor();
      if (sure === null) return;
      await page.locator('main summary').click();
      await page.getByRole('button', { name: sure }).click();
      await page.getByText('Nothing is parked').waitFor();
    },
  );
});

test.each([
  ['ko-KR', 'light', 390],
  ['en-US', 'dark', 1440],
] as const)('every page of organisers can be read and used: %s, %s, %i px', async (language, theme, width) => {
  await using reader = await Reader.open(browser, { language, theme, width });
  await signIn(community, reader, OWNER, '/admin');
  for (const part of ['seasons', 'members', 'corrections', 'collections', 'jobs', 'events', 'parked', 'audit']) {
    expect(await reader.visit(`${community.url}/admin/${part}`), part).toBe(200);
    expect(await reader.page.locator('nav [aria-current="page"]').count(), part).toBe(1);
    await expectSound(reader);
  }
});
