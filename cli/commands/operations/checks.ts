/**
 * `health …`, `smoke`, `upgrade check`
 *
 * @module
 */

import packageJson from "../../../package.json" with { type: "json" };
import type { App } from "../../app.ts";
import { Checklist } from "./checklist.ts";
import { CliError, EXIT } from "../../exit.ts";
import { duration, safe, type Shown } from "../../terminal/output.ts";
import { time, whole } from "../../parse.ts";
import { readiness, type ReadinessView } from "./readiness.ts";
import { option, type CommandSpec } from "../../spec.ts";

function readinessShown(data: ReadinessView): Shown {
  return {
    data,
    text: (colors) => {
      const paint =
        data.status === "healthy"
          ? colors.green
          : data.status === "degraded"
            ? colors.yellow
            : colors.red;
      const lines = data.checks.map(({ name, ok, status, latency_ms, message }) => {
        const mark = ok
          ? colors.green("✓")
          : status === "degraded" || status === "warn"
            ? colors.yellow("!")
            : colors.red("✗");
        const ms = latency_ms === null ? "" : colors.dim(`  ${duration(latency_ms)}`);
        return `${mark} ${name.padEnd(18)} ${safe(message)}${ms}`;
      });
      return [paint(data.status), ...lines].join("\n");
    },
    exit:
      data.status === "healthy" || data.status === "degraded"
        ? EXIT.ok
        : data.status === "unreachable"
          ? EXIT.unavailable
          : EXIT.failed,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function watch(app: App, intervalMs: number, most: number): Promise<number> {
  const { colors } = app;
  let last = "";
  let exit: number = EXIT.ok;
  for (let i = 0; i < most; i++) {
    if (i > 0) await pause(intervalMs);
    const begun = performance.now();
    const view = await readiness(app.open({ retries: 0, timeoutMs: 10_000 }));
    const ms = Math.round(performance.now() - begun);
    const bad = view.checks
      .filter(({ ok }) => !ok)
      .map(({ name, message }) => `${name}: ${message}`);
    exit = view.status === "healthy" || view.status === "degraded" ? EXIT.ok : EXIT.unavailable;
    if (app.options.format === "json")
      process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ms, ...view })}\n`);
    else {
      const paint =
        view.status === "healthy" ? colors.green : exit === EXIT.ok ? colors.yellow : colors.red;
      const changed = view.status !== last ? "  changed" : "";
      process.stdout.write(
        `${new Date().toISOString()}  ${paint(view.status.padEnd(11))} ${duration(ms)}${i > 0 ? changed : ""}${bad.length > 0 ? `  ${safe(bad.join("; "))}` : ""}\n`,
      );
    }
    last = view.status;
  }
  return exit;
}

async function smoke(app: App): Promise<Shown> {
  const list = new Checklist(app);
  const open = app.open({ retries: 0 });
  const word = `smoke${Date.now().toString(36)}`;
  let id = "";
  await list.check("alive", async () => {
    await open.request("GET", "/health/live");
    return app.target.url;
  });
  await list.check("ready", async () => {
    const { status, checks } = await readiness(open);
    if (status === "unhealthy" || status === "unreachable")
      throw new CliError(
        checks
          .filter(({ ok }) => !ok)
          .map(({ message }) => message)
          .join("; "),
      );
    return status === "healthy" ? status : { verdict: "warn", message: status };
  });
  const memory = await app.memory();
  const begun = await list.check("start an episode", async () => {
    const made = await memory.episodes.start({
      task: `smoke test ${word}`,
      context: { domain: "smoke" },
      tags: ["smoke"],
    });
    id = made.id;
    return `${id}, ${made.durability}`;
  });
  if (!begun) return list.shown();
  await list.check("log a step", async () => {
    const { last_number } = await memory.episodes.log(id, {
      tool: "smoke",
      result: { type: "success", output: word },
    });
    return `step ${last_number}`;
  });
  await list.check("read it back", async () => {
    const { steps } = await memory.episodes.get(id);
    if (steps.length !== 1) throw new CliError(`${steps.length} steps and not 1`);
    return "with its step";
  });
  await list.check("list it", async () => {
    const { episodes } = await memory.episodes.list({ text: word });
    if (!episodes.some((one) => one.id === id)) throw new CliError("it is not in the list");
    return "it is in the list";
  });
  await list.check("complete it", async () => {
    const { reward, learning } = await memory.episodes.complete(id, {
      outcome: { type: "success", verdict: "smoke" },
    });
    return `reward ${reward?.total.toFixed(2) ?? "-"}, learning ${learning}`;
  });
  await list.check("recall it", async () => {
    const { episodes, served_by } = await memory.recall({ task: `smoke test ${word}` });
    if (!episodes.some((one) => one.id === id)) throw new CliError("it is not recalled");
    return `served by the ${served_by}`;
  });
  await list.check("delete it", async () => {
    await memory.episodes.delete(id);
    const left = await memory.episodes.get(id).then(
      () => true,
      () => false,
    );
    if (left) throw new CliError("it is still there");
    return "nothing is left of it";
  });
  return list.shown();
}

/** Parts of a list that other versions may name otherwise. */
type Known = { [key: string]: unknown };

async function upgradeCheck(app: App): Promise<Shown> {
  const list = new Checklist(app);
  const open = app.open({ retries: 0 });
  await list.check("version", async () => {
    const { version } = await open.call("getVersion");
    return version === packageJson.version
      ? `${version} is deployed, and is what is here`
      : `${version} is deployed; here is ${packageJson.version}`;
  });
  await list.check("ready", async () => {
    const { status } = await readiness(open);
    if (status === "healthy") return status;
    return {
      verdict: status === "degraded" ? "warn" : "fail",
      message: `${status}: mend that first (memory-cli diagnose)`,
    };
  });
  const admin = await app.admin();
  await list.check("instances", async () => {
    const { instances, maintenance } = await admin.call("listInstances");
    const silent = instances.filter((one) => "error" in one).length;
    if (silent > 0) throw new CliError(`${silent} of ${instances.length} do not answer`);
    const views = instances.flatMap((one) => ("error" in one ? [] : [one]));
    const sum = (of: (one: (typeof views)[number]) => number): number =>
      views.reduce((total, one) => total + of(one), 0);
    const [rows, dead, active] = [
      sum((one) => one.outbox.rows),
      sum((one) => one.outbox.dead),
      sum((one) => one.active_episodes),
    ];
    if (dead > 0)
      return { verdict: "warn", message: `${dead} dead letters: memory-cli outbox dead` };
    const message = `${views.length} answer, ${active} episodes run, ${rows} rows wait${maintenance ? ", maintenance is on" : ""}`;
    return rows > 0 ? { verdict: "warn", message: `${message}: memory-cli drain` } : message;
  });
  await list.check("migrations", async () => {
    const plan = (await app.known(admin.request("GET", "/admin/migrations"))) as Known | null;
    if (plan === null)
      return { verdict: "skip", message: "this service applies them by itself and shows no plan" };
    const problems = (plan["problems"] ?? []) as unknown[];
    if (problems.length > 0)
      return { verdict: "fail", message: `${problems.join("; ")}: memory-cli migrate --dry-run` };
    const pending = ((plan["migrations"] ?? []) as Known[]).filter(
      ({ state }) => state !== "applied",
    ).length;
    return pending === 0
      ? "none is pending"
      : { verdict: "warn", message: `${pending} pending: memory-cli migrate --dry-run` };
  });
  await list.check("backup", async () => {
    const answer = (await app.known(admin.request("GET", "/admin/backups"))) as Known | null;
    if (answer === null) return { verdict: "skip", message: "this service has no backups" };
    const backups = (Array.isArray(answer) ? answer : (answer["backups"] ?? [])) as Known[];
    const times = backups.map((one) =>
      Date.parse(String(one["finished_at"] ?? one["created_at"] ?? one["at"])),
    );
    const newest = Math.max(...times.filter((one) => !Number.isNaN(one)));
    if (!Number.isFinite(newest))
      return { verdict: "fail", message: "there is none: memory-cli backup create" };
    const age = Date.now() - newest;
    const message = `the last one is ${duration(age)} old`;
    return age < 86_400_000
      ? message
      : { verdict: "fail", message: `${message}: memory-cli backup create` };
  });
  return list.shown();
}

export const CHECKS: readonly CommandSpec[] = [
  {
    name: "health check",
    summary: "whether the service is ready, and what is not",
    examples: [
      "memory-cli health check",
      "memory-cli health check --url https://memory.example.com --format json",
    ],
    notes: "Exit code 0: healthy or degraded; 1: unhealthy; 6: nobody answers.",
    run: async (app) => readinessShown(await readiness(app.open({ retries: 0 }))),
  },
  {
    name: "health watch",
    summary: "ask again and again, and say when it changes",
    options: [
      option("--interval <time>", "how often", { parse: time, default: 5_000 }),
      option("--count <times>", "end after so many", { parse: whole(1), default: Infinity }),
    ],
    examples: [
      "memory-cli health watch",
      "memory-cli health watch --interval 30s --format json >> health.jsonl",
    ],
    run: (app, _args, { interval, count }) => watch(app, Number(interval), Number(count)),
  },
  {
    name: "smoke",
    summary: "record, learn, recall and delete one episode",
    examples: ["memory-cli smoke", "memory-cli smoke --profile production --format json"],
    notes: "What it makes it deletes, and what was learned from it is taken back.",
    run: smoke,
  },
  {
    name: "upgrade check",
    summary: "whether another version can be deployed now",
    examples: ["memory-cli upgrade check --profile production"],
    run: upgradeCheck,
  },
];
