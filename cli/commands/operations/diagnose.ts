/**
 * `memory-cli diagnose`: walks the decision tree of the runbooks on a live service, and names the
 * runbook and the step.
 *
 * @module
 */

import { connect } from "node:net";
import { MemoryError, type Answer } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { EXIT } from "../../exit.ts";
import { duration, safe, type Shown } from "../../terminal/output.ts";
import { whole } from "../../parse.ts";
import { readiness } from "./readiness.ts";
import { option, type CommandSpec } from "../../spec.ts";

interface Turn {
  question: string;
  answer: "yes" | "no" | "unknown";
  /** What was seen. */
  saw: string;
  /** Where to go: the runbook, its step, and what to type. */
  next?: { runbook: string; step: string; commands: string[] };
}

const PROBES = 5;
const PROBE_MS = 5_000;

type Instance = Exclude<Answer<"listInstances">["instances"][number], { error: string }>;

async function diagnose(app: App, slowMs: number): Promise<Shown> {
  const turns = await walk(app, slowMs);
  const end = turns.at(-1);
  const healthy = turns.every(({ next }) => next === undefined);
  const data = {
    healthy,
    path: turns,
    runbook: end?.next?.runbook ?? null,
    step: end?.next?.step ?? null,
  };
  return {
    data,
    text: (colors) => {
      const lines = turns.map(({ question, answer, saw }) => {
        const mark =
          answer === "yes"
            ? colors.green("yes")
            : answer === "no"
              ? colors.red("NO ")
              : colors.yellow("?  ");
        return `${mark}  ${question}\n       ${safe(saw)}`;
      });
      if (!end?.next) lines.push(colors.green("Nothing is wrong. Monitor proactively."));
      else {
        lines.push(`${colors.bold(`→ ${end.next.runbook}: ${end.next.step}`)}`);
        for (const command of end.next.commands) lines.push(`    $ ${command}`);
      }
      return lines.join("\n");
    },
    exit: healthy ? EXIT.ok : EXIT.failed,
  };
}

async function walk(app: App, slowMs: number): Promise<Turn[]> {
  const turns: Turn[] = [];
  const responding = await isResponding(app);
  turns.push(responding);
  if (responding.answer === "no") return turns;
  const succeeding = await areSucceeding(app);
  turns.push(succeeding);
  if (succeeding.next) return turns;
  const fast = await isFast(app, slowMs);
  turns.push(fast);
  if (fast.next) return turns;
  turns.push(await isSound(app));
  return turns;
}

async function isResponding(app: App): Promise<Turn> {
  const question = "Is the service responding?";
  const { url } = app.target;
  try {
    await app.open({ retries: 0, timeoutMs: PROBE_MS }).request("GET", "/health/live");
    return { question, answer: "yes", saw: `${url}/health/live answers` };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (error instanceof MemoryError && error.status > 0) {
      return {
        question,
        answer: "no",
        saw: `${url} answers ${error.status}, but not as this service: ${said}`,
        next: {
          runbook: "RB-001",
          step: "Step 5: Verify Service Health",
          commands: ["npx wrangler deployments list", "memory-cli doctor"],
        },
      };
    }
    if (await accepts(url)) {
      return {
        question,
        answer: "no",
        saw: `something listens at ${url}, and does not answer: ${said}`,
        next: {
          runbook: "RB-001",
          step: "Step 6: Monitor Startup (network, firewall, logs)",
          commands: ["npx wrangler tail --format json", "memory-cli doctor"],
        },
      };
    }
    return {
      question,
      answer: "no",
      saw: said,
      next: {
        runbook: "RB-001",
        step: "Step 4: Start Service",
        commands: ["memory-cli doctor", "npm start", "npx wrangler deploy"],
      },
    };
  }
}

function accepts(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port || (protocol === "https:" ? 443 : 80)),
      timeout: PROBE_MS,
    });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

async function fleetOf(app: App): Promise<Answer<"listInstances"> | null> {
  if (app.target.admin_token === undefined) return null;
  return (await app.admin()).call("listInstances", {}, { retries: 0 }).catch(() => null);
}

