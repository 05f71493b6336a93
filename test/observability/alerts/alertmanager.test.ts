/**
 * The configuration of Alertmanager, by amtool and by a real one: who is told what, and when.
 */

import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { freePort } from "../../support/processes/free-port.ts";
import { until } from "../../support/processes/until.ts";

const FOLDER = join(import.meta.dirname, "../../../ops/alertmanager");
const CONFIG = join(FOLDER, "alertmanager.yml");
const INSTALL = "apt-get install -y prometheus-alertmanager";
const scratch = mkdtempSync(join(tmpdir(), "memory-alertmanager-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const PROGRAM = ["prometheus-alertmanager", "alertmanager"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);
const hasAmtool = spawnSync("amtool", ["--version"]).status === 0;
if (!hasAmtool || PROGRAM === undefined)
  console.warn(`Left out what needs Alertmanager. To run it: ${INSTALL}`);

const config = readFileSync(CONFIG, "utf8");

describe("the configuration of Alertmanager", () => {
  it("is sound to amtool", (context) => {
    if (!hasAmtool) return context.skip(INSTALL);
    execFileSync("amtool", ["check-config", CONFIG], { stdio: "pipe" });
  });

  it.for([
    ["MemoryServiceDown", "P0", "page"],
    ["BackupStale", "P1", "page"],
    ["JobFailed", "P2", "tickets"],
    ["Watchdog", "none", "dead-man"],
    ["SomethingElse", "P7", "tickets"],
  ] as const)("sends %s (%s) to %s", ([name, priority, receiver], context) => {
    if (!hasAmtool) return context.skip(INSTALL);
    const labels = [`alertname=${name}`, `priority=${priority}`];
    const routes = ["config", "routes", "test", `--config.file=${CONFIG}`, ...labels];
    expect(execFileSync("amtool", routes, { stdio: "pipe" }).toString().trim()).toBe(receiver);
  });

  it("names in its rules of inhibition only alerts that there are, and none that nobody else tells", () => {
    const rules = ["alerts.yml", "monitoring.yml"]
      .map((file) => readFileSync(join(FOLDER, "../prometheus", file), "utf8"))
      .join("\n");
    const known = new Set([...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name));
    const named = (kind: string): string[] =>
      [...config.matchAll(new RegExp(`${kind}_matchers: \\[alertname=~?"([^"]+)"`, "g"))].flatMap(
        ([, names = ""]) => names.split("|"),
      );
    expect(named("source").length).toBeGreaterThan(4);
    for (const name of [...named("source"), ...named("target")]) expect(known).toContain(name);
    expect(named("target").filter((name) => /Backup|Job|Restore|Mode|Clock/.test(name))).toEqual(
      [],
    );
  });
});

interface Message {
  path: string;
  at: number;
  body: string;
}

/** A receiver of everything, and the Alertmanager that sends to it. */
class Delivery {
  readonly messages: Message[] = [];
  #server: Server | null = null;
  #process: ChildProcess | null = null;
  #url = "";

  async start(program: string): Promise<void> {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        this.messages.push({ path: request.url ?? "", at: Date.now(), body });
        response.end("ok");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    this.#server = server;
    const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const here = config
      .replaceAll("http://127.0.0.1:9095", receiver)
      .replaceAll("/etc/alertmanager", scratch);
    writeFileSync(join(scratch, "alertmanager.yml"), here);
    writeFileSync(join(scratch, "page-token"), "token");
    writeFileSync(join(scratch, "status-url"), `${receiver}/status`);
    const template = readFileSync(join(FOLDER, "status-update.tmpl"));
    writeFileSync(join(scratch, "status-update.tmpl"), template);
    const port = await freePort();
    this.#url = `http://127.0.0.1:${port}`;
    const args = [
      `--config.file=${join(scratch, "alertmanager.yml")}`,
      `--storage.path=${join(scratch, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ];
    this.#process = spawn(program, args, { stdio: "ignore" });
    await until("Alertmanager is ready", async () => {
      const answer = await fetch(`${this.#url}/-/ready`).catch(() => null);
      return answer?.ok === true;
    });
  }

  async fire(alertname: string, labels: Record<string, string>, ended = false): Promise<void> {
    const alert = {
      labels: { alertname, ...labels },
      annotations: {
        summary: `the summary of ${alertname}`,
        description: "What it means.",
        runbook_url: "docs/runbooks/RB-001.md",
      },
      startsAt: new Date(Date.now() - 60_000).toISOString(),
      ...(ended ? { endsAt: new Date().toISOString() } : {}),
    };
    const answer = await fetch(`${this.#url}/api/v2/alerts`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify([alert]),
    });
    expect(answer.status).toBe(200);
  }

  async alerts(): Promise<{ name: string; isInhibited: boolean }[]> {
    const all = (await (await fetch(`${this.#url}/api/v2/alerts`)).json()) as {
      labels: { alertname: string };
      status: { inhibitedBy: string[] };
    }[];
    return all.map(({ labels, status }) => ({
      name: labels.alertname,
      isInhibited: status.inhibitedBy.length > 0,
    }));
  }

  async stop(): Promise<void> {
    if (this.#process && this.#process.exitCode === null) {
      this.#process.kill();
      await once(this.#process, "exit");
    }
    this.#server?.close();
  }
}

describe("a real Alertmanager", () => {
  const delivery = new Delivery();
  afterEach(() => delivery.stop());

  it("pages for a P0 at once with a status update, and keeps its symptoms quiet", async (context) => {
    if (PROGRAM === undefined) return context.skip(INSTALL);
    await delivery.start(PROGRAM);
    const begun = Date.now();
    await delivery.fire("MemoryServiceDown", { priority: "P0", severity: "critical" });
    await delivery.fire("SignalMissing", { priority: "P1", signal: "memory_instances" });
    await delivery.fire("BackupStale", { priority: "P1", kind: "full" });
    await until("it is told of", () =>
      ["/page", "/status"].every((path) => delivery.messages.some((own) => own.path === path)),
    );
    expect(Math.max(...delivery.messages.map(({ at }) => at)) - begun).toBeLessThan(15_000);
    const page = delivery.messages.find(({ path }) => path === "/page");
    expect(JSON.parse(page?.body ?? "{}")).toMatchObject({
      status: "firing",
      commonLabels: { alertname: "MemoryServiceDown" },
    });
    const status = delivery.messages.find(({ path }) => path === "/status")?.body ?? "";
    const [update] = (JSON.parse(status) as { attachments: { title: string; text: string }[] })
      .attachments;
    expect(update?.title).toBe("P0: the summary of MemoryServiceDown");
    expect(update?.text).toMatch(/- the summary of MemoryServiceDown, since \d\d:\d\d UTC\. What/);
    expect(update?.text).toContain("Runbook: docs/runbooks/RB-001.md");
    expect(update?.text).toContain("The next word comes in 15 minutes.");
    await until("what is a symptom is inhibited", async () =>
      (await delivery.alerts()).some(
        ({ name, isInhibited }) => name === "SignalMissing" && isInhibited,
      ),
    );
    const quiet = (await delivery.alerts()).filter(({ isInhibited }) => isInhibited);
    expect(quiet.map(({ name }) => name)).toEqual(["SignalMissing"]);
  });
});
