import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { invite, OWNER, signIn, startCommunity, type Community } from './community.ts';
import { at, HANEUL, MARIA, startGarden } from './garden.ts';
import { Reader, type ReaderOptions } from './reader.ts';

let browser: Browser;
let community: Community;
/** 김하늘 comes early every day but every eleventh, María every third day. */
const commits = Array.from({ length: 100 }, (_, day) => 99 - day).flatMap((day) => [
  ...(day % 11 === 4 ? [] : [{ author: HANEUL, at: at(day, '06:30'), message: `물 ${day}` }]),
  ...(day % 3 === 1 ? [{ author: MARIA, at: at(day, '11:45'), message: `Prune ${day}` }] : []),
]);
beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(commits), launchChromium()]);
  await using owner = await Reader.open(browser, { language: 'en-US' });
  await signIn(community, owner, OWNER);
  await invite(community, owner, 'haneul');
  await invite(community, owner, 'maria');
});
afterAll(async () => {
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

const HIS = '/members/haneul';
/** Somebody signed in, with a page open. */
async function reading(login: string, path: string, options: ReaderOptions = {}): Promise<Reader> {
  const reader = await Reader.open(browser, { language: 'en-US', ...options });
  await signIn(community, reader, login);
  await reader.visit(community.url + path);
  return reader;
}
const section = ({ page }: Reader, name: string | RegExp) => page.getByRole('region', { name });

describe('goals', () => {
  test('are set, measured and dropped on one’s own page', async () => {
    await using reader = await reading('haneul', HIS);
    const { page } = reader;
    const goals = section(reader, 'Goals');
    await goals.getByText('Set a goal').click();
    await page.getByLabel('Measured by').selectOption('streak');
    await page.getByLabel('Target').fill('0');
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByText('Enter a whole number from 1').waitFor();
    expect(await page.getByLabel('Target').inputValue()).toBe('0');
    expect(await page.getByLabel('Target').getAttribute('aria-invalid')).toBe('true');
    expect(await reader.barriers()).toEqual([]);
    await page.getByLabel('Target').fill('8');
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByText('The goal is set.').waitFor();
    expect(await goals.locator('li').first().textContent()).toMatch(
      /8 days in a row\s+Under way\s+50%\s+4 days so far/,
    );
    expect(await reader.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Drop the goal: 8 days in a row' }).click();
    await page.getByText('The goal is dropped.').waitFor();
    expect(await goals.locator('li').count()).toBe(0);
  });

  test('can be set without script, and reached in words', async () => {
    await using reader = await reading('haneul', HIS, { script: false, language: 'ko-KR' });
    const { page } = reader;
    await page.getByText('목표 세우기').click();
    await page.getByLabel('무엇으로 잴까요').selectOption('other');
    await page.getByLabel('내용').fill('책 한 권을 다 읽는다');
    await page.getByRole('button', { name: '세우기', exact: true }).click();
    await page.getByText('목표를 세웠습니다.').waitFor();
    await page.getByRole('button', { name: '이뤘어요' }).click();
    await page.getByText('축하합니다!').waitFor();
    expect(await section(reader, '목표').locator('li').textContent()).toMatch(/책 한 권을 다 읽는다[\s\S]*이룸/);
  });

  test('of somebody else can be read, and not changed', async () => {
    await using reader = await reading('maria', HIS);
    expect(await section(reader, 'Goals').getByText('책 한 권을 다 읽는다').count()).toBe(1);
    expect(await reader.page.getByText('Set a goal').count()).toBe(0);
    expect(await section(reader, 'Looking back').count()).toBe(0);
    expect(await section(reader, 'Share').count()).toBe(0);
  });
});

test('a cheer is written, read, and taken away by whom it was written to', async () => {
  await using maria = await reading('maria', HIS, { width: 390, theme: 'dark' });
  const { page } = maria;
  await page.getByLabel('A word of encouragement').fill('<b>Keep going</b>\n백 일까지!');
  await page.getByLabel('Sprout').check({ force: true });
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Your cheer is sent.').waitFor();
  expect(
    await section(maria, /^Cheers/)
      .locator('li p')
      .first()
      .textContent(),
  ).toBe('<b>Keep going</b>\n백 일까지!');
  expect(await page.getByLabel('A word of encouragement').inputValue()).toBe('');
  expect(await maria.overflow()).toBeLessThanOrEqual(0);
  expect(await maria.barriers()).toEqual([]);
  await using haneul = await reading('haneul', HIS);
  const cheers = section(haneul, /^Cheers/);
  expect(await cheers.getByText('María González').count()).toBe(1);
  expect(await haneul.page.getByLabel('A word of encouragement').count()).toBe(0);
  await haneul.page.getByRole('button', { name: 'Take away the cheer of María González' }).click();
  await haneul.page.getByText('The cheer is taken away.').waitFor();
  expect(await cheers.locator('li').count()).toBe(0);
  expect([...maria.complaints, ...haneul.complaints]).toEqual([]);
});

describe('badges and feedback', () => {
  test('say what was earned, what there is to earn, and what the book has to say', async () => {
    await using reader = await reading('haneul', HIS);
    const badges = section(reader, 'Badges');
    const text = await badges.textContent();
    for (const name of ['First commit', '7 days in a row', 'Perfect week', 'Early bird']) expect(text).toContain(name);
    await badges.getByText('badges still to earn').click();
    await badges.getByText('Seven days in a row after three or more missed').waitFor();
    expect(await section(reader, 'Looking back').textContent()).toContain(
      '6 more days, and you are level with your best streak of 10.',
    );
  });
});

describe('downloads', () => {
  test('are a report and a table of the member', async () => {
    await using reader = await reading('maria', HIS);
    for (const [name, type] of [
      ['Report (PDF)', 'application/pdf'],
      ['Day by day (CSV)', 'text/csv; charset=utf-8'],
      ['Card (PNG)', 'image/png'],
    ] as const) {
      const href = await reader.page.getByRole('link', { name }).getAttribute('href');
      const answer = await reader.page.request.get(community.url + href);
      expect([name, answer.status(), answer.headers()['content-type']]).toEqual([name, 200, type]);
    }
  });
});

describe('sharing', () => {
  test('is asked for twice, open to everybody, and over at once', async () => {
    await using reader = await reading('haneul', HIS);
    const { page } = reader;
    const share = section(reader, 'Share');
    await share.getByText('For now only the members of this server see this.').waitFor();
    const preview = share.getByRole('img', { name: 'Preview of the card of 김하늘' });
    await preview.scrollIntoViewIfNeeded();
    const width = 'document.querySelector("section[aria-labelledby=share] img").naturalWidth';
    await expect.poll(() => page.evaluate(width), { timeout: 10_000 }).toBe(1200);
    await share.getByText('Publish', { exact: true }).click();
    await page.getByLabel('Name to be shown').fill('하늘 <script>');
    await page.getByRole('button', { name: 'Yes, publish it' }).click();
    await page.getByText('It is public now.').waitFor();
    const address = await page.getByRole('textbox', { name: 'Address to share' }).inputValue();
    expect(await page.getByRole('textbox', { name: 'Badge for a README' }).inputValue()).toBe(
      `[![Share](${address}/badge.svg)](${address})`,
    );
    expect(await reader.barriers()).toEqual([]);

    for (const options of [
      { language: 'ko-KR', width: 390 },
      { language: 'en-US', theme: 'dark', script: false },
    ] as const) {
      await using nobody = await Reader.open(browser, options);
      expect(await nobody.visit(address)).toBe(200);
      expect(await nobody.page.getByRole('heading', { level: 1 }).textContent()).toContain('하늘 <script>');
      const image = await nobody.page.locator('meta[property="og:image"]').getAttribute('content');
      expect(image).toMatch(new RegExp(`^${address}/card\\.png`));
      expect((await nobody.page.request.get(image ?? '')).status()).toBe(200);
      expect(await nobody.page.locator('main').textContent()).not.toContain('haneul');
      expect(await nobody.overflow()).toBeLessThanOrEqual(0);
      if (nobody.script) expect(await nobody.barriers()).toEqual([]);
      expect(nobody.complaints).toEqual([]);
    }

    await share.getByText('Stop publishing').click();
    await page.getByRole('button', { name: 'Yes, stop' }).click();
    await page.getByText('The address does not open any more.').waitFor();
    await using nobody = await Reader.open(browser);
    expect(await nobody.visit(address)).toBe(404);
    expect(reader.complaints).toEqual([]);
  });
});

test.each([
  ['ko-KR', 'light', 1440],
  ['ko-KR', 'dark', 390],
  ['en-US', 'dark', 1440],
  ['en-US', 'light', 390],
] as const)(
  'everything of a member, and of a season, is readable by everybody: %s, %s, %i px',
  async (language, theme, width) => {
    await using reader = await reading('haneul', HIS, { language, theme, width });
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(await reader.barriers()).toEqual([]);
    const season = (await (await reader.page.request.get(`${community.url}/trpc/wrapUp.of?input={}`)).json()) as {
      result: { data: { challenge: { id: string } } };
    };
    await reader.visit(`${community.url}/seasons/${season.result.data.challenge.id}/wrap-up`);
    expect(await reader.page.getByRole('table').first().locator('tbody tr').count()).toBeGreaterThanOrEqual(2);
    expect(await reader.overflow()).toBeLessThanOrEqual(0);
    expect(await reader.barriers()).toEqual([]);
    expect(reader.complaints).toEqual([]);
  },
);

test('at the keyboard of one’s own machine goals can be set, and cheers only be read', async () => {
  await using garden = await startGarden([{ author: HANEUL, at: at(1, '09:00'), message: '물' }]);
  const book = await garden.server.client.attendance.book.query({});
  await using reader = await Reader.open(browser, { language: 'en-US' });
  const { page } = reader;
  await reader.visit(`${garden.url}/members/${book?.members[0]?.handle}`);
  await page.getByText('Set a goal').click();
  await page.getByLabel('Measured by').selectOption('days');
  await page.getByLabel('Target').fill('30');
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByText('30 days attended').waitFor();
  expect(await page.getByText('A server for this computer alone has no accounts').count()).toBe(1);
  expect(await page.getByText('This server can be reached from this computer only').count()).toBe(1);
  expect(await page.getByText('Publish', { exact: true }).count()).toBe(0);
  expect(await reader.barriers()).toEqual([]);
  expect(reader.complaints).toEqual([]);
});
