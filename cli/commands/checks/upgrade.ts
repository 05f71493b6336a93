/**
 * `memory-cli upgrade check`: whether another version can be deployed now. It changes nothing.
 *
 * @module
 */

import packageJson from "../../../package.json" with { type: "json" };
import type { MemoryClient } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError } from "../../exit.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { duration, type Shown } from "../../terminal/output.ts";
import { Checklist, type Finding } from "./checklist.ts";
import { readiness } from "./readiness.ts";

const DAY_MS = 86_400_000;

/** An answer of a service whose version may be another one. */
type Answered = { [key: string]: unknown };

async function upgradeCheck(app: App, to: string | null): Promise<Shown> {
  const list = new Checklist(app);
  const client = app.anyone({ retries: 0 });
  if (to !== null) await list.check("way back", async () => wayBack(await app.admin(), to));
  await list.check("version", async () => {
    const { version } = await client.call("getVersion");
    return version === packageJson.version
      ? `${version} is deployed, and is what is here`
      : `${version} is deployed; here is ${packageJson.version}`;
  });
  await list.check("ready", async () => {
    const { status } = await readiness(client);
    if (status === "healthy") return status;
    return {
      verdict: status === "degraded" ? "warn" : "fail",
      message: `${status}: mend that first (memory-cli diagnose)`,
    };
  });
  const admin = await app.admin();
  await list.check("instances", () => instances(admin));
  await list.check("migrations", () => migrations(app, admin));
  await list.check("backup", () => newestBackup(app, admin));
  return list.shown();
}

/** Whether an earlier release runs on the database as it is. */
async function wayBack(admin: MemoryClient, to: string): Promise<string> {
  const { MIGRATIONS } = await import("../../../src/storage/index.ts");
  const { migrations: there } = await admin.call("planMigrations");
  const past = MIGRATIONS.find(
    ({ version, oldest_release: oldest }) =>
      oldest !== undefined &&
      isBefore(to, oldest) &&
      there.some((one) => one.version === version && one.state !== "pending"),
  );
  if (!past) return `${to} runs on the database as it is`;
  const { version, name, oldest_release } = past;
  throw new CliError(
    `${to} does not run past migration ${version} (${name}), which took away what releases before ${oldest_release} need: stay, or restore the backup from before it into a new database (RB-003)`,
  );
}

/** @throws when `release` is none */
function isBefore(release: string, other: string): boolean {
  const numbersOf = (text: string): number[] => {
    const numbers = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number);
    if (!numbers) throw new CliError(`"${text}" is no release, such as 0.2.0.`);
    return numbers;
  };
  const [mine, its] = [numbersOf(release), numbersOf(other)];
  const at = mine.findIndex((number, i) => number !== its[i]);
  return at >= 0 && (mine[at] ?? 0) < (its[at] ?? 0);
}

async function instances(admin: MemoryClient): Promise<Finding> {
  const { instances: all, maintenance } = await admin.call("listInstances");
  const answering = all.flatMap((one) => ("error" in one ? [] : [one]));
  const silent = all.length - answering.length;
  if (silent > 0) throw new CliError(`${silent} of ${all.length} do not answer`);

  const sum = (of: (one: (typeof answering)[number]) => number): number =>
    answering.reduce((total, one) => total + of(one), 0);
  const dead = sum((one) => one.outbox.dead);
  if (dead > 0) return { verdict: "warn", message: `${dead} dead letters: memory-cli outbox dead` };

  const rows = sum((one) => one.outbox.rows);
  const active = sum((one) => one.active_episodes);
  const mode = maintenance ? ", maintenance is on" : "";
  const message = `${answering.length} answer, ${active} episodes run, ${rows} rows wait${mode}`;
  return rows > 0 ? { verdict: "warn", message: `${message}: memory-cli drain` } : message;
}

async function migrations(app: App, admin: MemoryClient): Promise<Finding> {
  const plan = await app.ifRouteExists(admin.request("GET", "/admin/migrations"));
  if (plan === null)
    return { verdict: "skip", message: "this service applies them by itself and shows no plan" };
  const { problems = [], migrations: list = [] } = plan as {
    problems?: unknown[];
    migrations?: Answered[];
  };
  if (problems.length > 0)
    return { verdict: "fail", message: `${problems.join("; ")}: memory-cli migrate --dry-run` };
  const { MIGRATIONS } = await import("../../../src/storage/index.ts");
  const applied = new Set(
    list.flatMap((one) => (one["state"] === "applied" ? one["version"] : [])),
  );
  // Of the version that is here, too, which is not deployed yet.
  const versions = new Set([...MIGRATIONS, ...list].map((one) => one.version));
  const pending = [...versions].filter((version) => !applied.has(version)).length;
  return pending === 0
    ? "none is pending"
    : { verdict: "warn", message: `${pending} pending: memory-cli migrate --dry-run` };
}

/** Of the database, whole, and read back: a snapshot brings back only what instances held. */
async function newestBackup(app: App, admin: MemoryClient): Promise<Finding> {
  const answer = await app.ifRouteExists(admin.request("GET", "/admin/backups"));
  if (answer === null) return { verdict: "skip", message: "this service has no backups" };
  const { backups = [] } = answer as { backups?: Answered[] };
  const usable = backups.filter(isUsable);
  const times = usable.map((one) => Date.parse(String(one["finished_at"] ?? one["created_at"])));
  const newest = Math.max(...times.filter((at) => !Number.isNaN(at)));
  if (!Number.isFinite(newest)) {
    const others = backups.length === 0 ? "" : ` of ${backups.length} that was read back`;
    return { verdict: "fail", message: `there is none${others}: memory-cli backup create` };
  }
  const age = Date.now() - newest;
  const message = `the last one that was read back is ${duration(age)} old`;
  return age < DAY_MS
    ? message
    : { verdict: "fail", message: `${message}: memory-cli backup create` };
}

function isUsable({ kind, authentic, verified, scope }: Answered): boolean {
  const { namespace = null, since = null } = (scope ?? {}) as Answered;
  const isWhole = kind !== "snapshot" && namespace === null && since === null;
  const { ok } = (verified ?? {}) as Answered;
  return isWhole && authentic !== false && ok === true;
}

export const UPGRADE: readonly CommandSpec[] = [
  {
    name: "upgrade check",
    summary: "whether another version can be deployed now",
    options: [option("--to <release>", "go back to an earlier release: whether it can")],
    examples: [
      "memory-cli upgrade check --profile production",
      "memory-cli upgrade check --to 0.2.0",
    ],
    run: (app, _args, { to }) => upgradeCheck(app, typeof to === "string" ? to : null),
  },
];
