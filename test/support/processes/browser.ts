/**
 * Debian's Chromium, where it is installed.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Says how to get it when it is not there. */
export function hasChromium(): boolean {
  const there = existsSync(CHROMIUM);
  if (!there) console.warn("Left out what needs Chromium. To run it: apt-get install -y chromium");
  return there;
}

export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Goes to another address behind "#", and waits until the page has heard of it. */
export async function setHash(page: Page, hash: string): Promise<void> {
  // A listener that came later than the page's own is called after it.
  const text = JSON.stringify(hash);
  await page.evaluate(
    `location.hash === ${text} || new Promise((resolve) => {
      addEventListener("hashchange", resolve, { once: true });
      location.hash = ${text};
    })`,
  );
}
