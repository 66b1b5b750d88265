import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/browser.ts';
import { at, HANEUL, startGarden, today, type Garden } from './garden.ts';
import { Reader } from './reader.ts';

const LONG = '아주아주길고긴이름을가진사람의이름은줄바꿈을시험하기위해아주길게적었습니다';

let garden: Garden;
let browser: Browser;
let addresses: Record<string, string>;
beforeAll(async () => {
  const commits = [
    { author: `${LONG} <long@example.org>`, at: at(1, '09:00'), message: 'ㅎ'.repeat(200) },
    { author: `${LONG} <long@example.org>`, at: at(0, '09:00'), message: '길다' },
    { author: `Wolfeschlegelsteinhausenbergerdorff <wolfe@example.org>`, at: at(1, '10:00'), message: 'Lang' },
    { author: HANEUL, at: at(0, '10:00'), message: '짧다' },
  ];
  [garden, browser] = await Promise.all([startGarden(commits), launchChromium()]);
  const book = await garden.server.client.attendance.book.query({});
  const { handle } = book!.members.find(({ name }) => name === LONG)!;
  addresses = { book: '/', day: `/days/${today().toString()}`, member: `/members/${handle}`, status: '/status' };
});
afterAll(async () => {
  await browser?.close();
  await garden?.[Symbol.asyncDispose]();
});

test.each([320, 390, 768].flatMap((width) => ['book', 'day', 'member', 'status'].map((page) => ({ page, width }))))(
  'a name of one long word leaves the $page as wide as a screen of $width px',
  async ({ page, width }) => {
    await using reader = await Reader.open(browser, { width });
    await reader.visit(garden.url + addresses[page]!);
    expect(await reader.overflow()).toBe(0);
    // Nothing may reach over the edge of the column it stands in either.
    const over = `[...document.querySelectorAll('main :is(h1, h3, li > a, li > span, dd)')].filter((node) => {
      const column = node.closest('.sheet') ?? document.querySelector('main');
      return node.getBoundingClientRect().right > column.getBoundingClientRect().right;
    }).map((node) => node.textContent.trim())`;
    expect(await reader.page.evaluate(over)).toEqual([]);
  },
);
