/**
 * `storage …`, `outbox …`, `instance …`, `drain`
 *
 * @module
 */

import type { Answer } from "../../../client/index.ts";
import { type App } from "../../app.ts";
import { EXIT } from "../../exit.ts";
import {
  bytes,
  duration,
  table,
  type Column,
  type Row,
  type Shown,
} from "../../terminal/output.ts";
import { time, whole } from "../../parse.ts";
import { readiness } from "../checks/readiness.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { shownList, shownText, columns } from "../../terminal/shown.ts";
import { bookmarkLines } from "./bookmarks.ts";

type Fleet = Answer<"listInstances">;

const inside = (row: Row, ...path: string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name], row);

const instanceColumns: readonly Column[] = [
  ["INSTANCE", (row) => row["instance"]],
  ["RELEASE", (row) => row["release"]],
  ["ACTIVE", (row) => row["active_episodes"]],
  ["CACHED", (row) => row["cached_episodes"]],
  [
    "STORAGE",
    (row) => (typeof row["storage_bytes"] === "number" ? bytes(row["storage_bytes"]) : null),
  ],
  ["WAITING", (row) => inside(row, "outbox", "rows")],
  ["DEAD", (row) => inside(row, "outbox", "dead")],
  ["TURSO", (row) => inside(row, "breakers", "turso", "state")],
  ["R2", (row) => inside(row, "breakers", "r2", "state")],
  [
    "NOTE",
    (row) =>
      row["error"] ??
      inside(row, "outbox", "last_error") ??
      (row["moving"] === true ? "moving" : ""),
  ],
];

/** Since when a mode is on and, where it ends by itself, until when. */
export function lastsText({ since, until }: NonNullable<Fleet["maintenance"]>): string {
  return until ? `since ${since}, until ${until}` : `since ${since}`;
}

export function fleetShown(data: Fleet, lead = ""): Shown {
  return {
    data,
    text: (colors, width) => {
      const lines = lead === "" ? [] : [lead];
      const { topology, maintenance, degraded } = data;
      lines.push(
        `${topology.count} instances, topology ${topology.version}${topology.previous === null ? "" : `, before it ${topology.previous}`}`,
      );
      if (maintenance)
        lines.push(
          colors.yellow(
            `maintenance ${lastsText(maintenance)} by ${maintenance.by}: ${maintenance.message}`,
          ),
        );
      if (degraded)
        lines.push(
          colors.yellow(
            `degraded by hand ${lastsText(degraded)} by ${degraded.by}: ${degraded.message}`,
          ),
        );
      lines.push(table(data.instances, instanceColumns, colors, width));
      lines.push(...bookmarkLines(data.bookmarks));
      return lines.join("\n");
    },
  };
}

async function drain(app: App, timeoutMs: number): Promise<Shown> {
  const admin = await app.admin();
  const progress = app.progress("draining", "episodes");
  const begun = Date.now();
  for (;;) {
    const left = timeoutMs - (Date.now() - begun);
    const timeout_seconds = Math.max(0, Math.min(1, Math.floor(left / 1_000)));
    const view = await admin.call("drain", { body: { timeout_seconds } });
    const spent = Date.now() - begun;
    progress.show(
      `draining  ${view.active_episodes} episodes run, ${view.unsent_rows} rows wait, ${duration(spent)} of ${duration(timeoutMs)}`,
    );
    if (view.drained || spent >= timeoutMs) {
      progress.end();
      return {
        data: { ...view, waited_ms: spent },
        text: (colors, width) => {
          const sum = view.drained
            ? colors.green(`drained in ${duration(spent)}`)
            : colors.yellow(
                `not drained in ${duration(spent)}: ${view.active_episodes} episodes run, ${view.unsent_rows} rows wait`,
              );
          return [sum, view.message, table(view.instances, instanceColumns, colors, width)].join(
            "\n",
          );
        },
        exit: view.drained ? EXIT.ok : EXIT.failed,
      };
    }
  }
}

