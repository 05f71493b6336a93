/**
 * Debian's Chromium, where it is installed.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

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
