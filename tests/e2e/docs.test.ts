import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appRouter } from '../../server/api/router.ts';
import { startToy, type ToyServer } from '../support/toy-api.ts';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const QUIET = ['--disable-component-update', '--disable-sync'];

let server: ToyServer;
let browser: Browser;
beforeAll(async () => {
  server = await startToy({ router: appRouter });
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: [...FLAGS, ...QUIET] });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** A page, and everything that went wrong on it: console errors, broken policies, requests to anywhere else. */
async function open(path: string): Promise<{ page: Page; complaints: string[] } & AsyncDisposable> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(server.url) && !url.startsWith('data:')) complaints.push(`asked for ${url}`);
  });
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  await page.goto(`${server.url}${path}`);
  return { page, complaints, [Symbol.asyncDispose]: () => page.close() };
}

test('Swagger UI shows the API and tries it out', async () => {
  await using opened = await open('/docs');
  const { page, complaints } = opened;
  await page.getByText('/api/attendance/stats', { exact: true }).first().waitFor();
  await page.getByText('Health', { exact: true }).first().click();
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.getByText('"status": "ok"').first().waitFor();
  expect(complaints).toEqual([]);
});

test('Redoc shows the API', async () => {
  await using opened = await open('/redoc');
  const { page, complaints } = opened;
  await page.getByRole('heading', { name: 'Attendance statistics' }).first().waitFor();
  expect(complaints).toEqual([]);
});
