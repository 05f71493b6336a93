import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { freePort } from "../../support/processes/free-port.ts";
import { until } from "../../support/processes/until.ts";

const ROOT = join(import.meta.dirname, "../../..");

let directory: string;
/** The person's home, in which nothing is to be left. */
let home: string;
let ports: { MEMORY_PORT: string; MEMORY_DB_PORT: string };
let running: ChildProcess | null;
let said: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "memory-start-"));
  home = mkdtempSync(join(tmpdir(), "memory-home-"));
  ports = { MEMORY_PORT: String(await freePort()), MEMORY_DB_PORT: String(await freePort()) };
  running = null;
});
afterEach(async () => {
  if (running && running.exitCode === null) {
    running.kill("SIGTERM");
    await once(running, "exit");
  }
  for (const folder of [directory, home]) rmSync(folder, { recursive: true, force: true });
});

function launch(): ChildProcess {
  said = "";
  const { XDG_CONFIG_HOME: _config, XDG_CACHE_HOME: _cache, ...env } = process.env;
  const child = spawn(process.execPath, ["scripts/start.ts"], {
    cwd: ROOT,
    env: { ...env, ...ports, HOME: home, MEMORY_DATA_DIR: directory },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  running = child;
  return child;
}
const ready = (): Promise<void> =>
  until("npm start is ready", () => said.includes("is ready at"), 90_000);
const pidOf = (name: string): number =>
  Number(readFileSync(join(directory, `${name}.pid`), "utf8"));
const answers = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${ports.MEMORY_PORT}/health/live`).then(
    () => true,
    () => false,
  );

describe("npm start", () => {
  it("brings everything up, keeps its key, and stops on Ctrl-C", async () => {
    const first = launch();
    await ready();
    const key = /MEMORY_KEY=(\S+)/.exec(said)?.[1];
    const stats = await fetch(`http://127.0.0.1:${ports.MEMORY_PORT}/v1/stats`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    expect(stats.status).toBe(200);
    const origin = `http://127.0.0.1:${ports.MEMORY_PORT}`;
    const metadata = await fetch(`${origin}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({ issuer: origin });
    expect(statSync(join(directory, "local-key")).mode & 0o077).toBe(0);
    first.kill("SIGINT");
    await once(first, "exit");
    expect(first.exitCode).toBe(0);
    expect(await answers()).toBe(false);
    launch();
    await ready();
    expect(said).toContain(`MEMORY_KEY=${key}`);
    expect(readdirSync(home)).toEqual([]);
  });

  it("stops on Ctrl-C without a word while it is still starting", async () => {
    const child = launch();
    await until("the Worker answers", answers, 90_000);
    child.kill("SIGINT");
    await once(child, "exit");
    expect([child.exitCode, said.replace(/memory-service is ready at[^]*/, "").trim()]).toEqual([
      0,
      "",
    ]);
    expect(await answers()).toBe(false);
  });

  it("says which port is in use", async () => {
    const other = createServer().listen(Number(ports.MEMORY_PORT), "127.0.0.1");
    await once(other, "listening");
    const child = launch();
    await once(child, "exit");
    other.close();
    expect(child.exitCode).toBe(1);
    expect(said.trim()).toContain(`Port ${ports.MEMORY_PORT} (service) is in use. `);
    expect(said.trim().split("\n")).toHaveLength(1);
  });

  it("starts a process again that crashes, and says so in one line", async () => {
    const child = launch();
    await ready();
    for (const name of ["database", "worker"]) {
      said = "";
      const dead = pidOf(name);
      process.kill(dead, "SIGKILL");
      await until("it is said", () => said.includes("\n"));
      expect(said.trim()).toMatch(
        new RegExp(
          `^The ${name} ended unexpectedly \\(SIGKILL\\); it is started again in [0-9.]+ s; see .*${name}\\.log\\.$`,
        ),
      );
      await until("there is another", () => pidOf(name) !== dead);
    }
    await until("the database takes writes again", async () => {
      const answer = await fetch(`http://127.0.0.1:${ports.MEMORY_PORT}/health/ready`).catch(
        () => null,
      );
      const body = (await answer?.json().catch(() => null)) as {
        checks: { name: string; status: string }[];
      } | null;
      return body?.checks.find(({ name }) => name === "storage")?.status === "healthy";
    });
    expect(child.exitCode).toBe(null);
    for (const name of ["worker", "database"]) {
      const lines = readFileSync(join(directory, `${name}.log`), "utf8")
        .trim()
        .split("\n");
      // Throws at one that is no JSON.
      expect(lines.map((line) => typeof JSON.parse(line).time)).toEqual(lines.map(() => "string"));
    }
    expect(readFileSync(join(directory, "worker.log"), "utf8")).toContain("server_started");
  });

  it("goes on remembering while its database is being started again", async () => {
    launch();
    await ready();
    const key = /MEMORY_KEY=(\S+)/.exec(said)?.[1];
    const url = `http://127.0.0.1:${ports.MEMORY_PORT}/v1/episodes`;
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    const begin = async (n: number): Promise<number> =>
      (await fetch(url, { method: "POST", headers, body: JSON.stringify({ task: `task ${n}` }) }))
        .status;
    expect(await begin(0)).toBe(201);
    process.kill(pidOf("database"), "SIGKILL");
    const statuses = [];
    for (let n = 1; n <= 20; n++) statuses.push(await begin(n));
    expect(statuses).toEqual(statuses.map(() => 201));
  });

  it("tells memory-cli its port, runs jobs when asked, and has a page at its address", async () => {
    launch();
    await ready();
    const cli = (...args: string[]): string =>
      execFileSync(process.execPath, ["cli/bin.js", ...args], {
        cwd: ROOT,
        env: { PATH: process.env["PATH"], HOME: directory, MEMORY_DATA_DIR: directory },
        encoding: "utf8",
      });
    expect(cli("health", "check")).toContain("healthy");
    expect(cli("job", "run", "health-check")).toContain("succeeded");
    const url = `http://127.0.0.1:${ports.MEMORY_PORT}`;
    const page = await fetch(url);
    expect([page.status, page.headers.get("Content-Type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(said).toContain(`${url}/console#key=`);
    // What the runtime itself would serve to whoever asks: buckets, and its schedule.
    for (const path of ["local/r2/public/memory-service-backups/x", "local/scheduled"])
      expect((await fetch(`${url}/cdn-cgi/${path}`)).status).toBe(404);
  });

  it("prints a link that opens the console, signs in by a button, and leaves no key in the address", async (context) => {
    if (!hasChromium()) return context.skip("apt-get install -y chromium");
    launch();
    await ready();
    const [link = ""] = /http\S+\/console#key=\S+/.exec(said) ?? [];
    const browser = await openChromium();
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(link);
      const use = page.getByRole("button", { name: "Use the key" });
      await use.waitFor();
      const key = link.split("#key=")[1] ?? "";
      expect(key.length).toBeGreaterThan(20);
      expect(page.url()).not.toContain(key);
      await use.click();
      await page.locator("#pages").waitFor();
      expect(await page.getByLabel("Key").isVisible()).toBe(false);
      expect(page.url()).not.toContain(key);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it("has a database that takes SQL only with its token, and keeps no trace of each statement", async () => {
    launch();
    await ready();
    const pipeline = `http://127.0.0.1:${ports.MEMORY_DB_PORT}/v3/pipeline`;
    const body = JSON.stringify({
      requests: [{ type: "execute", stmt: { sql: "SELECT 1" } }, { type: "close" }],
    });
    // As any web page may: no preflight is made for this.
    const foreign = await fetch(pipeline, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body,
    });
    expect(foreign.status).toBe(401);
    const file = /its token is in (\S+)\./.exec(said)?.[1] ?? "";
    expect(statSync(file).mode & 0o077).toBe(0);
    const token = readFileSync(file, "utf8");
    const known = await fetch(pipeline, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body,
    });
    expect([known.status, await known.json()]).toMatchObject([
      200,
      { results: [{ type: "ok" }, { type: "ok" }] },
    ]);
    const kept = readdirSync(join(directory, "worker"), { recursive: true }).map(String);
    expect(kept.filter((path) => /observab|trace|explorer/i.test(path))).toEqual([]);
  });
});
