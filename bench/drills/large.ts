/**
 * `npm run drill:large [-- EPISODES]`: a namespace of episodes of 1, 8, 60, 200 and 1,000 steps,
 * with outputs of 1 kB to 1 MiB, moves with the number of instances (5 → 6 → 3), is synced, and is
 * restored into an empty database; the platform's limits are held. After each it must be whole, by
 * an export that is compared line by line. Prints how long each took, how many bytes moved in it,
 * and how long a small namespace waited meanwhile. Ends with 1 when anything is missing, when a
 * small one waited longer than 10 s, or when the bytes moved more slowly than 0.2 MB/s.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { homeOf } from "../../src/memory/rendezvous.ts";
import { largeEpisode } from "../../test/support/episodes.ts";
import { admin, run } from "../../test/support/service/jobs.ts";
import { Service } from "../../test/support/service/service.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";
import { flushed } from "../support/flushed.ts";
import { until } from "../../test/support/processes/until.ts";

const EPISODES = Number(process.argv[2] ?? 1_000);
/** Share of the episodes that have so many steps. */
const STEPS = [
  [1, 0.56],
  [8, 0.3],
  [60, 0.1],
  [200, 0.036],
  [1_000, 0.004],
] as const;
const OUTPUTS = [1_000, 1_000, 1_000, 4_000, 16_000, 64_000] as const;
/** Episodes with outputs of 1 MiB, of so many steps. */
const GIANTS = 8;
const GIANT_STEPS = 9;
const WAIT_MAX_S = 10;
const RATE_MIN = 200_000;
const STAGE_MS = 900_000;
const JOB_MS = 3_600_000;

const large = named("large");
const small = named("zz-small");
const vars = { INSTANCE_COUNT: "5", RATE_LIMIT_PER_SECOND: "100000", RATE_LIMIT_BURST: "100000" };
const database = await Sqld.start();
const service = await Service.start(database.url, vars);
let key = await service.key("*");
let failed = false;

/** A namespace that has another home after each change. */
function named(prefix: string): string {
  for (let n = 0; ; n++) {
    const homes = [5, 6, 3].map((count) => homeOf(`ns:${prefix}${n}`, count));
    if (homes[0] !== homes[1] && homes[1] !== homes[2]) return `${prefix}${n}`;
  }
}

function* episodes(): Generator<Record<string, unknown>> {
  let seed = 0;
  for (const [steps, share] of STEPS) {
    for (let n = 0; n < Math.max(1, Math.round(EPISODES * share)); n++) {
      seed += 1;
      const bytes = OUTPUTS[seed % OUTPUTS.length] ?? 1_000;
      // An episode has at most 10 MiB.
      yield largeEpisode(seed, steps, Math.min(bytes, Math.floor(9_000_000 / steps)));
    }
  }
  for (let n = 0; n < GIANTS; n++) yield largeEpisode((seed += 1), GIANT_STEPS, 1_048_576);
}

const headers = (namespace: string) => ({ "X-Memory-Namespace": namespace });

async function importAll(
  namespace: string,
  lines: Iterable<Record<string, unknown>>,
): Promise<number> {
  let bytes = 0;
  let batch: string[] = [];
  const send = async (): Promise<void> => {
    const answer = await service.call("POST", "/v1/import", {
      key,
      body: batch.join("\n"),
      headers: { ...headers(namespace), "Content-Type": "application/x-ndjson" },
    });
    const bad = answer.text.split("\n").find((line) => line !== "" && !line.includes('"created"'));
    if (answer.status !== 200 || bad !== undefined)
      throw new Error(`${answer.status} ${bad ?? answer.text}`);
    batch = [];
  };
  for (const line of lines) {
    const text = JSON.stringify(line);
    bytes += text.length;
    batch.push(text);
    if (batch.length >= 50 || text.length > 1_000_000) await send();
  }
  if (batch.length > 0) await send();
  return bytes;
}

/** What the namespace holds: a sum over its export, whose lines come in any order. */
async function fingerprint(
  namespace: string,
): Promise<{ lines: number; bytes: number; sum: string }> {
  const response = await fetch(`${service.url}/v1/export`, {
    headers: { Authorization: `Bearer ${key}`, ...headers(namespace) },
  });
  if (!response.ok) throw new Error(`export: ${response.status} ${await response.text()}`);
  const lines = (await response.text())
    .split("\n")
    .filter((line) => line.includes('"type":"episode"'));
  const sums = lines.map((line) => createHash("sha256").update(line).digest("hex")).sort();
  return {
    lines: lines.length,
    bytes: lines.reduce((sum, line) => sum + line.length, 0),
    sum: createHash("sha256").update(sums.join("")).digest("hex").slice(0, 16),
  };
}

