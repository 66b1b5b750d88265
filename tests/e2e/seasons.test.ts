import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { invite, OWNER, signIn, startCommunity, type Community } from './community.ts';
import { daysAgo, startGarden, ZONE } from './garden.ts';
import { Reader, type ReaderOptions } from './reader.ts';

const TITLE = 'Gardeners, season 10';
let browser: Browser;
let community: Community;
let owner: Reader;
let season = '';

beforeAll(async () => {
  [community, browser] = await Promise.all([startCommunity(), launchChromium()]);
  owner = await signedIn(OWNER, '/admin');
});
afterAll(async () => {
  await owner?.[Symbol.asyncDispose]();
  await browser?.close();
  await community?.[Symbol.asyncDispose]();
});

const at = (path: string) => community.url + path;
async function signedIn(login: string, path: string, options: ReaderOptions = {}): Promise<Reader> {
  const reader = await Reader.open(browser, { language: 'en-US', ...options });
  await signIn(community, reader, login, path);
  return reader;
}
async function expectSound(reader: Reader): Promise<void> {
  expect(await reader.barriers()).toEqual([]);
  expect(await reader.overflow()).toBeLessThanOrEqual(0);
  // A form that is refused is meant to answer so; the browser notes it.
  expect(reader.complaints.filter((one) => !/status of 4\d\d .*\?\/\w+/.test(one))).toEqual([]);
}
const main = (reader: Reader) => reader.page.locator('main').textContent();

describe('an organiser', () => {
  test('is led to the seasons, and told that there is none yet', async () => {
    expect(owner.page.url()).toBe(at('/admin/seasons'));
    expect(await main(owner)).toContain('There is no season yet');
    expect(await owner.page.getByRole('navigation', { name: 'Organise' }).getByRole('link').count()).toBe(9);
    await expectSound(owner);
  });

  test('opens a season, with its last day in sight, and is told the field that is wrong', async () => {
    const { page } = owner;
    await page.getByLabel('Name').fill(TITLE);
    await page.getByLabel('First day').fill('2025-03-10');
    await page.getByText('Last day: June 17, 2025').waitFor();
    await page.getByLabel('First day').fill(daysAgo(3));
    await page.getByLabel('Excused days').fill('2');
    await page.getByLabel('Time zone').fill('Asia/Gotham');
    await page.getByRole('button', { name: 'Open the season' }).click();
    await page.getByText('It has to be the name of a time zone').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe(TITLE);
    await expectSound(owner);
    await page.getByLabel('Time zone').fill(ZONE);
    await page.getByRole('button', { name: 'Open the season' }).click();
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    await expect.poll(() => page.url()).toContain('?opened');
    season = page.url().split('?')[0] ?? '';
    expect(await main(owner)).toContain('The season is open.');
    await expectSound(owner);
  });

  test('keeps what is half written when somebody else changes something', async () => {
    await owner.visit(season);
    await owner.page.getByLabel('Name').fill('Half a na');
    await using another = await signedIn(OWNER, '/admin/members');
    await invite(community, another, 'linus');
    await owner.page.waitForTimeout(1_000);
    expect(await owner.page.getByLabel('Name').inputValue()).toBe('Half a na');
  });

  test('changes the season', async () => {
    await owner.visit(season);
    await owner.page.getByLabel('Length in days').fill('50');
    await owner.page.getByLabel('Sunday').check();
    await owner.page.getByRole('button', { name: 'Change', exact: true }).click();
    await owner.page.getByText('The season is changed.').waitFor();
    expect(await main(owner)).toMatch(/50 days.*not counted: Sun/s);
  });

  test('takes members out, and undoes it', async () => {
    const { page } = owner;
    await owner.visit(season);
    await page.getByRole('button', { name: 'Take out Mona Octocat' }).click();
    await page.getByText('Mona Octocat is out.').waitFor();
    await expectSound(owner);
    await page.getByRole('button', { name: 'Enter Mona Octocat again' }).click();
    await page.getByText('Mona Octocat takes part.').waitFor();
    await page.getByLabel('Handle').fill('nobody-at-all');
    await page.getByRole('button', { name: 'Enter somebody' }).click();
    await page.getByText('Nobody has come in by this handle yet.').waitFor();
    await page.getByLabel('Handle').fill(OWNER);
    await page.getByLabel('First day (empty').fill(daysAgo(1));
    await page.getByRole('button', { name: 'Enter somebody' }).click();
    await page.getByText('mona takes part.').waitFor();
    expect(await main(owner)).toMatch(/mona\s*from \w+ \d+, \d{4}/);
  });
});

