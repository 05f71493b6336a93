/**
 * `backup …`, `job …`, `migrate`, `capacity`, `incident …`
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import type { MemoryClient } from "../../../client/index.ts";
import { columns, told, viewed, type App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { cell, table, type Row, type Shown } from "../../terminal/output.ts";
import { time, whole } from "../../parse.ts";
import { confirm } from "../../terminal/prompt.ts";
import { option, type CommandSpec } from "../../spec.ts";

const POLL_MS = 1_000;
const ID = [["<id>", "the backup"]] as const;
const DONE: Readonly<Record<string, boolean>> = {
  succeeded: true,
  success: true,
  completed: true,
  complete: true,
  done: true,
  failed: false,
  errored: false,
  error: false,
  cancelled: false,
  canceled: false,
  terminated: false,
};

const statusOf = (job: Row): string =>
  cell(job["status"] ?? job["state"] ?? job["result"] ?? "unknown");

/** The job that an answer has begun; null: it was done at once. */
function jobIdOf(answer: unknown): string | null {
  const { job_id, job, id } = (answer ?? {}) as { job_id?: unknown; job?: unknown; id?: unknown };
  if (typeof job_id === "string") return job_id;
  if (typeof job === "string") return job;
  if (typeof job === "object" && job !== null) return String((job as Row)["id"]);
  return typeof id === "string" && !(statusOf(answer as Row) in DONE) ? id : null;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value.trim() : JSON.stringify(value);
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Rows and bytes of a job, wherever it says them. */
function progressOf(job: Row): { done: number; total: number | null; note: string } {
  const said = (
    typeof job["progress"] === "object" && job["progress"] !== null ? job["progress"] : job
  ) as Row;
  const done = number(said["rows"]) ?? number(said["rows_done"]) ?? number(said["done"]) ?? 0;
  const percent = number(said["percent"]) ?? number(job["progress"]);
  const total =
    number(said["rows_total"]) ??
    number(said["total"]) ??
    (percent !== null && percent > 0 ? Math.round((done * 100) / percent) : null);
  return { done, total, note: cell(said["phase"] ?? said["step"] ?? job["phase"] ?? "") };
}

/** Follows a job to its end, with its rate and the time left. */
async function follow(app: App, admin: MemoryClient, id: string): Promise<Shown> {
  const progress = app.progress(id, "rows");
  for (;;) {
    const job = (await admin.request("GET", `/admin/jobs/${encodeURIComponent(id)}`)) as Row;
    const inner = (typeof job["job"] === "object" && job["job"] !== null ? job["job"] : job) as Row;
    const ended = DONE[statusOf(inner)];
    if (ended !== undefined) {
      progress.end();
      return { ...viewed(inner), exit: ended ? EXIT.ok : EXIT.failed };
    }
    const { done, total, note } = progressOf(inner);
    progress.update(done, total, note);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Starts long work, and follows it unless it is told not to. */
async function begin(app: App, path: string, body: Row, detach: unknown): Promise<Shown> {
  const admin = await app.admin();
  const answer = await admin.request("POST", path, { body });
  const job = jobIdOf(answer);
  if (job === null || detach === true) return viewed(answer);
  app.note(`job ${job}`);
  return follow(app, admin, job);
}

const idList = (text: string): string[] =>
  text
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");

const detach = option("--detach", "do not wait; the job goes on");
const given = (fields: Row): Row =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function rowsOf(data: unknown, key: string): Shown {
  const rows = (Array.isArray(data) ? data : ((data as Row)[key] ?? [])) as Row[];
  const names = [
    ...new Set(
      rows.flatMap((row) =>
        Object.entries(row)
          .filter(([, value]) => typeof value !== "object" || value === null)
          .map(([name]) => name),
      ),
    ),
  ];
  return {
    data,
    text: (colors, width) => table(rows, columns(...names.slice(0, 9)), colors, width),
  };
}

/** What is not applied yet, with its SQL; or what was applied just now. */
function migrationsShown(plan: Row): Shown {
  const rows = (plan["migrations"] ?? []) as Row[];
  const applied = (plan["applied"] ?? []) as unknown[];
  const problems = (plan["problems"] ?? []) as unknown[];
  return {
    data: plan,
    text: (colors) => {
      const lines = problems.map((problem) => colors.red(textOf(problem)));
      if (plan["executed"] === true) {
        const backup = typeof plan["backup"] === "string" ? `, after backup ${plan["backup"]}` : "";
        const done =
          applied.length === 0
            ? "Nothing was pending."
            : `Applied: ${applied.join(", ")}${backup}.`;
        return [...lines, colors.green(done)].join("\n");
      }
      const pending = rows.filter(({ state }) => state !== "applied");
      if (pending.length === 0) return [...lines, colors.green("Nothing is pending.")].join("\n");
      for (const { version, name, kind, state, sql } of pending) {
        lines.push(colors.bold(`${cell(version)}  ${cell(name)}  (${cell(kind)}, ${cell(state)})`));
        for (const text of (sql ?? []) as unknown[])
          lines.push(`  ${textOf(text).replaceAll("\n", "\n  ")};`);
      }
      return lines.join("\n");
    },
  };
}

async function migrate(app: App, { execute, backup, yes }: Row): Promise<Shown> {
  const admin = await app.admin();
  if (execute !== true)
    return migrationsShown((await admin.request("GET", "/admin/migrations")) as Row);
  await confirm("Migrate the database?", yes === true);
  const body = { execute: true, without_backup: backup === false };
  return migrationsShown((await admin.request("POST", "/admin/migrations", { body })) as Row);
}

export const BACKUPS: readonly CommandSpec[] = [
  {
    name: "backup create",
    summary: "take a backup now (RB-003)",
    options: [
      option("--kind <kind>", "which", {
        choices: ["full", "incremental", "snapshot"],
        default: "full",
      }),
      option("--days <count>", "of a full one: only what began in the last so many days", {
        parse: whole(1, 3_650),
      }),
      detach,
    ],
    examples: ["memory-cli backup create", "memory-cli backup create --kind snapshot --detach"],
    notes: "With -n only that namespace, of a full one.",
    run: (app, _args, { kind, days, detach: away }) =>
      begin(
        app,
        "/admin/backups",
        given({ kind, window_days: days, namespace: app.options.namespace }),
        away,
      ),
  },
  {
    name: "backup list",
    summary: "list backups, newest first",
    options: [option("--limit <count>", "at most so many", { parse: whole(1, 500) })],
    examples: [
      "memory-cli backup list",
      "memory-cli backup list --format json | jq -r '.backups[0].id'",
    ],
    run: async (app, _args, { limit }) =>
      rowsOf(
        await (
          await app.admin()
        ).request("GET", "/admin/backups", { query: given({ limit }) as Record<string, string> }),
        "backups",
      ),
  },
  {
    name: "backup view",
    summary: "view a backup's manifest",
    args: ID,
    examples: ["memory-cli backup view ID"],
    run: async (app, [id = ""]) =>
      viewed(await (await app.admin()).request("GET", `/admin/backups/${encodeURIComponent(id)}`)),
  },
  {
    name: "backup verify",
    summary: "prove a backup: every count and every checksum",
    args: ID,
    options: [detach],
    examples: ["memory-cli backup verify ID"],
    run: (app, [id = ""], { detach: away }) =>
      begin(app, `/admin/backups/${encodeURIComponent(id)}/verify`, {}, away),
  },
  {
    name: "backup restore",
    summary: "restore a backup, or part of it (RB-003)",
    args: [["[id]", "the backup"]],
    options: [
      option("--snapshot <id>", "a snapshot, with --instance"),
      option("--instance <n>", "only this instance", { parse: whole(0, 63) }),
      option("--episode <id>", "only this episode"),
      option("--replace", "what is not in the backup goes; otherwise it stays"),
      option("--bring-back", "what was deleted since, too"),
      option(
        "--outbox <what>",
        "what instances have not sent yet: send it afterwards, or set it aside",
        {
          choices: ["replay", "keep"],
          default: "replay",
        },
      ),
      option("--settings", "of a snapshot: the settings too"),
      option("--keys <ids>", "bring back these API keys, by id, with commas; no others come back", {
        parse: idList,
      }),
      option(
        "--accept-unauthenticated",
        "of a backup that BACKUP_KEY did not write, and that you know to be genuine",
      ),
      option("--dry-run", "say what would be done"),
      option("-y, --yes", "do not ask"),
      detach,
    ],
    examples: [
      "memory-cli backup restore ID --dry-run",
      "memory-cli backup restore ID -n my-agent --yes",
      "memory-cli backup restore --snapshot ID --instance 2 --yes",
    ],
    notes:
      "With -n only that namespace. It is verified against the manifest before anything is touched; a repetition changes nothing.",
    async run(app, [given_id], values) {
      const id = given_id ?? (values["snapshot"] as string | undefined);
      if (id === undefined)
        throw new CliError(
          "Name the backup: memory-cli backup restore ID, or --snapshot ID --instance N",
        );
      const {
        instance,
        episode,
        outbox,
        dryRun,
        replace,
        bringBack,
        settings,
        keys,
        yes,
        detach: away,
      } = values;
      const body = given({
        mode: replace === true ? "replace" : "merge",
        namespace: app.options.namespace,
        episode,
        deleted: bringBack === true ? "bring_back" : "respect",
        outbox,
        instance,
        settings,
        keys,
        accept_unauthenticated: values["acceptUnauthenticated"],
        dry_run: dryRun,
      });
      if (dryRun !== true) await confirm(`Restore the backup ${id}?`, yes === true);
      return begin(app, `/admin/backups/${encodeURIComponent(id)}/restore`, body, away);
    },
  },
  {
    name: "job list",
    summary: "list long work, newest first",
    examples: ["memory-cli job list"],
    run: async (app) => rowsOf(await (await app.admin()).request("GET", "/admin/jobs"), "jobs"),
  },
  {
    name: "job view",
    summary: "view a job, or follow it to its end",
    args: [["<id>", "the job"]],
    options: [option("--follow", "until it ends, with its rate and the time left")],
    examples: ["memory-cli job view ID", "memory-cli job view ID --follow"],
    async run(app, [id = ""], { follow: wanted }) {
      const admin = await app.admin();
      return wanted === true
        ? follow(app, admin, id)
        : viewed(await admin.request("GET", `/admin/jobs/${encodeURIComponent(id)}`));
    },
  },
  {
    name: "backup delete",
    summary: "delete a backup that nothing needs",
    args: ID,
    options: [option("-y, --yes", "do not ask"), detach],
    examples: ["memory-cli backup delete ID --yes"],
    async run(app, [id = ""], { yes, detach: away }) {
      await confirm(`Delete the backup ${id}?`, yes === true);
      const answer = await (
        await app.admin()
      ).request("DELETE", `/admin/backups/${encodeURIComponent(id)}`);
      const job = jobIdOf(answer);
      if (job === null || away === true) return viewed(answer);
      return follow(app, await app.admin(), job);
    },
  },
  {
    name: "backup drill",
    summary: "restore the newest chain into a scratch place and compare",
    options: [detach],
    examples: ["memory-cli backup drill"],
    run: (app, _args, { detach: away }) => begin(app, "/admin/drills", {}, away),
  },
  {
    name: "job cancel",
    summary: "cancel a job",
    args: [["<id>", "the job"]],
    options: [
      option("--release", "of a restore: give the database back although it is half restored"),
    ],
    examples: ["memory-cli job cancel ID"],
    run: async (app, [id = ""], { release }) => {
      const body = { release: release === true };
      return viewed(
        await (
          await app.admin()
        ).request("POST", `/admin/jobs/${encodeURIComponent(id)}/cancel`, { body }),
      );
    },
  },
  {
    name: "migrate",
    summary: "plan or run the migrations of the database (RB-007)",
    options: [
      option("--dry-run", "print the plan and its SQL (this is the default)", {
        conflicts: "execute",
      }),
      option("--execute", "take a backup, then migrate"),
      option("--no-backup", "without a backup before it"),
      option("-y, --yes", "do not ask"),
    ],
    examples: ["memory-cli migrate --dry-run", "memory-cli migrate --execute --yes"],
    run: (app, _args, values) => migrate(app, values),
  },
  {
    name: "capacity",
    summary: "measured rates and sizes, and when a limit is reached (RB-006)",
    examples: ["memory-cli capacity", "memory-cli capacity --format json"],
    run: async (app) => viewed(await (await app.admin()).request("GET", "/admin/capacity")),
  },
  {
    name: "incident list",
    summary: "what happened, newest first",
    options: [option("--since <time>", "how far back", { parse: time, default: 3_600_000 })],
    examples: ["memory-cli incident list --since 24h"],
    run: async (app, _args, { since }) => {
      const query = { since: `${Math.ceil(Number(since) / 60_000)}m` };
      const data = await (await app.admin()).request("GET", "/admin/incidents", { query });
      return rowsOf(
        data,
        Array.isArray((data as Row)["timeline"])
          ? "timeline"
          : Array.isArray((data as Row)["events"])
            ? "events"
            : "incidents",
      );
    },
  },
  {
    name: "incident export",
    summary: "the timeline with metric samples, for a post-mortem (RB-004)",
    options: [
      option("--since <time>", "how far back", { parse: time, default: 3_600_000 }),
      option("-o, --output <file>", "write it there"),
    ],
    examples: [
      "memory-cli incident export --since 1h > incident.md",
      "memory-cli incident export --since 1h --format json -o incident.json",
    ],
    notes: "Markdown, unless --format says json or yaml.",
    async run(app, _args, { since, output }) {
      const markdown = app.options.format === "table";
      const query = {
        since: `${Math.ceil(Number(since) / 60_000)}m`,
        ...(markdown ? { format: "markdown" } : {}),
      };
      const data = await (await app.admin()).request("GET", "/admin/incidents", { query });
      const text = typeof data === "string" ? data : JSON.stringify(data, null, 2);
      if (typeof output !== "string") return told(data, text);
      writeFileSync(output, text, { mode: 0o600 });
      return told({ written: output }, `written: ${output}`);
    },
  },
];
