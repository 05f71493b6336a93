/**
 * The console in a browser, as tests look at it: what it says to the browser's console, and what
 * axe finds.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { setHash } from "../processes/browser.ts";
import { ADMIN_TOKEN } from "./service.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const DESKTOP = { viewport: { width: 1280, height: 900 } } as const;
export const DARK = { ...DESKTOP, colorScheme: "dark" } as const;
export const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
} as const;

/** What the pages of a browser said to their consoles, or failed to load. */
export class ConsolePages {
  readonly #browser: Browser;
  readonly #url: string;
  complaints: string[] = [];

  constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  async open(options: BrowserContextOptions = DESKTOP, hash = ""): Promise<Page> {
    const page = await (await this.#browser.newContext(options)).newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    await page.goto(`${this.#url}/console${hash}`);
    return page;
  }

  /** A page of one who is signed in, at an address. */
  async openSignedIn(options: BrowserContextOptions, hash: string): Promise<Page> {
    const page = await this.open(options, hash);
    await signIn(page);
    return page;
  }

  /** Shows another view of a page, and waits until it is there. */
  async show(page: Page, hash: string): Promise<void> {
    await setHash(page, hash);
    await page.locator("main:not([aria-busy]) > .view").waitFor();
  }

  /** No violation, no complaint, and nothing that is wider than the page. */
  async expectSound(page: Page): Promise<void> {
    expect(await violations(page)).toEqual([]);
    expect(this.complaints).toEqual([]);
    const isWithin = await page.evaluate("document.documentElement.scrollWidth <= innerWidth");
    expect([page.url(), isWithin]).toEqual([page.url(), true]);
  }
}

export async function signIn(page: Page, key = ADMIN_TOKEN): Promise<void> {
  await page.getByLabel("Key").fill(key);
  await page.keyboard.press("Enter");
  await page.locator("#bar").waitFor();
}

/** Violations that axe finds, one line each. */
export async function violations(page: Page): Promise<string[]> {
  // The page's policy allows no script of ours; the debugger's own is not bound by it.
  await page.evaluate(`(() => { ${AXE} })()`);
  const found: { id: string; nodes: { html: string; failureSummary?: string }[] }[] =
    await page.evaluate(
      "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
    );
  return found.flatMap((violation) =>
    violation.nodes.map(
      ({ html, failureSummary }) => `${violation.id}: ${html} ${failureSummary ?? ""}`,
    ),
  );
}