describe('a member', () => {
  test('joins a season once it is open for joining, takes a day off and back, and leaves', async () => {
    await using linus = await signedIn('linus', '/seasons', { width: 390, theme: 'dark' });
    const { page } = linus;
    expect(await main(linus)).toContain('It takes nobody new just now.');
    await owner.visit(season);
    await owner.page.getByRole('switch', { name: 'Joining by oneself' }).click();
    await owner.page.getByText('It is open for joining.').waitFor();
    await linus.visit(at('/seasons'));
    await page.getByLabel('From today').check();
    await expectSound(linus);
    await page.getByRole('button', { name: `Take part in ${TITLE}` }).click();
    await page.getByText(`You take part in ${TITLE}.`).waitFor();
    expect(await main(linus)).toContain('2 of 2 days left');
    await page.getByLabel('Day off', { exact: true }).fill(daysAgo(-3));
    await page.getByLabel('Reason').fill('A wedding');
    await page.getByRole('button', { name: 'Excuse the day' }).click();
    await page.getByText('is excused.').waitFor();
    expect(await main(linus)).toContain('1 of 2 days left');
    await expectSound(linus);
    await page.getByRole('button', { name: /^Take it back/ }).click();
    await page.getByText('counts again').waitFor();
    await page.locator('summary', { hasText: 'Leave' }).first().click();
    await page.getByRole('button', { name: 'Yes, leave' }).click();
    await page.getByText(`You no longer take part in ${TITLE}.`).waitFor();
  });

  test('does all of it without script, and is refused the pages of organisers', async () => {
    await using linus = await signedIn('linus', '/seasons', { script: false, language: 'ko-KR' });
    const { page } = linus;
    await page.getByRole('button', { name: `${TITLE}에 참여하기` }).click();
    await page.getByText('내일도 만나요').waitFor();
    for (const path of ['/admin', '/admin/seasons', '/admin/corrections', '/admin/jobs', '/admin/events'])
      expect(await linus.visit(at(path)), path).toBe(403);
  });
});

describe('a day', () => {
  const dayOf = (handle: string, date: string) =>
    `/admin/corrections?${new URLSearchParams({ challenge: season.split('/').at(-1) ?? '', handle, date }).toString()}`;

  test('is decided with a reason, which stays in the list, and decided again', async () => {
    const { page } = owner;
    await owner.visit(at(dayOf('linus', daysAgo(1))));
    await page.getByLabel('Absent').check();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Slept');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('It is written down with its reason.').waitFor();
    await page.locator('tbody tr', { hasText: 'undecided → absent' }).getByText('Slept').waitFor();
    expect(await page.getByLabel('Absent').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Reason' }).fill('The commit was on paper');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.locator('tbody tr', { hasText: 'absent → present' }).waitFor();
    await expectSound(owner);
  });

  test('to come is only excused, without script, on a phone', async () => {
    await using phone = await signedIn(OWNER, dayOf('linus', daysAgo(-2)), { script: false, width: 390 });
    const { page } = phone;
    expect(await main(phone)).toContain('A day to come can only be excused.');
    await page.getByLabel('Excused').check();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Army');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('It is written down with its reason.').waitFor();
    expect(await phone.overflow()).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Take the excuse back' }).click();
    await page.getByText('the excuse is taken back').waitFor();
  });

  test('stays as it is once the season is closed', async () => {
    const { page } = owner;
    await owner.visit(season);
    await page.locator('summary', { hasText: 'Close the season' }).click();
    await expectSound(owner);
    await page.getByRole('button', { name: 'Yes, close it for good' }).click();
    await page.getByText('The season is closed.').waitFor();
    await owner.visit(at(dayOf('linus', daysAgo(1))));
    expect(await main(owner)).toContain('This season is closed');
    expect(await page.getByRole('button', { name: 'Decide' }).count()).toBe(0);
    await owner.visit(at('/admin/audit'));
    expect(await main(owner)).toContain(`mona closed ${TITLE}.`);
    expect(await main(owner)).toContain(`linus left ${TITLE}.`);
  });
});

test('at the keyboard of a machine, a season counts the commits of its repositories', async () => {
  await using garden = await startGarden();
  await using reader = await Reader.open(browser, { language: 'ko-KR' });
  const { page } = reader;
  await reader.visit(`${garden.url}/admin/seasons`);
  await page.getByLabel('이름').fill('가을 정원');
  await page.getByLabel('첫날').fill(daysAgo(20));
  await page.getByLabel('이 서버의 저장소에 남긴 커밋만').check();
  expect(await page.getByText('참여 열어 두기').count()).toBe(0);
  await page.getByRole('button', { name: '시즌 열기' }).click();
  await page.getByText('시즌을 열었습니다.').waitFor();
  expect(await page.locator('main').textContent()).toContain('김하늘');
  await expectSound(reader);
  await page.getByRole('link', { name: '출석부 보기' }).click();
  await page.getByRole('heading', { level: 1, name: '가을 정원' }).waitFor();
  await reader.visit(`${garden.url}/seasons`);
  expect(await page.locator('main').textContent()).toContain('여기서는 아무도 로그인하지 않습니다.');
  await expectSound(reader);
});
