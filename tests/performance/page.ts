/**
 * The main page as a phone on a slow network gets it: Lighthouse's mobile run, and the JavaScript it loads.
 * `npm run performance -- page`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';
import { chromiumFlags } from '../support/browser.ts';
import { startServer } from '../support/server.ts';
import { printFigures, type Figure } from './figure.ts';
import { median } from './git-log.ts';

const DEBUGGING_PORT = 9_333;
/** Lighthouse counts the processor's time fourfold: a busy moment of the machine must not decide. Scores are those of the worst run. */
const RUNS = 3;

/** Lighthouse's scores of the main page of this very repository, LCP in seconds, and kilobytes of gzipped JavaScript. */
export async function measurePage(): Promise<Figure[]> {
  await using server = await startServer({ repositories: [join(import.meta.dirname, '..', '..')] });
  await server.ready();
  const profile = await mkdtemp(join(tmpdir(), 'almanac-lighthouse-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: [...chromiumFlags, `--remote-debugging-port=${DEBUGGING_PORT}`],
  });
  try {
    const reports: NonNullable<Awaited<ReturnType<typeof lighthouse>>>['lhr'][] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const result = await lighthouse(server.url, { port: DEBUGGING_PORT, output: 'json', logLevel: 'error' });
      if (!result) throw new Error('Lighthouse gave no result.');
      reports.push(result.lhr);
    }
    const score = (name: string) =>
      Math.min(...reports.map(({ categories }) => Math.round((categories[name]?.score ?? 0) * 100)));
    const lcp = median(
      reports.map(({ audits }) => (audits['largest-contentful-paint']?.numericValue ?? Infinity) / 1000),
    );
    const requests = reports[0]?.audits['network-requests']?.details;
    const full = ['accessibility', 'best-practices', 'seo'].map((name) => ({
      name: `main page: Lighthouse ${name}`,
      value: score(name),
      unit: '',
      target: '100',
      ok: score(name) === 100,
    }));
    const kilobytes = (await gzippedScripts(scriptsOf(requests))) / 1024;
    return [
      { name: 'main page: gzipped JavaScript', value: kilobytes, unit: 'KB', target: '≤ 70', ok: kilobytes <= 70 },
      { name: 'main page: LCP (Lighthouse mobile)', value: lcp, unit: 's', target: '≤ 2.5', ok: lcp <= 2.5 },
      { name: 'main page: Lighthouse performance', value: score('performance'), unit: '', target: '–', ok: true },
      ...full,
    ];
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}

function scriptsOf(details: unknown): string[] {
  const items = (details as { items?: { url: string; resourceType?: string }[] } | undefined)?.items ?? [];
  return [...new Set(items.filter(({ resourceType }) => resourceType === 'Script').map(({ url }) => url))];
}

async function gzippedScripts(urls: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const url of urls) {
    // undici undoes the encoding, so the length that was sent is read from the header.
    const answer = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    const body = await answer.arrayBuffer();
    bytes += Number(answer.headers.get('content-length') ?? body.byteLength);
  }
  return bytes;
}

if (import.meta.main) printFigures(await measurePage());