async function areSucceeding(app: App): Promise<Turn> {
  const question = "Are requests succeeding?";
  const no = (saw: string, runbook: string, step: string, ...commands: string[]): Turn => ({
    question,
    answer: "no",
    saw,
    next: { runbook, step, commands },
  });
  const fleet = await fleetOf(app);
  if (fleet?.maintenance) {
    return no(
      `maintenance is on since ${fleet.maintenance.since}: ${fleet.maintenance.message || "no message"}`,
      "RB-002",
      "Planned Maintenance Window, Step 5: End the maintenance",
      "memory-cli maintenance off",
    );
  }
  const views = (fleet?.instances ?? []).flatMap((one) => ("error" in one ? [] : [one]));
  const silent = (fleet?.instances ?? []).filter((one) => "error" in one);
  const open = views.filter(({ breakers }) =>
    ["open", "half_open", "forced_open"].includes(breakers.turso.state),
  );
  const sick = (await readiness(app.open({ retries: 0 }))).checks.filter(({ ok }) => !ok);
  const database = sick.find(({ name }) => ["database", "storage"].includes(name));
  if (open.length > 0) {
    const states = open
      .map((one) => `instance ${one.instance} ${one.breakers.turso.state}`)
      .join(", ");
    const why = database ? `; the database: ${database.message}` : "";
    const forced = open.some(({ breakers }) => breakers.turso.state === "forced_open");
    return no(
      `circuit breaker: ${states}${why}`,
      "RB-004",
      database
        ? "Alert CircuitBreakerOpen, Step 2: Check Backend Health"
        : "Alert CircuitBreakerOpen, Step 3: Trigger Manual Recovery",
      "memory-cli doctor",
      "memory-cli breaker status",
      ...(database && !forced ? [] : ["memory-cli breaker reset turso"]),
    );
  }
  const migrations = sick.find(({ name }) => name === "migrations");
  if (migrations && !database)
    return no(
      `migrations: ${migrations.message}`,
      "RB-007",
      "Major Version Upgrade, Step 3: Run migration dry-run",
      "memory-cli migrate --dry-run",
    );
  if (database?.message.includes("[quota]"))
    return no(
      `the database: ${database.message}`,
      "RB-006",
      "Storage Full, Step 1: Find what is full",
      "memory-cli storage stats",
      "memory-cli capacity",
    );
  if (database)
    return no(
      `the database: ${database.message}`,
      "RB-004",
      "Alert HighStorageErrorRate, Step 2: Identify Root Cause",
      "memory-cli doctor",
      "npx wrangler tail --format json",
    );
  if (silent.length > 0)
    return no(
      `${silent.length} instances do not answer`,
      "RB-004",
      "Alert HighStorageErrorRate, Step 3: Immediate Mitigation",
      "memory-cli instance list",
      "npx wrangler tail --format json",
    );
  const dead = views.reduce((sum, one) => sum + one.outbox.dead, 0);
  if (dead > 0)
    return no(
      `${dead} rows were never taken by the database`,
      "RB-004",
      "Alert HighStorageErrorRate, Step 4: Verify Resolution (dead letters)",
      "memory-cli outbox dead",
      "memory-cli outbox retry",
    );
  const other = sick.find(({ status }) => status === "fail" || status === "unhealthy");
  if (other)
    return no(
      `${other.name}: ${other.message}`,
      "RB-004",
      "Alert HighStorageErrorRate, Step 2: Identify Root Cause (logs)",
      "memory-cli health check",
      "npx wrangler tail --format json",
    );
  if (fleet?.degraded)
    return no(
      `degraded mode is on since ${fleet.degraded.since}`,
      "RB-004",
      "Alert HighStorageErrorRate, Step 3: Immediate Mitigation (leave degraded mode)",
      "memory-cli degraded off",
    );
  const key = app.target.key ?? app.target.admin_token;
  if (key === undefined)
    return { question, answer: "unknown", saw: "ready, but without a key no request was made" };
  try {
    await (await app.memory()).stats({ retries: 0 });
    return {
      question,
      answer: "yes",
      saw: fleet
        ? `ready; ${views.length} instances answer; breakers closed`
        : "ready; a request with the key succeeds",
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const auth = error instanceof MemoryError && (error.status === 401 || error.status === 403);
    return auth
      ? no(
          said,
          "RB-001",
          "Step 1: Verify Prerequisites (keys)",
          "memory-cli key list",
          "memory-cli profile show",
        )
      : no(
          said,
          "RB-004",
          "Alert HighStorageErrorRate, Step 2: Identify Root Cause (logs)",
          "npx wrangler tail --format json",
        );
  }
}

async function isFast(app: App, slowMs: number): Promise<Turn> {
  const question = `Is performance acceptable (median below ${slowMs} ms)?`;
  const key = app.target.key ?? app.target.admin_token;
  const client = key === undefined ? app.open({ retries: 0 }) : await app.memory();
  const times: number[] = [];
  for (let i = 0; i < PROBES; i++) {
    const begun = performance.now();
    if (key === undefined) await client.request("GET", "/health/live");
    else await client.recall({ task: "diagnose", limit: 1 });
    times.push(performance.now() - begun);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(PROBES / 2)] ?? 0;
  const saw = `${PROBES} ${key === undefined ? "probes" : "recalls"}, median ${duration(median)}, slowest ${duration(times.at(-1) ?? 0)}`;
  if (median < slowMs) return { question, answer: "yes", saw };
  return {
    question,
    answer: "no",
    saw,
    next: {
      runbook: "RB-005",
      step: "Slow Episode Creation, Step 2: Check Storage Layer",
      commands: ["memory-cli storage health", "memory-cli config set log_level debug"],
    },
  };
}

/** What does not hurt yet. */
async function isSound(app: App): Promise<Turn> {
  const question = "Will it stay so?";
  const fleet = await fleetOf(app);
  if (!fleet)
    return {
      question,
      answer: "unknown",
      saw: "without MEMORY_ADMIN_TOKEN the instances were not asked",
    };
  const views: Instance[] = fleet.instances.flatMap((one) => ("error" in one ? [] : [one]));
  const rows = views.reduce((sum, one) => sum + one.outbox.rows, 0);
  const oldest = views
    .map((one) => one.outbox.oldest_at)
    .filter((at) => at !== null)
    .sort()[0];
  const waited = oldest === undefined ? 0 : Date.now() - Date.parse(oldest);
  if (waited > 300_000) {
    return {
      question,
      answer: "no",
      saw: `${rows} rows wait for the database, the oldest for ${duration(waited)}`,
      next: {
        runbook: "RB-005",
        step: "Slow Episode Creation, Step 3: Optimize",
        commands: ["memory-cli storage flush", "memory-cli config set batch_size 1000"],
      },
    };
  }
  const active = views.reduce((sum, one) => sum + one.active_episodes, 0);
  const since = views
    .map((one) => one.oldest_active_at)
    .filter((at) => at !== null)
    .sort()[0];
  const age = since === undefined ? 0 : Date.now() - Date.parse(since);
  if (age > 7 * 86_400_000) {
    return {
      question,
      answer: "no",
      saw: `${active} episodes run, the oldest for ${duration(age)}: an agent does not complete them`,
      next: {
        runbook: "RB-005",
        step: "High Memory Usage, Step 2: Identify Leak",
        commands: [
          "memory-cli episode list --status in_progress --all",
          "memory-cli config set episode_idle_timeout_seconds 86400",
        ],
      },
    };
  }
  return {
    question,
    answer: "yes",
    saw: `${rows} rows wait for the database, ${active} episodes run`,
  };
}

export const DIAGNOSE: readonly CommandSpec[] = [
  {
    name: "diagnose",
    summary: "walk the decision tree and name the runbook",
    options: [
      option("--slow-ms <ms>", "from when on a recall is slow", {
        parse: whole(1, 600_000),
        default: 1_000,
      }),
    ],
    examples: [
      "memory-cli diagnose",
      "memory-cli diagnose --profile production --format json | jq -r .runbook",
    ],
    notes: "Exit code 0: nothing is wrong; 1: it names the runbook and the step.",
    run: (app, _args, { slowMs }) => diagnose(app, Number(slowMs)),
  },
];
