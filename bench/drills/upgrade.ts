/**
 * `npm run drill:upgrade -- DIRECTORY [SECONDS]`: a living service is upgraded from the release in
 * a directory (a checkout with its dependencies) to this one, and rolled back, on the same data and
 * under load: old, new, old, each for this many seconds (30), by `npm start` of each. Clients try
 * again until they are answered, with the same Idempotency-Key. Afterwards every episode is read
 * and compared with what was acknowledged. Prints what was done under each release and how long
 * nobody was answered; ends with 1 when anything is missing, doubled or changed, or when a request
 * was refused.
 *
 * @module
 */

import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../test/support/processes/free-port.ts";

const OWN = join(import.meta.dirname, "../..");
const CLIENTS = 4;
const STEPS = 3;
/** A request that is not answered within it is tried again, ms. */
const REQUEST_MS = 10_000;
const RETRY_MS = 250;
/** A release that does not answer for this long did not start, and a request is given up, ms. */
const START_MS = 120_000;

/** What was acknowledged of an episode. */
interface Known {
  id: string;
  steps: number;
  isCompleted: boolean;
}

const [old = "", seconds = "30"] = process.argv.slice(2);
if (!existsSync(join(old, "scripts/start.ts"))) {
  console.error("usage: npm run drill:upgrade -- DIRECTORY_OF_THE_OLD_RELEASE [SECONDS]");
  process.exit(2);
}
const data = mkdtempSync(join(tmpdir(), "upgrade-"));
const [port, databasePort] = [await freePort(), await freePort()];
const url = `http://127.0.0.1:${port}`;
const known: Known[] = [];
const refused: string[] = [];
/** What runs, to be ended however the drill ends. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const service of running) service.kill("SIGTERM");
});
let isLoading = true;
let answered = 0;
let answeredAt = Date.now();
let gap = 0;

async function isReady(): Promise<boolean> {
  const file = join(data, "local-key");
  if (!existsSync(file)) return false;
  const headers = { Authorization: `Bearer ${readFileSync(file, "utf8").trim()}` };
  const answer = await fetch(`${url}/v1/stats`, { headers, signal: AbortSignal.timeout(1_000) });
  return answer.ok;
}

async function start(directory: string): Promise<ChildProcess> {
  const environment = {
    ...process.env,
    MEMORY_DATA_DIR: data,
    MEMORY_PORT: String(port),
    MEMORY_DB_PORT: String(databasePort),
  };
  const service = spawn(process.execPath, ["scripts/start.ts"], {
    cwd: resolve(directory),
    env: environment,
    stdio: "ignore",
  });
  running.add(service);
  service.once("exit", () => running.delete(service));
  const deadline = Date.now() + START_MS;
  while (!(await isReady().catch(() => false))) {
    if (Date.now() > deadline || service.exitCode !== null)
      throw new Error(`the release in ${directory} did not start; its logs are in ${data}`);
    await sleep(RETRY_MS);
  }
  return service;
}

async function stop(service: ChildProcess): Promise<void> {
  const ended = new Promise((done) => service.once("exit", done));
  service.kill("SIGTERM");
  await ended;
}

/** The answer, however often it takes. null: it was refused, or never answered. */
async function send(path: string, body: unknown): Promise<Record<string, unknown> | null> {
  const idempotency = randomUUID();
  const deadline = Date.now() + START_MS;
  for (;;) {
    const key = readFileSync(join(data, "local-key"), "utf8").trim();
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
        "Idempotency-Key": idempotency,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    }).catch(() => null);
    const text = await answer?.text().catch(() => null);
    if (answer?.ok && text !== null && text !== undefined) {
      gap = Math.max(gap, Date.now() - answeredAt);
      answeredAt = Date.now();
      answered += 1;
      return JSON.parse(text) as Record<string, unknown>;
    }
    const isPassing = !answer || answer.status >= 500 || [409, 425, 429].includes(answer.status);
    if (!isPassing || Date.now() > deadline) {
      refused.push(`${path}: ${answer?.status ?? "no answer"} ${text ?? ""}`);
      return null;
    }
    await sleep(RETRY_MS);
  }
}

/** Runs episodes one after the other until the drill ends. */
async function client(number: number): Promise<void> {
  for (let n = 0; isLoading; n++) {
    const task = `client ${number}: move parcel ${n} to its shelf`;
    const started = await send("/v1/episodes", { task });
    if (!started) continue;
    const episode: Known = { id: String(started["id"]), steps: 0, isCompleted: false };
    known.push(episode);
    for (let step = 0; step < STEPS; step++) {
      const result = { type: "success", output: `shelf ${step}` };
      const steps = [{ tool: `tool_${(n + step) % 5}`, result }];
      if (await send(`/v1/episodes/${episode.id}/steps`, { steps })) episode.steps += 1;
    }
    const outcome = { type: "success", verdict: "moved" };
    if (await send(`/v1/episodes/${episode.id}/complete`, { outcome })) episode.isCompleted = true;
    await send("/v1/recall", { task });
  }
}

/** What of an episode is not as it was acknowledged; null: nothing. */
async function wrong({ id, steps, isCompleted }: Known): Promise<string | null> {
  const key = readFileSync(join(data, "local-key"), "utf8").trim();
  const headers = { Authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/v1/episodes/${id}`, { headers });
  if (!answer.ok) return `${id}: ${answer.status}`;
  const there = (await answer.json()) as { steps: { number: number }[]; status: string };
  const numbers = there.steps.map(({ number }) => number);
  const isWhole = numbers.length === steps && numbers.every((number, i) => number === i + 1);
  const status = isCompleted ? "completed" : "in_progress";
  return isWhole && there.status === status ? null : `${id}: ${numbers.join(" ")} ${there.status}`;
}

/** The load goes on for the time of the drill. */
async function under(name: string): Promise<void> {
  const before = { answered, episodes: known.length };
  await sleep(1_000 * Number(seconds));
  const { version } = (await (await fetch(`${url}/version`)).json()) as { version: string };
  const [requests, episodes] = [answered - before.answered, known.length - before.episodes];
  console.log(`${name} (${version}): ${requests} requests, ${episodes} episodes begun`);
}

let service = await start(old);
answeredAt = Date.now();
const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
await under("old");
await stop(service);
service = await start(OWN);
await under("new");
await stop(service);
service = await start(old);
await under("rolled back");
isLoading = false;
await clients;

const broken: string[] = [];
for (const episode of known) {
  const what = await wrong(episode);
  if (what !== null) broken.push(what);
}
console.log(`longest that nobody was answered: ${(gap / 1_000).toFixed(1)} s`);
console.log(`refused: ${refused.length}`);
console.log(`not as acknowledged: ${broken.length} of ${known.length} episodes`);
for (const line of [...refused, ...broken].slice(0, 20)) console.log(line);
await stop(service);
if (refused.length + broken.length > 0) process.exitCode = 1;
else rmSync(data, { recursive: true });
