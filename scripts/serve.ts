/**
 * `node scripts/serve.ts`: the Worker on a server of one's own, in workerd, with what it stores in
 * MEMORY_DATA_DIR. It runs the schedule by the clock, writes its log to the standard output, one
 * JSON object a line, and ends with 1 when the Worker hangs, so that whoever looks after it starts
 * it again. SIGTERM sends what waits to the database, within a bound, and ends it with 0.
 *
 * `node scripts/serve.ts --build` only builds the Worker into MEMORY_BUILD_DIR.
 *
 * Its variables are those of a deployment (docs/self-hosting.md), and MEMORY_HOST, MEMORY_PORT,
 * MEMORY_DATA_DIR, MEMORY_BUILD_DIR, MEMORY_DRAIN_SECONDS, MEMORY_OAUTH; with MEMORY_VARIABLES_FILE, those of the
 * deployment are read from that file alone.
 *
 * @module
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { JOBS } from "../src/observability/jobs.ts";
import { buildWorker, builtWorker, isBuilt } from "./serve/build.ts";
import { drain } from "./serve/drain.ts";
import { Server } from "./serve/server.ts";
import { variablesOf } from "./serve/variables.ts";
import { JsonLines } from "./start/json-lines.ts";

const ROOT = join(import.meta.dirname, "..");
const { env } = process;
const DATA = env["MEMORY_DATA_DIR"] || join(ROOT, ".data");
/** What was built before is taken as it is; without it the Worker is built at each start. */
const BUILD = env["MEMORY_BUILD_DIR"] || null;
const HOST = env["MEMORY_HOST"] || "127.0.0.1";
const PORT = numberOf("MEMORY_PORT", 8787, 65_535);
const URL = `http://${HOST === "0.0.0.0" ? "127.0.0.1" : HOST}:${PORT}`;
/** OAuth for agents, with a KV namespace on disk (docs/oauth.md). */
const HAS_OAUTH = env["MEMORY_OAUTH"] === "on";
/** For how long what waits is sent to the database before the end, s. */
const DRAIN_S = numberOf("MEMORY_DRAIN_SECONDS", 20, 300);
/** Until when the schedule was run. */
const SCHEDULED = join(DATA, "scheduled-until");

function numberOf(name: string, fallback: number, max: number): number {
  const value = Number(env[name] || fallback);
  if (Number.isInteger(value) && value > 0 && value <= max) return value;
  return fail(`${name} must be a whole number from 1 to ${max}`);
}

function log(entry: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

function fail(reason: string): never {
  log({ level: "error", event: "server_failed", reason });
  process.exit(1);
}

/** Now, for a server that never ran. */
function scheduledUntil(): number {
  try {
    return Number(readFileSync(SCHEDULED, "utf8")) || Date.now();
  } catch {
    return Date.now();
  }
}

function noteScheduled(until: number): void {
  try {
    writeFileSync(SCHEDULED, String(until));
  } catch (error) {
    log({ level: "warn", event: "schedule_not_noted", reason: String(error) });
  }
}

process.on("uncaughtException", (error) => fail(String(error)));
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const build = BUILD ?? join(DATA, "build");
const isBuildOnly = process.argv.includes("--build");
if (isBuildOnly || BUILD === null || !isBuilt(build)) {
  mkdirSync(build, { recursive: true });
  await buildWorker(build);
}
if (isBuildOnly) process.exit(0);

const directory = join(DATA, "worker/v3");
mkdirSync(directory, { recursive: true, mode: 0o700 });
const worker = builtWorker(build);
const file = env["MEMORY_VARIABLES_FILE"];
const variables = variablesOf(file ? parseEnv(readFileSync(file, "utf8")) : env);
const lines = new JsonLines("worker", Date.now);
const server = new Server({
  worker: {
    ...worker,
    bindings: { ...worker.bindings, ...variables },
    ...(HAS_OAUTH && { kvNamespaces: ["OAUTH_KV"] }),
  },
  host: HOST,
  port: PORT,
  url: URL,
  directory,
  crons: Object.values(JOBS).map(({ cron }) => cron),
  since: scheduledUntil(),
  onLine: (line) => process.stdout.write(lines.take(Buffer.from(`${line}\n`))),
  log,
  onScheduled: noteScheduled,
});
let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  log({ level: "info", event: "server_stopping" });
  const token = variables["ADMIN_TOKEN"];
  const unsent_rows = token ? await drain(URL, token, DRAIN_S) : null;
  log({ level: unsent_rows === 0 ? "info" : "warn", event: "server_drained", unsent_rows });
  await server.stop();
  process.exit(0);
}
await server.ready();
for (const signal of ["SIGTERM", "SIGINT"]) {
  // The runtime's library ends the process at once.
  process.removeAllListeners(signal);
  process.on(signal, () => void stop());
}
log({ level: "info", event: "server_started", host: HOST, port: PORT, pid: process.pid });
void server.runSchedule();
await server.hung();
fail("the Worker has not answered for a minute");
