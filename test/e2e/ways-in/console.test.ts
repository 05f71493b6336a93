import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { askedEpisode, holdOut, work } from "../../support/service/airline.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const ROOT = join(import.meta.dirname, "../../..");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** `UPDATE_SCREENSHOTS=1` keeps what is seen in docs/screenshots. */
const KEEP = process.env["UPDATE_SCREENSHOTS"] === "1";
const HEALTH_CHECK = "*/5 * * * *";
const DESKTOP = { viewport: { width: 1280, height: 900 } };

let database: Sqld;
let service: Service;
let browser: Browser;
let id: string;
/** What the pages said to the console, or failed to load. */
let complaints: string[];

beforeAll(async () => {
  if (!hasChromium()) return;
  [database, browser] = await Promise.all([Sqld.start(), openChromium()]);
  service = await Service.start(database.url, {
    BREAKER_OPEN_MS: "60000",
    BREAKER_OPEN_MAX_MS: "60000",
  });
  await until(
    "it is healthy",
    async () => (await service.call("GET", "/health/ready")).body.status === "healthy",
  );
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
  await database?.remove();
});
beforeEach((context) => {
  if (!hasChromium()) context.skip("apt-get install -y chromium");
  complaints = [];
});

async function open(options: BrowserContextOptions = DESKTOP, hash = ""): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${service.url}/console${hash}`);
  return page;
}
async function signIn(page: Page, key = ADMIN_TOKEN): Promise<void> {
  await page.getByLabel("Key").fill(key);
  await page.keyboard.press("Enter");
  await page.locator("#pages").waitFor();
}
async function keep(page: Page, name: string, fullPage = true): Promise<void> {
  if (!KEEP) return;
  mkdirSync(join(ROOT, "docs/screenshots"), { recursive: true });
  await page.screenshot({
    path: join(ROOT, `docs/screenshots/${name}.jpg`),
    type: "jpeg",
    quality: 55,
    fullPage,
  });
}
/** Violations that axe finds, one line each. */
async function violations(page: Page): Promise<string[]> {
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
async function sound(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
}

describe("the console", () => {
  it("is served with a policy that lets nothing else in, and no other file than its own", async () => {
    const page = await service.call("GET", "/console");
    expect([page.status, page.headers.get("Content-Type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    const policy = page.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    for (const path of [
      "/console/nothing.js",
      "/console/uplot.d.ts",
      "/console/..%2f..%2fpackage.json",
    ]) {
      expect([path, (await service.call("GET", path)).status]).toEqual([path, 404]);
    }
  });

  it("has the plotting library as it was published", () => {
    for (const [ours, theirs] of [
      ["uplot.js", "uPlot.esm.js"],
      ["uplot.css", "uPlot.min.css"],
    ]) {
      const vendored = readFileSync(join(ROOT, "console/public/console", ours ?? ""), "utf8");
      expect(vendored).toBe(
        readFileSync(join(ROOT, "node_modules/uplot/dist", theirs ?? ""), "utf8"),
      );
    }
  });

  it("asks for a key, says when it is wrong, and keeps it in this tab only", async () => {
    const page = await open();
    await page.getByLabel("Key").fill("mk_wrong_000000000000000000");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
    // The refusal itself is an error on the browser's console.
    complaints = [];
    await signIn(page);
    await page.locator(".banner").waitFor();
    const stored = await page.evaluate(
      "[JSON.stringify(localStorage), document.cookie, sessionStorage.length]",
    );
    expect(stored).toEqual(["{}", "", 1]);
    await page.getByRole("button", { name: "Forget key" }).click();
    await page.getByLabel("Key").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("shows an empty service", async () => {
    const page = await open();
    await signIn(page);
    await page.getByText("All is well").waitFor();
    await page.locator(".uplot").first().waitFor({ timeout: 20_000 });
    await keep(page, "empty");
    await sound(page);
    for (const [link, text] of [
      ["Episodes", "No episodes in the namespace"],
      ["Patterns", "Nothing was learned"],
    ]) {
      await page.getByRole("link", { name: link ?? "", exact: true }).click();
      await page.getByText(text ?? "").waitFor();
      await sound(page);
    }
    await page.context().close();
  });

  it("shows a healthy service at work, in dark and light, on a desk and on a phone", async () => {
    await service.runCron(HEALTH_CHECK, Date.now());
    id = await work(service);
    await service.runCron(HEALTH_CHECK, Date.now() + 1);
    for (const [name, options] of [
      ["healthy", DESKTOP],
      ["healthy-dark", { ...DESKTOP, colorScheme: "dark" as const }],
      [
        "healthy-phone",
        {
          viewport: { width: 390, height: 844 },
          isMobile: true,
          hasTouch: true,
          deviceScaleFactor: 2,
        },
      ],
    ] as const) {
      const page = await open(options);
      await signIn(page);
      await page.getByText("All is well").waitFor();
      await page.locator(".uplot").first().waitFor({ timeout: 20_000 });
      await keep(page, name, name === "healthy");
      await sound(page);
      const wide = await page.evaluate("document.documentElement.scrollWidth <= innerWidth");
      expect([name, wide]).toEqual([name, true]);
      await page.context().close();
    }
  });

  it("is walked through by keyboard alone", async () => {
    const page = await open();
    await page.keyboard.type(ADMIN_TOKEN);
    await page.keyboard.press("Enter");
    await page.locator(".banner").waitFor();
    const focused = (): Promise<string> =>
      page.evaluate("document.activeElement?.textContent ?? ''");
    for (let tabs = 0; tabs < 12 && (await focused()) !== "Episodes"; tabs++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const first = page.getByRole("link", { name: /^Cancel flight/ }).first();
    await first.waitFor();
    for (let tabs = 0; tabs < 20 && !(await focused()).startsWith("Cancel flight"); tabs++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("1. get_user_details").waitFor();
    await page.context().close();
  });

  it("shows an episode with its steps, and text of others as text", async () => {
    const page = await open(DESKTOP, `#episode/${id}`);
    await signIn(page);
    await page.getByText("4. issue_refund").waitFor();
    await page.locator("summary", { hasText: "Result" }).nth(1).click();
    expect(await page.getByText("two flights, <b>not</b> used").count()).toBe(1);
    await keep(page, "episode");
    await sound(page);
    await page.context().close();
  });

  it("recalls, and shows why", async () => {
    const page = await open(DESKTOP, "#recall");
    await signIn(page);
    await page.getByLabel("Task", { exact: true }).fill("refund a cancelled flight");
    await page.getByRole("button", { name: "Recall" }).click();
    await page
      .getByText(/score 0\.\d+/)
      .first()
      .waitFor();
    await keep(page, "recall");
    await sound(page);
    await page.getByRole("link", { name: "Patterns", exact: true }).click();
    await page
      .getByText(/Evidence: /)
      .first()
      .waitFor();
    await keep(page, "patterns");
    await sound(page);
    await page.context().close();
  });

  it("takes lessons in, and what a person decides about them and about patterns", async () => {
    const page = await open(DESKTOP, "#lessons");
    await signIn(page);
    await page.goto(`${service.url}/console#lessons`);
    await page.getByLabel("What the next run should know").fill("Ask for the <b>fare</b> first");
    await page.getByRole("button", { name: "Add" }).click();
    const card = page.locator("article", { hasText: "Ask for the <b>fare</b> first" });
    await card.waitFor();
    await sound(page);
    await card.getByRole("button", { name: "edit", exact: true }).click();
    await card.getByLabel("Other words").fill("Ask for the fare class");
    await card.getByRole("button", { name: "Save" }).click();
    const edited = page.locator("article", { hasText: "Ask for the fare class" });
    await edited.getByText(/edited by operator/).waitFor();
    await edited.getByRole("button", { name: "ban", exact: true }).click();
    await page.getByText("There is no lesson.").waitFor();

    await page.goto(`${service.url}/console#patterns`);
    const pattern = page.locator("article").first();
    await pattern.getByRole("button", { name: "pin", exact: true }).click();
    await page
      .getByText(/pinned by operator/)
      .first()
      .waitFor();
    await sound(page);
    await page.context().close();
  });

  it("shows whether the memory helps, without a hold-out and with one", async () => {
    const page = await open(DESKTOP, "#proof");
    await signIn(page);
    await page.getByText(/Every episode of "default" is answered/).waitFor();
    await sound(page);
    await holdOut(service, 0.5);
    for (let i = 0; i < 8; i++) await askedEpisode(service, i);
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("heading", { name: "50 % held out" }).waitFor();
    await page.getByText(/more episodes until a difference/).waitFor();
    await keep(page, "proof");
    await sound(page);
    await holdOut(service, 0);
    await page.context().close();
  });

  it("lets a key of a namespace browse its memory, and nothing else", async () => {
    const page = await open();
    await signIn(page, await service.key("default", ["read"]));
    await page
      .getByRole("link", { name: /^Cancel flight/ })
      .first()
      .waitFor();
    // The namespaces that the key may see are offered.
    const offered = page.locator("datalist option");
    await offered.first().waitFor({ state: "attached" });
    expect(await offered.count()).toBe(1);
    expect(await offered.getAttribute("value")).toBe("default");
    await page.context().close();
  });

  it("shows a breaker that is open, what that means and what to do", async () => {
    await database.kill();
    const key = await service.key("default", ["read"]).catch(() => "");
    await until("the breaker is open", async () => {
      await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          service.call("GET", `/v1/episodes/nobody-${i}`, { key: key || ADMIN_TOKEN }),
        ),
      );
      const view = await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN });
      return view.body.instances.every(
        (each: { breakers: { turso: { state: string } } }) => each.breakers.turso.state === "open",
      );
    });
    const page = await open();
    await signIn(page);
    await page.getByText("Degraded – memory goes on").waitFor();
    await page.locator(".uplot").first().waitFor({ timeout: 20_000 });
    await keep(page, "breaker-open");
    await sound(page);
    expect(await page.getByText(/turso open at 0/).count()).toBeGreaterThan(0);
    expect(
      await page.getByText(/circuit breaker of turso at instance \d: closed → open/).count(),
    ).toBeGreaterThan(0);
    await page.context().close();
    await database.start();
  });
});
