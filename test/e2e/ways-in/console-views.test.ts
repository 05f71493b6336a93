import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tauEpisodeLine, type TauEpisode } from "../../../bench/quality/tau.ts";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { askedEpisode, holdOut, work } from "../../support/service/airline.ts";
import { ContactSheet, keep } from "../../support/service/console-pictures.ts";
import { ConsolePages, DARK, DESKTOP, PHONE } from "../../support/service/console-page.ts";
import { Service } from "../../support/service/service.ts";

const ROOT = join(import.meta.dirname, "../../..");
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