export const STORAGE: readonly CommandSpec[] = [
  {
    name: "storage stats",
    summary: "what each instance holds, and what waits for the database",
    examples: [
      "memory-cli storage stats",
      "memory-cli storage stats --format json | jq '.instances[].outbox.rows'",
    ],
    run: async (app) => fleetShown(await (await app.admin()).call("listInstances")),
  },
  {
    name: "storage health",
    summary: "the database and the circuit breakers before it",
    examples: ["memory-cli storage health"],
    async run(app) {
      const [ready, fleet] = [
        await readiness(app.anyone({ retries: 0 })),
        await (await app.admin()).call("listInstances"),
      ];
      const checks = ready.checks.map(({ name, status, message }) => ({ name, status, message }));
      const breakers = fleet.instances.map((one) =>
        "error" in one
          ? one
          : {
              instance: one.instance,
              turso: one.breakers.turso.state,
              r2: one.breakers.r2.state,
              connections: `${one.connections.in_use}/${one.connections.limit}`,
              waiting: one.connections.waiting,
            },
      );
      const well = ready.checks.every(({ ok }) => ok);
      return {
        data: { status: ready.status, checks, breakers },
        text: (colors, width) =>
          [
            table(checks, columns("name", "status", "message"), colors, width),
            "",
            table(
              breakers,
              columns("instance", "turso", "r2", "connections", "waiting"),
              colors,
              width,
            ),
          ].join("\n"),
        exit: well ? EXIT.ok : EXIT.failed,
      };
    },
  },
  {
    name: "storage flush",
    summary: "send what waits to the database now",
    examples: ["memory-cli storage flush"],
    run: async (app) => fleetShown(await (await app.admin()).call("flushStorage"), "flushed"),
  },
  {
    name: "storage sync",
    summary: "rebuild what instances know from the database",
    options: [
      option("--force", "of all namespaces, without asking"),
      option("--all", "of all namespaces"),
    ],
    examples: ["memory-cli storage sync -n my-agent", "memory-cli storage sync --force"],
    notes: "The service goes on while it is rebuilt.",
    async run(app, _args, { force, all }) {
      const namespace = force === true || all === true ? "*" : (app.target.namespace ?? "*");
      if (namespace === "*")
        await app.confirm("Rebuild all namespaces?", force === true || all === true);
      const synced = await (await app.admin()).call("syncStorage", { body: { namespace } });
      return shownText(
        synced,
        `rebuilding ${synced.namespaces.length} namespaces${synced.namespaces.length > 0 ? `: ${synced.namespaces.join(", ")}` : ""}`,
      );
    },
  },
  {
    name: "outbox dead",
    summary: "rows that the database never took",
    options: [
      option("--limit <count>", "at most so many", { parse: whole(1, 1_000), default: 100 }),
    ],
    examples: ["memory-cli outbox dead"],
    run: async (app, _args, { limit }) =>
      shownList(
        await (await app.admin()).call("listDeadLetters", { query: { limit: Number(limit) } }),
        "dead_letters",
        columns("instance", "table", "key", "reason", "tries", "parked_at", "detail"),
      ),
  },
  {
    name: "outbox retry",
    summary: "send them again",
    examples: ["memory-cli outbox retry"],
    async run(app) {
      const { retried } = await (await app.admin()).call("retryDeadLetters");
      return shownText({ retried }, `${retried} rows are sent again`);
    },
  },
  {
    name: "instance list",
    summary: "the state of each instance",
    examples: ["memory-cli instance list"],
    run: async (app) => fleetShown(await (await app.admin()).call("listInstances")),
  },
  {
    name: "instance resize",
    summary: "change the number of instances",
    args: [["<count>", "1 to 1024"]],
    options: [option("-y, --yes", "do not ask")],
    examples: ["memory-cli instance resize 8 --yes"],
    notes:
      "Nothing is lost and nothing stale is served: what moves is handed over before it is served.",
    async run(app, [given = ""], { yes }) {
      const count = whole(1, 1_024)(given);
      await app.confirm(`Change the number of instances to ${count}?`, yes === true);
      return fleetShown(await (await app.admin()).call("resizeFleet", { body: { count } }));
    },
  },
  {
    name: "drain",
    summary: "wait until nothing runs and nothing waits (RB-002)",
    options: [
      option("--timeout <time>", "how long", { parse: time, default: 30_000 }),
      option("--maintenance [message]", "turn maintenance on first, so that nothing new begins"),
    ],
    examples: [
      "memory-cli drain --timeout 30s",
      'memory-cli drain --maintenance "We move house." --timeout 5m',
    ],
    notes: "After the timeout it says what is left, which is durable, and ends with 1.",
    async run(app, _args, { timeout, maintenance }) {
      if (maintenance !== undefined) {
        const message = typeof maintenance === "string" ? maintenance : "Draining.";
        await (await app.admin()).call("setMaintenance", { body: { enabled: true, message } });
      }
      return drain(app, Number(timeout));
    },
  },
];
