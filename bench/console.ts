/**
 * `npm run bench:console [-- EPISODES]`: how long each view of the console takes, from its address
 * to its content, in Chromium, in a namespace of 100,000 episodes. Each view is opened in a page
 * that holds the console already, once the database has what was imported; the figure is the slowest
 * of a few. Ends with 1 when a view takes a second or longer, or shows what it could not do.
 *
 * @module
 */

import type { Page } from "playwright-core";
import { hasChromium, openChromium, setHash } from "../test/support/processes/browser.ts";
import { Sqld } from "../test/support/processes/sqld.ts";
import { ADMIN_TOKEN, Service } from "../test/support/service/service.ts";
import { flushed } from "./support/flushed.ts";

const EPISODES = Number(process.argv[2] ?? 100_000);
const STREAMS = 4;
const LINES = 2_000;
const TRIES_MAX = 20;
const ROUNDS = 3;
const SLOWEST_MS = 1_000;
const VIEW_MS = 30_000;
const FLUSH_MS = 600_000;
const TOOLS = ["find_user", "get_order", "cancel_order", "refund"];
const WORDS = ["keyboard", "thermostat", "lamp", "flight", "hotel", "invoice", "parcel", "phone"];

if (!hasChromium()) process.exit(1);
const [database, browser] = await Promise.all([Sqld.start(), openChromium()]);
const limits = { RATE_LIMIT_PER_SECOND: "100000", RATE_LIMIT_BURST: "100000" };
const service = await Service.start(database.url, limits, { variant: "deployed" });
try {
  const key = await service.key("large");
  const begun = performance.now();
  await Promise.all(Array.from({ length: STREAMS }, (_, i) => fillFrom(key, i * LINES)));
  const seconds = (performance.now() - begun) / 1_000;
  await flushed(service, FLUSH_MS);
  console.log(`${EPISODES} episodes imported in ${seconds.toFixed(0)} s\n`);
  process.exitCode = (await timeViews()) ? 0 : 1;
} finally {
  await browser.close();
  await service.remove();
  await database.remove();
}

/** Imports each fourth batch. */
async function fillFrom(key: string, first: number): Promise<void> {
  for (let from = first; from < EPISODES; from += STREAMS * LINES) {
    const n = Math.min(LINES, EPISODES - from);
    await importAll(
      key,
      Array.from({ length: n }, (_, i) => episodeOf(from + i)),
    );
  }
}

/** Sends again what was refused: the service may be busy. @throws when it refuses too often */
async function importAll(key: string, lines: readonly object[]): Promise<void> {
  let left = lines;
  for (let n = 0; left.length > 0; n++) {
    const answers = await service.import(key, left);
    const refused = answers.filter(({ status }) => status === "error");
    if (n === TRIES_MAX && refused[0]) throw new Error(JSON.stringify(refused[0]));
    const again = new Set(refused.map(({ line }) => line));
    left = left.filter((_, i) => again.has(i + 1));
  }
}

function episodeOf(i: number): object {
  const word = WORDS[i % WORDS.length];
  const other = WORDS[Math.floor(i / 7) % WORDS.length];
  const isBad = i % 5 === 0;
  return {
    type: "episode",
    id: `large-${i}`,
    task: `Exchange the ${word} of order #W${i} for a ${other}, and tell the customer`,
    context: { domain: `shop-${i % 10}` },
    steps: TOOLS.map((tool, j) => ({
      number: j + 1,
      tool,
      parameters: { order_id: `#W${i}` },
      result:
        isBad && j === 2
          ? { type: "error", message: "the order is locked" }
          : { type: "success", output: `{"id":"${tool}-${i}"}` },
    })),
    outcome: isBad ? { type: "failure", reason: "locked" } : { type: "success", verdict: "done" },
  };
}

/** Prints a line for each view. Resolves with whether all of them are quick. */
async function timeViews(): Promise<boolean> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${service.url}/console#episodes?ns=large`);
  await page.getByLabel("Key").fill(ADMIN_TOKEN);
  await page.keyboard.press("Enter");
  await page.locator(".view").waitFor({ timeout: VIEW_MS });
  let areQuick = true;
  for (const [name, hash] of Object.entries(viewsOf(await secondPage(page)))) {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) times.push(await timeOf(page, hash));
    const slowest = Math.max(...times);
    const isQuick = slowest < SLOWEST_MS && (await page.locator(".failure").count()) === 0;
    areQuick &&= isQuick;
    console.log(`${isQuick ? "    " : "slow"} ${slowest.toFixed(0).padStart(6)} ms  ${name}`);
  }
  return areQuick;
}

/** The address of the list's second page. */
async function secondPage(page: Page): Promise<string> {
  const link = page.getByRole("link", { name: "Older →" });
  await link.waitFor({ timeout: VIEW_MS });
  return (await link.getAttribute("href")) ?? "";
}

function viewsOf(older: string): Record<string, string> {
  const like = `large-${Math.floor(EPISODES / 2)}`;
  return {
    overview: "#start?ns=large",
    episodes: "#episodes?ns=large",
    "episodes, the second page": older,
    "episodes that failed, of a domain": "#episodes?ns=large&outcome=failure&domain=shop-0",
    "episodes by a word of the task": "#episodes?ns=large&text=thermostat",
    "an episode": `#episode/${like}?ns=large`,
    patterns: "#patterns?ns=large",
    "a playbook": `#playbooks?ns=large&like=${like}`,
    lessons: "#lessons?ns=large",
    recall: `#recall?ns=large&like=${like}`,
    search: "#search?ns=large&q=thermostat+order",
    proof: "#proof?ns=large",
    curation: "#curation?ns=large",
    import: "#import?ns=large",
    usage: "#usage?ns=large",
    service: "#now?ns=large",
  };
}

/** From an empty page to the view's content, ms. */
async function timeOf(page: Page, hash: string): Promise<number> {
  await goTo(page, "#nowhere?ns=large");
  const begun = performance.now();
  await goTo(page, hash);
  return performance.now() - begun;
}

async function goTo(page: Page, hash: string): Promise<void> {
  await setHash(page, hash);
  await page.locator("main:not([aria-busy]) > .view").waitFor({ timeout: VIEW_MS });
}
