import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasChromium, openChromium, setHash } from "../../support/processes/browser.ts";
import { work } from "../../support/service/airline.ts";
import { keep } from "../../support/service/console-pictures.ts";
import {
  ConsolePages,
  DARK,
  DESKTOP,
  PHONE,
  signIn,
  violations,
} from "../../support/service/console-page.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const ROOT = join(import.meta.dirname, "../../..");
const HEALTH_CHECK = "*/5 * * * *";

let database: Sqld;
let service: Service;
let browser: Browser;
let pages: ConsolePages;

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
  pages = new ConsolePages(browser, service.url);
});

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
      "/console/core/nothing.js",
      "/console/core/..%2fconsole.js",
      "/console/core/../../package.json",
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
    const page = await pages.open();
    await page.getByLabel("Key").fill("mk_wrong_000000000000000000");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
    // The refusal itself is an error on the browser's console.
    pages.complaints = [];
    await signIn(page);
    await page.getByRole("heading", { name: "What this memory does" }).waitFor();
    const stored = await page.evaluate(
      "[JSON.stringify(localStorage), document.cookie, sessionStorage.length]",
    );
    expect(stored).toEqual(["{}", "", 1]);
    await page.getByRole("button", { name: "Forget key" }).click();
    await page.getByLabel("Key").waitFor();
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    expect(pages.complaints).toEqual([]);
    await page.context().close();
  });

  it("takes no key by following a link: it asks, says whose it is, and keeps none in the address", async () => {
    const own = await service.key("default", ["read"]);
    const others = await service.key("another-memory", ["read", "write"]);
    const idOf = (key: string): string => key.split("_")[1] ?? "none";
    const kept = (page: Page): Promise<string> =>
      page.evaluate("sessionStorage.getItem('memory-console-key') ?? ''");
    const link = `#key=${others}&namespace=another-memory`;
    const main = (page: Page) => page.locator("main");

    // Without a key, and with one: in an address that is opened, and in one that is gone on to.
    const page = await pages.open(DESKTOP, link);
    const use = page.getByRole("button", { name: "Use the key" });
    await use.waitFor();
    expect([await kept(page), page.url()]).toEqual(["", `${service.url}/console`]);
    expect(await main(page).innerText()).toContain(`the key ${idOf(others)}`);
    await pages.expectSound(page);
    await page.getByRole("button", { name: "Enter a key" }).click();
    await signIn(page, own);
    for (const go of [
      () => setHash(page, link),
      async () => {
        await page.goto("about:blank");
        await page.goto(`${service.url}/console${link}`);
      },
    ]) {
      await go();
      await use.waitFor();
      expect([await kept(page), page.url()]).toEqual([own, `${service.url}/console`]);
      expect(await main(page).innerText()).toContain(
        `the key ${idOf(others)}. This tab has the key ${idOf(own)}.`,
      );
      expect(await page.locator("#bar").isVisible()).toBe(false);
      await page.getByRole("button", { name: "Stay with the key of this tab" }).click();
      await page.locator("#bar").waitFor();
      expect(await kept(page)).toBe(own);
      expect(page.url()).not.toContain("another-memory");
    }
    // Nor is it where the browser goes back to.
    await page.goBack();
    expect(page.url()).not.toContain("key=");

    const other = await pages.open(DESKTOP, link);
    await other.getByRole("button", { name: "Use the key" }).click();
    await other.locator("#bar").waitFor();
    expect([await kept(other), other.url()]).toEqual([
      others,
      expect.stringContaining("another-memory"),
    ]);
    expect(other.url()).not.toContain("key=");
    for (const each of [page, other]) await each.context().close();
  });

  it("shows an empty service, and what to do about it", async () => {
    const page = await pages.openSignedIn(DESKTOP, "");
    await page.getByRole("heading", { name: 'The namespace "default" is empty' }).waitFor();
    await keep(page, "start-empty", false);
    await pages.expectSound(page);
    for (const [link, text] of [
      ["Service", "All is well"],
      ["Episodes", "No episodes in the namespace"],
      ["Patterns", "Nothing was learned"],
      ["Lessons", "There is no lesson."],
      ["Curation", "Nobody decided anything like that."],
      ["Playbooks", "Show the playbook"],
      ["Proof", "To measure what that is worth"],
      ["Usage", "Counted by the instances"],
      ["Import", "Drop files here"],
    ]) {
      const menu = page.getByRole("navigation", { name: "Pages", exact: true });
      await menu.getByRole("link", { name: link ?? "", exact: true }).click();
      await page
        .getByText(text ?? "")
        .first()
        .waitFor();
      await pages.expectSound(page);
    }
    await page.context().close();
  });

  it("shows a healthy service at work, in dark and light, on a desk and on a phone", async () => {
    await service.runCron(HEALTH_CHECK, Date.now());
    await work(service);
    await service.runCron(HEALTH_CHECK, Date.now() + 1);
    for (const [name, options] of [
      ["healthy", DESKTOP],
      ["healthy-dark", DARK],
      ["healthy-phone", PHONE],
    ] as const) {
      const page = await pages.openSignedIn(options, "#now");
      await page.getByText("All is well").waitFor();
      await page.locator(".uplot").first().waitFor({ timeout: 20_000 });
      await keep(page, name, name === "healthy");
      await pages.expectSound(page);
      await page.context().close();
    }
  });

  it("says that OAuth is off, and shows the keys all the same", async () => {
    await service.key("keys-alone");
    const page = await pages.openSignedIn(DESKTOP, "#access");
    await page.getByText("No app can be let in: /mcp takes keys alone.").waitFor();
    await page.getByText(/OAuth is off: the deployment has no KV namespace/).waitFor();
    const keys = page.getByRole("region", { name: "Keys" });
    await keys.getByText("keys-alone").first().waitFor();
    // The browser itself says that there is no list of apps.
    expect(pages.complaints.splice(0)).toEqual([expect.stringContaining("404")]);
    await pages.expectSound(page);
    await page.context().close();
  });

  it("is walked through by keyboard alone", async () => {
    const page = await pages.open();
    await page.keyboard.type(ADMIN_TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What this memory does" }).waitFor();
    const focused = (): Promise<string> =>
      page.evaluate("document.activeElement?.textContent ?? ''");
    for (let tabs = 0; tabs < 12 && (await focused()) !== "Episodes"; tabs++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const first = page.getByRole("link", { name: /^Cancel flight/ }).first();
    await first.waitFor();
    for (let tabs = 0; tabs < 30 && !(await focused()).startsWith("Cancel flight"); tabs++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("1. get_user_details").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("refund");
    await page.keyboard.press("Enter");
    await page
      .getByText(/episode · score/)
      .first()
      .waitFor();
    await page.context().close();
  });

  it("lets a key of a namespace browse its memory, and nothing else", async () => {
    const page = await pages.open();
    await signIn(page, await service.key("default", ["read"]));
    await page
      .getByRole("link", { name: /^Cancel flight/ })
      .first()
      .waitFor();
    expect(await page.getByRole("link", { name: "Service", exact: true }).count()).toBe(0);
    // The namespaces that the key may see are offered.
    await page.getByRole("button", { name: /Namespace/ }).click();
    const offered = page.locator(".names a");
    await offered.first().waitFor();
    expect(await offered.allTextContents()).toEqual(["default"]);
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
    const page = await pages.openSignedIn(DESKTOP, "#now");
    await page.getByText("Degraded – memory goes on").waitFor();
    await page.locator(".uplot").first().waitFor({ timeout: 20_000 });
    await keep(page, "breaker-open");
    await pages.expectSound(page);
    expect(await page.getByText(/turso open at 0/).count()).toBeGreaterThan(0);
    expect(
      await page.getByText(/circuit breaker of turso at instance \d: closed → open/).count(),
    ).toBeGreaterThan(0);
    await page.context().close();
    await database.start();
  });
});
