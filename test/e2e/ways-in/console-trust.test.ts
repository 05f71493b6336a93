import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { keep } from "../../support/service/console-pictures.ts";
import { ConsolePages, DARK, DESKTOP, PHONE, signIn } from "../../support/service/console-page.ts";
import { OAuthClient } from "../../support/service/oauth-client.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";

/** Texts that would do something where they were taken for markup. */
const HOSTILE = [
  "<img src=x onerror=\"window.pwned='image'\">",
  "\"><script>window.pwned='script'</script>",
  "</title></style><svg onload=\"window.pwned='svg'\">",
  "javascript:window.pwned='link'",
  "\u202e\u2066right to left\u0000 {{constructor.constructor('window.pwned=1')()}} ${window.pwned=1}",
  "x".repeat(3_000),
];

let database: Sqld;
let service: Service;
let browser: Browser;
let pages: ConsolePages;

beforeAll(async () => {
  if (!hasChromium()) return;
  [database, browser] = await Promise.all([Sqld.start(), openChromium()]);
  service = await Service.start(database.url, {}, { hasOAuth: true });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await service?.remove();
  await database?.remove();
});
beforeEach((context) => {
  if (!hasChromium()) context.skip("apt-get install -y chromium");
  pages = new ConsolePages(browser, service.url);
});

describe("the views of the console", () => {
  it("show which apps and keys were let in, and take them back when that is confirmed", async () => {
    const ana = await letIn("ana", "Desk assistant", ["read"]);
    await letIn("ben", "Travel planner <b>beta</b>", ["read", "write"]);
    const page = await pages.openSignedIn(DESKTOP, "#access");
    const apps = page.getByRole("region", { name: "Apps" });
    const rows = apps.locator("tbody tr");
    const planner = rows.filter({ hasText: "Travel planner <b>beta</b>" });
    await planner.waitFor();
    expect(await rows.count()).toBe(2);
    expect(await planner.locator("td").allInnerTexts()).toEqual([
      expect.stringContaining("Travel planner <b>beta</b>"),
      "ben",
      "ben",
      "read, write",
      expect.stringMatching(/now|ago/),
      expect.stringMatching(/now|ago/),
      expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      "active",
      "Revoke",
    ]);
    await keep(page, "access");
    await pages.expectSound(page);
    for (const [look, options] of [
      ["dark", DARK],
      ["phone", PHONE],
    ] as const) {
      const other = await pages.openSignedIn(options, "#access");
      await other.getByText("Desk assistant").waitFor();
      await keep(other, `access-${look}`, look === "dark");
      await pages.expectSound(other);
      await other.context().close();
    }

    // The address names whose apps are shown.
    await planner.getByRole("link", { name: "ben" }).first().click();
    await page.getByText("Let in with the key ben").waitFor();
    expect([await rows.count(), page.url().includes("key=")]).toEqual([1, true]);
    const revoke = page.getByRole("button", { name: /^Revoke Travel planner/ });
    const dialog = page.getByRole("dialog");
    await revoke.focus();
    await page.keyboard.press("Enter");
    await dialog.getByRole("heading", { name: /^Revoke the access of Travel planner/ }).waitFor();
    await pages.expectSound(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement?.getAttribute('aria-label')")).toMatch(
      /^Revoke Travel planner/,
    );
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("No app was let in.").waitFor();
    expect(await page.evaluate("document.activeElement?.id")).toBe("main");
    await pages.expectSound(page);
    const left = await service.call("GET", "/admin/oauth/grants", { key: ADMIN_TOKEN });
    expect(left.body.grants.map((each: { client_name: string }) => each.client_name)).toEqual([
      "Desk assistant",
    ]);

    await page.getByRole("link", { name: "Show all apps" }).click();
    await rows.filter({ hasText: "Desk assistant" }).waitFor();
    const keys = page.getByRole("region", { name: "Keys" }).locator("tbody tr");
    const own = keys.filter({ has: page.getByText("ana", { exact: true }) }).first();
    await own.getByRole("button", { name: "Revoke ana" }).click();
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    await own.waitFor({ state: "detached" });
    await rows.filter({ hasText: "its key has ended" }).waitFor();
    await page.getByLabel("Show").selectOption("all");
    await own.getByText("revoked").waitFor();
    expect((await service.call("GET", "/v1/stats", { key: ana })).status).toBe(401);
    await page.context().close();
  });

  it("take what others wrote for text, whatever it says", async () => {
    await writeHostile();
    const page = await pages.open();
    await page.addInitScript("window.pwned = null");
    await page.reload();
    await signIn(page);
    const ids = await hostileIds();
    const [first = ""] = ids;
    for (const hash of [
      "#start",
      "#episodes",
      ...ids.map((one) => `#episode/${one}`),
      "#patterns",
      "#heuristics",
      "#lessons",
      "#curation",
      `#recall?like=${first}`,
      `#playbooks?like=${first}`,
      "#search?q=window",
    ]) {
      await pages.show(page, `${hash}${hash.includes("?") ? "&" : "?"}ns=hostile`);
      await expectHarmless(page);
      await pages.expectSound(page);
    }
    // What an address says is text as well.
    const text = encodeURIComponent(HOSTILE[0] ?? "");
    await pages.show(page, `#search?ns=hostile&q=${text}`);
    await expectHarmless(page);
    await page.context().close();
  }, 180_000);
});