async function learned(namespace: string): Promise<string> {
  const { body } = await service.call("GET", "/v1/stats", { key, headers: headers(namespace) });
  return JSON.stringify({ episodes: body.episodes, steps: body.steps, patterns: body.patterns });
}

async function isLoaded(namespace: string): Promise<boolean> {
  const body = { task: "repair the harbour crane number 7" };
  const answer = await service.call("POST", "/v1/recall", {
    key,
    body,
    headers: headers(namespace),
  });
  if (answer.body?.served_by !== "instance") return false;
  const word = { recall_id: answer.body.recall_id, used: [], helpful: true };
  return (
    (await service.call("POST", "/v1/feedback", { key, body: word, headers: headers(namespace) }))
      .status === 200
  );
}

/** The longest that a request of another namespace waits while something goes on, s. */
async function waitedDuring(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const begun = performance.now();
      const answer = await service
        .call("GET", "/v1/episodes?limit=1", { key, headers: headers(small) })
        .catch(() => null);
      if (answer?.status === 200) longest = Math.max(longest, (performance.now() - begun) / 1_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  try {
    await work();
  } finally {
    isDone = true;
    await asking;
  }
  return longest;
}

function judge(isGood: boolean, text: string): void {
  if (!isGood) failed = true;
  console.log(`${isGood ? "ok    " : "MISSED"} ${text}`);
}

/** Does something with the namespace, after which it must be as it was. */
async function stage(name: string, work: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  let seconds = 0;
  const waited = await waitedDuring(async () => {
    await work();
    await until(`${name}: the small namespace is loaded`, () => isLoaded(small), STAGE_MS);
    await until(`${name}: the large namespace is loaded`, () => isLoaded(large), STAGE_MS);
    seconds = (performance.now() - begun) / 1_000;
  });
  const rate = before.bytes / seconds;
  const after = await fingerprint(large);
  judge(
    after.sum === before.sum,
    `${name}: ${after.lines} of ${before.lines} episodes, each as it was`,
  );
  const isLearned = await learned(large);
  const difference = isLearned === taught ? "" : `: it was ${taught}, and is ${isLearned}`;
  judge(difference === "", `${name}: what was learned is the same${difference}`);
  judge(
    waited <= WAIT_MAX_S,
    `${name}: others waited at most ${waited.toFixed(2)} s (at most ${WAIT_MAX_S})`,
  );
  judge(
    rate >= RATE_MIN,
    `${name}: ${seconds.toFixed(1)} s, ${(rate / 1e6).toFixed(2)} MB/s of episodes`,
  );
}

async function resize(count: number): Promise<void> {
  await admin(service, "PUT", "/admin/instances", { count });
  await until(
    `${count} instances have what is theirs`,
    async () => {
      const { topology } = (await admin(service, "GET", "/admin/instances")).body;
      return topology.count === count && topology.previous === null;
    },
    STAGE_MS,
  );
}

await admin(service, "PUT", "/admin/config", { settings: { step_output_max_bytes: 1_048_576 } });
const imported = await importAll(large, episodes());
await importAll(
  small,
  [1, 2, 3].map((seed) => largeEpisode(seed, 2, 10)),
);
await flushed(service, STAGE_MS);
const before = await fingerprint(large);
const taught = await learned(large);
console.log(`${before.lines} episodes, ${(imported / 1e6).toFixed(1)} MB: ${taught}`);

await stage("5 → 6 instances", () => resize(6));
await stage("6 → 3 instances", () => resize(3));
await stage("sync", async () => {
  await admin(service, "POST", "/admin/storage/sync", { namespace: "*" });
});
const full = await run(service, "/admin/backups", { kind: "full" }, JOB_MS);
console.log(`full backup ${full.id}: ${full.rows} rows, ${full.objects} objects`);
const fresh = await Sqld.start();
await service.kill();
service.forgetAllButR2();
await service.start({}, fresh.url);
await service.takeOver();
await stage("restore into an empty database", async () => {
  await run(service, `/admin/backups/${full.id}/restore`, { mode: "merge" }, JOB_MS);
  key = await service.key("*");
});
const ready = (await admin(service, "GET", "/health/ready")).body;
const background = ready.checks.find(({ name }: { name: string }) => name === "background");
judge(background?.status === "healthy", `readiness, background: ${background?.message}`);
const broken = service
  .log()
  .split("\n")
  .filter((line) => /SQLITE_TOOBIG|limited to 32MiB|CPU time limit/.test(line));
judge(broken.length === 0, `limits of the platform that were met: ${broken.length}`);
for (const line of broken.slice(0, 5)) console.log(line.slice(0, 300));
await service.remove();
await fresh.remove();
await database.remove();
if (failed) process.exit(1);
