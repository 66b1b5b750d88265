import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { AxeResults } from 'axe-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type ReaderOptions = {
  readonly language?: 'ko-KR' | 'en-US';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly script?: boolean;
};

/** Somebody with a browser, and what the browser complained about while they read. */
export class Reader implements AsyncDisposable {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly script: boolean;

  private constructor(context: BrowserContext, page: Page, script: boolean) {
    this.#context = context;
    this.script = script;
    this.page = page;
    page.on('console', (message) => {
      // A page that is not there is meant to answer 404; the browser notes it every time.
      const expected = /status of (404|503)/.test(message.text()) && page.url() === message.location().url;
      if ((message.type() === 'error' || message.type() === 'warning') && !expected)
        this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  static async open(browser: Browser, options: ReaderOptions = {}): Promise<Reader> {
    const { language = 'ko-KR', theme = 'light', width = 1440, script = true } = options;
    const context = await browser.newContext({
      locale: language,
      colorScheme: theme,
      viewport: { width, height: width < 600 ? 844 : 900 },
      hasTouch: width < 600,
      javaScriptEnabled: script,
    });
    return new Reader(context, await context.newPage(), script);
  }

  /** Goes to an address and waits until the page has come alive. @returns the status it was answered with */
  async visit(url: string): Promise<number> {
    const response = await this.page.goto(url, { waitUntil: 'load' });
    if (this.script) await this.alive();
    return response?.status() ?? 0;
  }

  /** Script has taken over: links and keys answer without the server. */
  async alive(): Promise<void> {
    await this.page.locator('#svelte-announcer').waitFor({ state: 'attached' });
  }

  /** Faults of accessibility by WCAG 2.2 A and AA and by axe's good practices, each with the elements it was found on. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(axeSource);
    const { violations } = (await this.page.evaluate(
      'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
    )) as AxeResults;
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target).join(' | ')}`);
  }

  /** Pixels of the page that stand out to the right of the screen. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