/** A person's key, with which an app was let in. */
async function letIn(name: string, client_name: string, scopes: string[]): Promise<string> {
  const body = { name, scopes: ["read", "write"], namespaces: [name], default_namespace: name };
  const made = await service.call("POST", "/admin/keys", { key: ADMIN_TOKEN, body });
  const client = new OAuthClient(service.url);
  await client.register({ client_name });
  await client.connect({ key: String(made.body.key), scopes });
  return String(made.body.key);
}

/** Episodes, lessons and a decision of which every text is hostile. */
async function writeHostile(): Promise<void> {
  const key = await service.key("hostile");
  const lines = HOSTILE.flatMap((text, i) =>
    [0, 1].map((j) => ({
      type: "episode",
      id: `hostile-${i}-${j}`,
      task: text,
      context: { domain: text.slice(0, 100), tags: [text.slice(0, 50)] },
      metadata: { note: text.slice(0, 100) },
      steps: [
        {
          number: 1,
          tool: text.slice(0, 100),
          action: text.slice(0, 500),
          parameters: { [text.slice(0, 50)]: text },
          result: { type: "success", output: JSON.stringify({ found: text }) },
        },
        {
          number: 2,
          tool: "use",
          parameters: { found: text },
          result: { type: "error", message: text },
        },
      ],
      outcome: { type: "success", verdict: text.slice(0, 500) },
    })),
  );
  const taken = await service.import(key, lines);
  expect(taken.map(({ status }) => status)).toEqual(lines.map(() => "created"));
  for (const text of HOSTILE) {
    const body = { text: text.slice(0, 1_000), kind: "do", source: "test" };
    const added = await service.call("POST", "/v1/lessons", { key, body });
    const decision = { kind: "lesson", id: String(added.body.id), action: "pin", reason: text };
    await service.call("POST", "/v1/curation", {
      key,
      body: { ...decision, reason: text.slice(0, 900) },
    });
  }
}

async function hostileIds(): Promise<string[]> {
  const headers = { "X-Memory-Namespace": "hostile" };
  const page = await service.call("GET", "/v1/episodes?limit=20", { key: ADMIN_TOKEN, headers });
  return page.body.episodes.map((each: { id: string }) => each.id);
}

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate("window.pwned")).toBeNull();
  const made = await page.evaluate(
    "document.querySelectorAll('main script, main style, main iframe, main img, main [onerror], main [onload], main a[href^=javascript]').length",
  );
  expect(made).toBe(0);
}
