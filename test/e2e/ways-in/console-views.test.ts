import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tauEpisodeLine, type TauEpisode } from "../../../bench/quality/tau.ts";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { askedEpisode, holdOut, work } from "../../support/service/airline.ts";
import { ContactSheet, keep } from "../../support/service/console-pictures.ts";
import { ConsolePages, DARK, DESKTOP, PHONE, signIn } from "../../support/service/console-page.ts";
import { OAuthClient } from "../../support/service/oauth-client.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";

const ROOT = join(import.meta.dirname, "../../..");
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
let id: string;

beforeAll(async () => {
  if (!hasChromium()) return;
  [database, browser] = await Promise.all([Sqld.start(), openChromium()]);
  service = await Service.start(database.url, {}, { hasOAuth: true });
  id = await work(service);
  const lines = readFileSync(join(ROOT, "test/fixtures/tau_retail_sample.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => tauEpisodeLine(JSON.parse(line) as TauEpisode));
  await service.import(await service.key("retail"), lines);
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
  it("show an episode with its steps and where values come from, and text of others as text", async () => {
    const page = await pages.openSignedIn(DESKTOP, `#episode/${id}`);
    await page.getByText("4. issue_refund").waitFor();
    await page.locator("summary", { hasText: "Result" }).nth(1).click();
    expect(await page.getByText("two flights, <b>not</b> used").count()).toBeGreaterThan(0);
    await keep(page, "episode");
    await pages.expectSound(page);
    await page.context().close();
  });

  it("lead from a step to the one that told its value, and say so in the address", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#episode/tau-retail-0-assertions-0?ns=retail");
    await page
      .getByRole("link", { name: /^from step 1/ })
      .first()
      .click();
    await page.locator('li.selected[data-number="1"]').waitFor();
    expect(page.url()).toContain("step=1");
    expect(await page.locator(".arcs path").count()).toBeGreaterThan(2);
    await page.reload();
    await page.locator('li.selected[data-number="1"]').waitFor();
    await page.context().close();
  });

  it("show a playbook as a graph that the keyboard walks through", async () => {
    const page = await pages.openSignedIn(
      DESKTOP,
      "#playbooks?ns=retail&like=tau-retail-0-assertions-0",
    );
    const nodes = page.locator("svg.graph a.node");
    await nodes.first().waitFor();
    expect(await nodes.count()).toBeGreaterThan(2);
    expect(await page.locator("svg.graph .value").count()).toBeGreaterThan(0);
    await nodes.nth(1).focus();
    await page.keyboard.press("Enter");
    await page.locator('a.node[aria-current="true"][data-key="step-2"]').waitFor();
    expect(page.url()).toContain("step=2");
    const focused = await page.evaluate("document.activeElement?.getAttribute('data-key')");
    expect(focused).toBe("step-2");
    await keep(page, "playbook");
    await pages.expectSound(page);
    await page.context().close();
  });

  it("show under a step what led out of its errors, and what did not help", async () => {
    const key = await service.key("ways");
    const locked = { type: "error", message: "the environment is locked" };
    const done = { type: "success", output: "done" };
    const lines = [0, 1, 2, 3, 4].map((i) => {
      const met = [
        ["deploy", locked],
        ["wait", done],
        ["deploy", locked],
        ["release", done],
      ] as const;
      const ran = [...(i < 2 ? met : []), ["deploy", done], ["notify", done]] as const;
      const steps = ran.map(([tool, result], j) => ({ number: j + 1, tool, result }));
      const outcome = { type: "success", verdict: "done" };
      return { type: "episode", id: `ways-${i}`, task: `deploy the shop ${i}`, steps, outcome };
    });
    const taken = await service.import(key, lines);
    expect(taken.map(({ status }) => status)).toEqual(lines.map(() => "created"));
    const page = await pages.openSignedIn(DESKTOP, "#playbooks?ns=ways&like=ways-4");
    const step = page.locator("#step");
    await step.getByText("release: worked 2 of 2").waitFor();
    await step.getByText("did not help: wait").waitFor();
    await pages.expectSound(page);
    await page.context().close();
  });

  it("recall, and show why", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#recall");
    await page.getByLabel("Task", { exact: true }).fill("refund a cancelled flight");
    await page.getByRole("button", { name: "Recall" }).click();
    await page
      .getByText(/score 0\.\d+/)
      .first()
      .waitFor();
    await keep(page, "recall");
    await pages.expectSound(page);
    await page.getByRole("link", { name: "Patterns", exact: true }).click();
    await page.getByRole("heading", { name: "Patterns", level: 1 }).waitFor();
    await page
      .getByText(/Evidence: /)
      .first()
      .waitFor();
    await keep(page, "patterns");
    await pages.expectSound(page);
    await page.context().close();
  });

  it("take a question with Enter, and a new line with Shift+Enter", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#recall");
    const task = page.getByLabel("Task", { exact: true });
    await task.fill("refund a flight");
    await task.press("Shift+Enter");
    await task.pressSequentially("that was cancelled");
    expect(await task.inputValue()).toBe("refund a flight\nthat was cancelled");
    expect(page.url()).not.toContain("task=");
    expect(await task.getAttribute("aria-describedby")).toBe("task-keys");
    expect(await page.locator("#task-keys").textContent()).toMatch(/Enter submits/);
    await task.press("Enter");
    await page
      .getByText(/score 0\.\d+/)
      .first()
      .waitFor();
    const { hash } = new URL(page.url());
    expect(new URLSearchParams(hash.split("?")[1]).get("task")).toBe(
      "refund a flight\nthat was cancelled",
    );

    await pages.show(page, "#playbooks");
    // An empty question is none.
    await task.press("Enter");
    expect(page.url()).not.toContain("task=");
    await task.fill("refund a cancelled flight");
    await task.press("Enter");
    await page.waitForURL(/task=refund/);

    await pages.show(page, "#lessons?ns=enter");
    const lesson = page.getByLabel("What the next run should know");
    await lesson.fill("Weigh the bags first");
    await lesson.press("Enter");
    const card = page.locator("article", { hasText: "Weigh the bags first" });
    await card.waitFor();
    await card.getByRole("button", { name: "edit", exact: true }).click();
    await card.getByLabel("Other words").fill("Weigh every bag first");
    await pages.expectSound(page);
    await card.getByLabel("Other words").press("Enter");
    await page.locator("article", { hasText: "Weigh every bag first" }).waitFor();
    await page.context().close();
  });

  it("take lessons in, and what a person decides about them and about patterns", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#lessons");
    await page.getByLabel("What the next run should know").fill("Ask for the <b>fare</b> first");
    await page.getByRole("button", { name: "Add" }).click();
    const card = page.locator("article", { hasText: "Ask for the <b>fare</b> first" });
    await card.waitFor();
    await pages.expectSound(page);
    await card.getByRole("link", { name: "Supersede by another" }).click();
    await page.getByText("Takes the place of").waitFor();
    await page.getByLabel("What the next run should know").fill("Read the fare rules aloud");
    await page.getByRole("button", { name: "Supersede" }).click();
    const newer = page.locator("article", { hasText: "Read the fare rules aloud" });
    await newer.waitFor();
    expect(await page.locator("article").count()).toBe(1);
    await newer.getByRole("button", { name: "ban", exact: true }).click();
    // What it stood in the place of is shown again; it itself is not.
    await newer.waitFor({ state: "detached" });

    await card.getByRole("button", { name: "edit", exact: true }).click();
    await card.getByLabel("Other words").fill("Ask for the fare class");
    await card.getByRole("button", { name: "Save" }).click();
    const edited = page.locator("article", { hasText: "Ask for the fare class" });
    await edited.getByText(/by operator/).waitFor();
    // It gives its place to no other now.
    expect(await edited.getByRole("link", { name: "Supersede by another" }).count()).toBe(0);

    await pages.show(page, "#patterns");
    const pattern = page.locator("article").first();
    await pattern.getByRole("button", { name: "pin", exact: true }).click();
    await page.locator("article", { hasText: "by operator" }).first().waitFor();
    await pages.show(page, "#curation?state=pinned");
    await page.getByRole("heading", { name: "Everything learned is shown" }).waitFor();
    expect(await page.locator("article").count()).toBe(1);
    await keep(page, "curation");
    await pages.expectSound(page);
    await page.context().close();
  });

  it("take what a person decides about a heuristic, as about a pattern", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#patterns?ns=retail");
    await page.getByRole("link", { name: "Heuristics", exact: true }).click();
    await page.getByRole("heading", { name: "Heuristics", level: 1 }).waitFor();
    const first = page.locator("article").first();
    await first.getByRole("button", { name: "approve", exact: true }).click();
    const decided = page.locator("article", { hasText: "by operator" }).first();
    await decided.getByText("approved", { exact: true }).waitFor();
    await pages.expectSound(page);
    await decided.getByRole("button", { name: "ban", exact: true }).click();
    await pages.show(page, "#curation?ns=retail&kind=heuristic&state=banned");
    await page.locator("article").first().waitFor();
    expect(await page.locator("article").count()).toBe(1);
    await page.getByRole("button", { name: "clear", exact: true }).click();
    await page.getByText("Nobody decided anything like that.").waitFor();
    await page.context().close();
  });

  it("show whether the memory helps, without a hold-out and with one", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#proof");
    await page.getByText(/Every episode of "default" is answered/).waitFor();
    await pages.expectSound(page);
    await page.getByLabel("Answered nothing, by lot").selectOption("0.5");
    await page.getByRole("button", { name: "Set" }).click();
    await page.getByText(/By lot 50 % of the episodes/).waitFor();
    for (let i = 0; i < 8; i++) await askedEpisode(service, i);
    await page.reload();
    await page.getByRole("heading", { name: "50 % held out" }).waitFor();
    await page.getByText(/more episodes until a difference/).waitFor();
    await keep(page, "proof");
    await pages.expectSound(page);
    await holdOut(service, 0);
    await page.context().close();
  });

  it("take a file that is dropped, and say what of it was refused", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#import?ns=dropped");
    const good = { type: "episode", task: "Dropped", steps: [], outcome: { type: "success" } };
    const lines = [JSON.stringify(good), "{ not json", '{"type":"lesson","kind":"do"}'];
    const file = { name: "runs.jsonl", mimeType: "", buffer: Buffer.from(lines.join("\n")) };
    await page.locator("#files").setInputFiles(file);
    await page.getByText("Done: 1 new, 2 refused.").waitFor();
    expect(await page.locator("td.number").allTextContents()).toEqual(["2", "3"]);
    await keep(page, "import");
    await pages.expectSound(page);
    await page.getByRole("link", { name: "Show the episodes" }).click();
    await page.getByRole("link", { name: "Dropped" }).waitFor();
    await page.context().close();
  });

  it("say what an address says, and the address what they show", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#episodes?ns=retail&status=completed");
    await page.getByRole("link", { name: "Older →" }).click();
    await page.getByRole("link", { name: "← First page" }).waitFor();
    expect(page.url()).toMatch(/ns=retail/);
    expect(page.url()).toMatch(/status=completed/);
    expect(await page.getByLabel("State").inputValue()).toBe("completed");
    await page.getByLabel("Task contains").fill("Yusuf");
    await page.keyboard.press("Enter");
    await page.waitForURL(/text=Yusuf/);
    expect(page.url()).not.toContain("after=");
    await page.locator("main:not([aria-busy])").waitFor();
    for (const task of await page.locator("td:first-child").allTextContents())
      expect(task).toMatch(/Yusuf/);
    await page.goBack();
    await page.getByRole("link", { name: "← First page" }).waitFor();
    await page.getByRole("button", { name: /Namespace/ }).click();
    await page.locator(".names a", { hasText: "default" }).click();
    await page
      .getByRole("link", { name: /^Cancel flight/ })
      .first()
      .waitFor();
    expect(page.url()).toContain("ns=default");
    await page.context().close();
  });

  it("archive an episode, find it among the archived, and bring it back", async () => {
    const key = await service.key("shelf");
    const line = {
      type: "episode",
      id: "shelved",
      task: "Shelve it",
      outcome: { type: "success" },
    };
    await service.import(key, [
      line,
      { ...line, id: "running", status: "in_progress", outcome: null },
    ]);
    const page = await pages.openSignedIn(DESKTOP, "#episode/shelved?ns=shelf");
    await page.getByRole("button", { name: "Archive", exact: true }).click();
    await page.getByRole("button", { name: "Bring back" }).waitFor();
    await page.locator(".pill", { hasText: "archived" }).waitFor();
    await pages.expectSound(page);

    await pages.show(page, "#episodes?ns=shelf");
    const rows = page.locator("td:first-child");
    expect(await rows.count()).toBe(1);
    await page.getByLabel("Archived").selectOption("only");
    await page.waitForURL(/archived=only/);
    await page.locator("td .pill", { hasText: "archived" }).waitFor();
    expect(await rows.count()).toBe(1);
    await pages.expectSound(page);
    await pages.show(page, "#search?ns=shelf&q=shelve");
    await page.getByText("Nothing has these words.").waitFor();
    await page.getByLabel("Archived").selectOption("any");
    await page.getByRole("link", { name: "Shelve it" }).click();
    await page.getByRole("button", { name: "Bring back" }).click();
    await page.getByRole("button", { name: "Archive", exact: true }).waitFor();
    await pages.show(page, "#episode/running?ns=shelf");
    expect(await page.getByRole("button", { name: "Archive" }).count()).toBe(0);
    await page.context().close();
  });

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

  it("show what happens while one looks on", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#episodes?ns=live");
    await page.getByText('No episodes in the namespace "live"').waitFor();
    const key = await service.key("live");
    const body = { task: "It happens now" };
    await service.call("POST", "/v1/episodes", { key, body });
    await page.getByRole("link", { name: "It happens now" }).waitFor({ timeout: 20_000 });
    await page.context().close();
  });

  it("say what could not be shown, and try again", async () => {
    const page = await pages.openSignedIn(DESKTOP, "#episodes");
    await page.route("**/v1/stats", (route) => route.abort());
    await pages.show(page, "#episodes");
    await page.getByRole("link", { name: "Proof", exact: true }).click();
    await page.getByRole("heading", { name: "This could not be shown" }).waitFor();
    await page.unroute("**/v1/stats");
    pages.complaints = [];
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "What was shown, used and helped" }).waitFor();
    await page.route("**/admin/instances", (route) => route.abort());
    await page.reload();
    await page.getByText("The service does not answer.").waitFor();
    await page.unroute("**/admin/instances");
    pages.complaints = [];
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "What was shown, used and helped" }).waitFor();
    await pages.show(page, "#nowhere");
    await page.getByText("There is no such page.").waitFor();
    await pages.expectSound(page);
    await page.context().close();
  });

  it("are sound on a desk, on a phone and in the dark", async () => {
    for (const [name, options, columns] of [
      ["wide", DESKTOP, 3],
      ["dark", DARK, 3],
      ["phone", PHONE, 8],
    ] as const) {
      const page = await pages.openSignedIn(options, "#start?ns=retail");
      const sheet = new ContactSheet(columns);
      for (const hash of VIEWS) {
        await pages.show(page, hash);
        if (hash.startsWith("#start"))
          await keep(page, name === "wide" ? "start" : `start-${name}`);
        await sheet.add(page, hash.replace("ns=retail", ""));
        await pages.expectSound(page);
      }
      await sheet.keep(page, `views-${name}`);
      await page.context().close();
    }
  }, 180_000);

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

const VIEWS = [
  "#start?ns=retail",
  "#episodes?ns=retail",
  "#episode/tau-retail-0-assertions-0?ns=retail",
  "#patterns?ns=retail",
  "#heuristics?ns=retail",
  "#playbooks?ns=retail",
  "#playbooks?ns=retail&like=tau-retail-0-assertions-0",
  "#lessons?ns=retail",
  "#recall?ns=retail&like=tau-retail-0-assertions-0",
  "#search?ns=retail&q=thermostat",
  "#proof?ns=retail",
  "#curation?ns=retail",
  "#import?ns=retail",
  "#usage?ns=retail",
  "#access?ns=retail",
];

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

/** A person's key, with which an app was let in. */
async function letIn(name: string, client_name: string, scopes: string[]): Promise<string> {
  const body = { name, scopes: ["read", "write"], namespaces: [name], default_namespace: name };
  const made = await service.call("POST", "/admin/keys", { key: ADMIN_TOKEN, body });
  const client = new OAuthClient(service.url);
  await client.register({ client_name });
  await client.connect({ key: String(made.body.key), scopes });
  return String(made.body.key);
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
