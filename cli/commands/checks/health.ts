/**
 * `memory-cli health …`: whether the service is ready, once or again and again.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "../../app.ts";
import { EXIT } from "../../exit.ts";
import { time, whole } from "../../parse.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { duration, safe, type Colors, type Shown } from "../../terminal/output.ts";
import { problemsOf, readiness, type CheckView, type ReadinessView } from "./readiness.ts";

/** How long an answer may take while it is watched, ms. */
const ANSWER_MS = 10_000;

function readinessShown(data: ReadinessView): Shown {
  return {
    data,
    text: (colors) => {
      const lines = data.checks.map(({ name, latency_ms, message, ...check }) => {
        const ms = latency_ms === null ? "" : colors.dim(`  ${duration(latency_ms)}`);
        return `${markOf(check, colors)} ${name.padEnd(18)} ${safe(message)}${ms}`;
      });
      return [paintOf(data.status, colors)(data.status), ...lines].join("\n");
    },
    exit: exitOf(data.status),
  };
}

function exitOf(status: string): number {
  if (status === "healthy" || status === "degraded") return EXIT.ok;
  return status === "unreachable" ? EXIT.unavailable : EXIT.failed;
}

function paintOf(status: string, colors: Colors): (text: string) => string {
  if (status === "healthy") return colors.green;
  return status === "degraded" ? colors.yellow : colors.red;
}

function markOf({ ok, status }: Pick<CheckView, "ok" | "status">, colors: Colors): string {
  if (ok) return colors.green("✓");
  return status === "degraded" || status === "warn" ? colors.yellow("!") : colors.red("✗");
}

/** @param times after which it ends @returns the exit code that the last answer has */
async function watch(app: App, intervalMs: number, times: number): Promise<number> {
  let last: string | null = null;
  let exit: number = EXIT.ok;
  for (let i = 0; i < times; i++) {
    if (i > 0) await sleep(intervalMs);
    const begun = performance.now();
    const view = await readiness(app.anyone({ retries: 0, timeoutMs: ANSWER_MS }));
    const ms = Math.round(performance.now() - begun);
    exit = exitOf(view.status) === EXIT.ok ? EXIT.ok : EXIT.unavailable;
    const at = new Date().toISOString();
    const hasChanged = last !== null && view.status !== last;
    app.io.stdout.write(
      app.options.format === "json"
        ? `${JSON.stringify({ at, ms, ...view })}\n`
        : `${at}  ${watchedLine(view, ms, hasChanged, app.colors)}\n`,
    );
    last = view.status;
  }
  return exit;
}

function watchedLine(view: ReadinessView, ms: number, hasChanged: boolean, colors: Colors): string {
  const status = paintOf(view.status, colors)(view.status.padEnd(11));
  const problems = problemsOf(view).join("; ");
  const change = hasChanged ? "  changed" : "";
  return `${status} ${duration(ms)}${change}${problems === "" ? "" : `  ${safe(problems)}`}`;
}

export const HEALTH: readonly CommandSpec[] = [
  {
    name: "health check",
    summary: "whether the service is ready, and what is not",
    examples: [
      "memory-cli health check",
      "memory-cli health check --url https://memory.example.com --format json",
    ],
    notes: "Exit code 0: healthy or degraded; 1: unhealthy; 6: nobody answers.",
    run: async (app) => readinessShown(await readiness(app.anyone({ retries: 0 }))),
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
];
