/**
 * The service on a server of one's own, started by its units' own command lines, with their
 * variables and secrets: killed, started again, and stopped as systemd does it.
 */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../support/processes/free-port.ts";
import { until } from "../../support/processes/until.ts";

const ROOT = join(import.meta.dirname, "../../..");
const START_MS = 90_000;

let directory: string;
let ports: { service: number; database: number };
let url: string;
const running = new Map<string, ChildProcess>();
const log: Record<string, unknown>[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "memory-self-hosting-"));
  ports = { service: await freePort(), database: await freePort() };
  url = `http://127.0.0.1:${ports.service}`;
  for (const name of ["memory-service", "memory-database"]) mkdirSync(join(directory, name));
  execFileSync(process.execPath, ["scripts/self-host.ts", "secrets", join(directory, "etc")], {
    cwd: ROOT,
  });
  execFileSync(process.execPath, ["scripts/serve.ts", "--build"], {
    cwd: ROOT,
    env: { ...process.env, MEMORY_BUILD_DIR: join(directory, "build") },
  });
  start("memory-database");
  start("memory-service");
  await isReady();
});
afterAll(() => {
  for (const child of running.values()) killGroup(child);
  rmSync(directory, { recursive: true, force: true });
});

/** A unit as systemd reads it, for this place and these ports. */
function unitOf(name: string): { command: string[]; env: Record<string, string>; cwd: string } {
  const text = readFileSync(join(ROOT, `ops/systemd/${name}.service`), "utf8")
    .replaceAll("/opt/memory-service/dist/self-hosted", join(directory, "build"))
    .replaceAll("/opt/memory-service", ROOT)
    .replaceAll("/etc/memory-service", join(directory, "etc"))
    .replaceAll("%S", directory)
    .replaceAll(/%d|\$\{CREDENTIALS_DIRECTORY\}/g, join(directory, "credentials"))
    .replaceAll("8787", String(ports.service))
    .replaceAll("8789", String(ports.database));
  const valuesOf = (key: string): string[] =>
    [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value ?? "");
  mkdirSync(join(directory, "credentials"), { recursive: true });
  for (const credential of valuesOf("LoadCredential")) {
    const [id = "", file = ""] = credential.split(":");
    cpSync(file, join(directory, "credentials", id));
  }
  const pairs = valuesOf("Environment").flatMap((line) => line.split(" "));
  return {
    command: (valuesOf("ExecStart")[0] ?? "").split(" "),
    // systemd hands nothing else over but a path.
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      ...Object.fromEntries(pairs.map((pair) => pair.split("=") as [string, string])),
    },
    cwd: valuesOf("WorkingDirectory")[0] ?? "",
  };
}

function start(name: string): void {
  const { command, env, cwd } = unitOf(name);
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  running.set(name, child);
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    // Throws at a line that is none.
    if (name === "memory-service") log.push(...lines.map((line) => JSON.parse(line)));
  });
}

async function end(name: string, signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
  const child = running.get(name);
  if (!child) throw new Error(`${name} does not run`);
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
  killGroup(child);
  return child.exitCode;
}

/** systemd ends what the unit's process leaves behind. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left.
  }
}

const isReady = (): Promise<void> =>
  until(
    "the service is ready",
    async () => {
      const answer = await fetch(`${url}/health/ready`).catch(() => null);
      return ((await answer?.json()) as { status?: string } | undefined)?.status === "healthy";
    },
    START_MS,
  );
const token = (): string => readFileSync(join(directory, "etc/admin-token"), "utf8");
async function ask(path: string, body?: unknown): Promise<Response> {
  return fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { Authorization: `Bearer ${token()}`, "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
}
async function begin(task: string): Promise<string> {
  const answer = await ask("/v1/episodes", { task });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

describe("the service on a server of one's own", () => {
  it("keeps what it acknowledged when it is killed and started again", async () => {
    const id = await begin("survive");
    await end("memory-service", "SIGKILL");
    start("memory-service");
    await isReady();
    expect((await ask(`/v1/episodes/${id}`)).status).toBe(200);
  });

  it("starts and remembers without its database", async () => {
    await end("memory-service", "SIGTERM");
    await end("memory-database", "SIGKILL");
    start("memory-service");
    await until(
      "it answers",
      async () => (await ask("/health/live").catch(() => null))?.ok === true,
      START_MS,
    );
    const id = await begin("remember without a database");
    start("memory-database");
    await isReady();
    expect((await ask(`/v1/episodes/${id}`)).status).toBe(200);
  });

  it("sends what waits before it stops, says so, and ends with 0", async () => {
    await begin("be sent");
    expect(await end("memory-service", "SIGTERM")).toBe(0);
    const events = log.map(({ event }) => event);
    expect(events.slice(events.lastIndexOf("server_stopping"))).toContain("server_drained");
    const drained = log.findLast(({ event }) => event === "server_drained");
    expect(drained).toMatchObject({ level: "info", unsent_rows: 0 });
    start("memory-service");
    await isReady();
  });

  it("gives Prometheus a key that reads the metrics and nothing else", async () => {
    const file = join(directory, "metrics-key");
    execFileSync(process.execPath, ["scripts/self-host.ts", "metrics-key", file], {
      cwd: ROOT,
      env: { MEMORY_URL: url, ADMIN_TOKEN_FILE: join(directory, "etc/admin-token") },
    });
    expect(existsSync(file)).toBe(true);
    const headers = { Authorization: `Bearer ${readFileSync(file, "utf8")}` };
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/v1/stats`, { headers })).status).toBe(403);
  });
});
