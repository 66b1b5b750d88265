import { chromium, type Browser } from 'playwright-core';

/** Debian's Chromium, quiet: no look-ups of hosts outside this machine. */
export const chromiumFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** @throws {Error} saying what to install when there is no Chromium */
export async function launchChromium(): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags });
  } catch (cause) {
    throw new Error(`No Chromium at ${CHROMIUM}: apt-get install chromium fonts-noto-cjk, or set CHROMIUM.`, { cause });
  }
}
