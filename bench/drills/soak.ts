/**
 * `npm run soak -- --minutes 90 --rate 40`: the service as it is deployed, with 16 instances, under
 * a mixed load, with a fault of the database every few minutes. Prints what its runtime holds (memory,
 * open files), what waits for the database and what is stored, and how that grows after the warm-up;
 * every answer and log line that no fault explains; and whether something acknowledged was lost.
 * With `--write` the table goes to docs/performance.md. Ends with 1 when something is unexplained,
 * lost, or left. Linux only.
 *
 * @module
 */

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { FaultProxy, type Fault } from "../../test/support/processes/fault-proxy.ts";
import { Sqld } from "../../test/support/processes/sqld.ts";
import { until } from "../../test/support/processes/until.ts";
import { ADMIN_TOKEN, Service } from "../../test/support/service/service.ts";
import { withFigures } from "../support/figures.ts";
import { SoakLoad } from "./soak-load.ts";
import { descendants, openFiles, residentBytes } from "./soak-processes.ts";

const PAGE = join(import.meta.dirname, "../../docs/performance.md");
const INSTANCES = 16;
const AGENTS = 16;
const NAMESPACES = 8;
const SAMPLE_MS = 5_000;
/** A fault lasts so long; after it, what it did is heard of for a while. */
const FAULT_MS = 15_000;
const GRACE_MS = 30_000;
/** The share of the time that is the warm-up. */
const WARM_UP = 1 / 3;
const ASKED_FOR = 1_000;
/** What is printed of each kind that nothing explains. */
const SHOWN_MAX = 10;
const LINE_CHARS = 400;
const MB = 1_000_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "90" },
    rate: { type: "string", default: "40" },
    write: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
/** Between two faults: some of each kind, however short the soak is. */
const faultEveryMs = Math.min(240_000, Math.max(45_000, (minutes * 60_000) / 6));

/** What a fault does to the database, in turns. */
const FAULTS: readonly (Fault | "slow" | "killed")[] = [
  "cut",
  "slow",
  "killed",
  "drop_reply",
  "stall",
  "garble",
];

/** Log events that a fault of the database explains, while it lasts and for a while after. */
const EXPLAINED: ReadonlySet<string> = new Set([
  "storage_operation",
  "outbox_flush_failed",
  "outbox_fenced",
  "breaker_transition",
  // Of this alone: the circuit breaker's.
  "incident",
  "cluster_down",
  "cluster_breaker",
  "write_lease_lapsed",
  "load_failed",
  "alarm_part_failed",
  "task_failed",
  "quota_uncounted",
  "redaction_unanswered",
  "publish_failed",
  "patterns_not_published",
]);

interface Sample {
  memory: number;
  files: number;
  unsent: number;
  instances: number;
  database: number;
}
const ROWS: readonly (readonly [name: string, of: keyof Sample, unit: "MB" | ""])[] = [
  ["memory of workerd, MB", "memory", "MB"],
  ["open files of workerd", "files", ""],
  ["unsent rows", "unsent", ""],
  ["stored by 16 instances and the Coordinator, MB", "instances", "MB"],
  ["the database, MB", "database", "MB"],
];

/** Times in which what the log says is a fault's, ms since the epoch. */
const windows: { from: number; to: number; fault: string }[] = [];
const samples: Sample[] = [];

const database = await Sqld.start();
const proxy = await FaultProxy.start(database.port);
const vars = {
  INSTANCE_COUNT: String(INSTANCES),
  RATE_LIMIT_PER_SECOND: "100000",
  RATE_LIMIT_BURST: "100000",
};
const service = await Service.start(proxy.url, vars, { variant: "deployed" });

function bytesUnder(directory: string): number {
  return (readdirSync(directory, { recursive: true }) as string[])
    .map((file) => statSync(join(directory, file), { throwIfNoEntry: false }))
    .reduce((sum, stat) => sum + (stat?.isFile() ? stat.size : 0), 0);
}

async function unsentRows(): Promise<number> {
  const { body } = await service.call("GET", "/admin/instances", { key: ADMIN_TOKEN });
  const instances = (body?.instances ?? []) as { outbox?: { rows: number } }[];
  return instances.reduce((sum, { outbox }) => sum + (outbox?.rows ?? 0), 0);
}

async function sample(): Promise<Sample> {
  const runtimes = descendants(process.pid).filter(({ command }) => command.includes("workerd"));
  const sum = (of: (pid: number) => number): number =>
    runtimes.reduce((total, { pid }) => total + of(pid), 0);
  return {
    memory: sum(residentBytes),
    files: sum(openFiles),
    unsent: await unsentRows(),
    instances: bytesUnder(service.storedIn),
    database: bytesUnder(database.directory),
  };
}

async function fault(kind: (typeof FAULTS)[number]): Promise<void> {
  const window = { from: Date.now(), to: Date.now() + FAULT_MS + GRACE_MS, fault: kind };
  windows.push(window);
  if (kind === "slow") proxy.delayMs = 1_000;
  else if (kind === "killed") await database.kill();
  else proxy.fault = kind;
  await sleep(FAULT_MS);
  if (kind === "killed") await database.start();
  proxy.delayMs = 0;
  proxy.fault = "pass";
  await until(
    "what waits was sent",
    async () => (await unsentRows()) < INSTANCES * AGENTS,
    120_000,
  );
  window.to = Date.now() + GRACE_MS;
}

/** Faults one after the other, the last well before the end. */
async function faults(endAt: number): Promise<void> {
  for (let n = 0; Date.now() + faultEveryMs + FAULT_MS < endAt; n++) {
    await sleep(faultEveryMs);
    const kind = FAULTS[n % FAULTS.length] ?? "cut";
    await fault(kind);
    console.log(`${minutesIn().toFixed(1)} min: ${kind}, over`);
  }
}

const begun = Date.now();
const minutesIn = (): number => (Date.now() - begun) / 60_000;

/** The lines of the log that are a warning or worse, or no event, and no fault explains. */
function unexplainedLines(): string[] {
  const isIn = (at: number): boolean => windows.some(({ from, to }) => at >= from && at <= to);
  return lines.flatMap(({ at, line, said }) => {
    const isOther = said?.event === "incident" && said.kind !== "breaker";
    if (said !== null && !isOther && isIn(at) && EXPLAINED.has(String(said.event))) return [];
    return [line];
  });
}

interface Said {
  event?: unknown;
  level?: unknown;
  kind?: unknown;
}

function eventOf(line: string): Said | null {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return null;
  }
}

/**
 * Lines that a fault must explain, with when they were looked at: to the accuracy of a sample. Others
 * are counted only, or hours of them would be held.
 */
const lines: { at: number; line: string; said: Said | null }[] = [];
let seen = 0;
function look(): void {
  const all = service.logFrom(seen);
  seen += all.length;
  for (const line of all) {
    const said = eventOf(line);
    const isOrdinary = said !== null && !["warn", "error"].includes(String(said.level));
    if (!isOrdinary && line.trim() !== "") lines.push({ at: Date.now(), line, said });
  }
}

/** By the straight line that fits best the samples after the warm-up, an hour. */
function growth(of: keyof Sample): number {
  const after = samples.slice(Math.ceil(samples.length * WARM_UP));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const x = mean(after.map((_, i) => i));
  const y = mean(after.map((one) => one[of]));
  const spread = mean(after.map((_, i) => (i - x) ** 2));
  const slope = spread === 0 ? 0 : mean(after.map((one, i) => (i - x) * (one[of] - y))) / spread;
  return slope * (3_600_000 / SAMPLE_MS);
}

function tableOf(): string {
  const warm = Math.ceil(samples.length * WARM_UP);
  const at = (index: number): Sample | undefined => samples[Math.min(index, samples.length - 1)];
  const rows = ROWS.map(([name, of, unit]) => {
    const shown = (value: number): string => (unit === "MB" ? value / MB : value).toFixed(0);
    const cells = [at(0), at(warm), at(Math.ceil((warm + samples.length) / 2)), at(samples.length)];
    const most = Math.max(...samples.map((one) => one[of]));
    const figures = [...cells.map((one) => one?.[of] ?? 0), most, growth(of)];
    return `| ${name} | ${figures.map(shown).join(" | ")} |`;
  });
  const head = "| | at first | warm | half way after that | at the end | at most | an hour |";
  return [head, "|---|--:|--:|--:|--:|--:|--:|", ...rows].join("\n");
}

try {
  const keys: string[] = [];
  for (let n = 0; n < NAMESPACES; n++) keys.push(await service.key(`soak-${n}`));
  const load = new SoakLoad({ url: service.url, keys, agents: AGENTS, rate });
  load.start();
  const endAt = begun + minutes * 60_000;
  let failure: unknown = null;
  const faulting = faults(endAt).catch((error: unknown) => {
    failure = error;
  });
  while (Date.now() < endAt && failure === null) {
    samples.push(await sample());
    look();
    await sleep(SAMPLE_MS);
  }
  await load.stop();
  await faulting;
  if (failure !== null) throw failure;
  await until("everything was sent", async () => (await unsentRows()) === 0, 120_000);
  look();
  samples.push(await sample());

  const lost = await load.lost(ASKED_FOR);
  const odd = unexplainedLines();
  const { requests, refused, unexplained } = load.counts;
  const kinds = [...new Set(windows.map(({ fault: kind }) => kind))].join(", ");
  const codes = [...refused].map(([code, count]) => `${count} ${code}`).join(", ");
  const report = [
    `${requests} requests in ${minutes} minutes by ${AGENTS} agents of ${NAMESPACES} namespaces at ${INSTANCES} instances; ${windows.length} faults of the database (${kinds}).`,
    `Refused while they lasted: ${codes || "none"}. Answers that no fault explains: ${unexplained.length}. Lines of the log that none explains: ${odd.length}, of ${seen}. Of ${ASKED_FOR} acknowledged episodes at most that were asked for at the end, lost: ${lost.length}.`,
    "",
    tableOf(),
  ].join("\n");
  console.log(`\n${report}`);
  for (const what of [odd, lost, unexplained].flatMap((all) => all.slice(0, SHOWN_MAX)))
    console.log(`! ${what.slice(0, LINE_CHARS)}`);
  if (values.write)
    writeFileSync(PAGE, withFigures(readFileSync(PAGE, "utf8"), "soak", `${report}\n`));
  process.exitCode = unexplained.length + odd.length + lost.length === 0 ? 0 : 1;
} finally {
  await service.remove();
  await proxy.remove();
  await database.remove();
}
