/**
 * `memory-cli migrate`: the plan of the database's migrations, and their execution. The plan is that
 * of the release which this command belongs to, so that it can be read before the release is
 * deployed; the service that runs says what its database has.
 *
 * @module
 */

import packageJson from "../../../package.json" with { type: "json" };
import type { Answer, MemoryClient } from "../../../client/index.ts";
import type { Migration } from "../../../src/storage/index.ts";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { cell, type Colors, type Shown } from "../../terminal/output.ts";
import { bookmarkLines } from "./bookmarks.ts";

type Plan = Answer<"planMigrations">;

/** What becomes of a migration of this release. */
interface Planned {
  version: number;
  name: string;
  kind: Migration["kind"];
  state: "applied" | "started" | "pending";
  /** Who applies it: the first connection of this release, or `--execute`. */
  by: "first connection" | "operator" | null;
  sql: readonly string[];
}

interface ReleasePlan {
  deployed: string;
  release: string;
  schema_version: number;
  problems: string[];
  migrations: Planned[];
}

/** What this release would do to the database of the service that runs. Changes nothing. */
async function releasePlan(client: MemoryClient, admin: MemoryClient): Promise<ReleasePlan> {
  // Loaded here and not above: it brings the database's client, which no other command needs.
  const { checksumOf, MIGRATIONS: own } = await import("../../../src/storage/index.ts");
  const { version: deployed } = await client.call("getVersion");
  const living = await admin.call("planMigrations");
  const problems = [...living.problems];
  const migrations: Planned[] = [];
  for (const migration of own) {
    const { version, name, kind, statements } = migration;
    const there = living.migrations.find((one) => one.version === version);
    const state = there?.state ?? "pending";
    const applied = there?.applied_checksum ?? null;
    if (applied !== null && applied !== (await checksumOf(statements)))
      problems.push(`migration ${version} (${name}) was applied with another text`);
    const by = kind === "expand" ? "first connection" : "operator";
    // Of one that has begun the service knows what is left, where it knows the migration.
    const sql = state === "applied" ? [] : state === "started" ? (there?.sql ?? []) : statements;
    migrations.push({ version, name, kind, state, by: state === "applied" ? null : by, sql });
  }
  const schema_version = living.schema_version;
  return { deployed, release: packageJson.version, schema_version, problems, migrations };
}

async function migrate(app: App, { execute, backup, yes }: Values): Promise<Shown> {
  const admin = await app.admin();
  const plan = await releasePlan(app.anyone({ retries: 0 }), admin);
  if (execute !== true) return shownPlan(plan);

  const unknown = await unknownToService(admin, plan);
  if (unknown.length > 0) {
    throw new CliError(
      `${plan.deployed} is deployed, and does not know ${unknown.join(", ")}: deploy ${plan.release} first. It applies what only adds by itself, unless MIGRATIONS is manual.`,
      EXIT.failed,
    );
  }
  await app.confirm("Migrate the database?", yes === true);
  const body = { execute: true, without_backup: backup === false };
  return shownRun(await admin.call("migrate", { body }));
}

/** What this release would apply, and the service that runs cannot. */
async function unknownToService(
  admin: MemoryClient,
  { migrations }: ReleasePlan,
): Promise<string[]> {
  const { migrations: known } = await admin.call("planMigrations");
  return migrations
    .filter(
      ({ state, version }) => state !== "applied" && !known.some((one) => one.version === version),
    )
    .map(({ version, name }) => `migration ${version} (${name})`);
}

/** What is not applied yet, with its SQL and who applies it. */
function shownPlan(plan: ReleasePlan): Shown {
  const { deployed, release, schema_version, problems, migrations } = plan;
  return {
    data: plan,
    text: (colors) => {
      const head = `${deployed} is deployed, schema version ${schema_version}; the plan of ${release}:`;
      const lines = pendingLines(migrations, colors);
      return [head, ...problems.map((problem) => colors.red(problem)), ...lines].join("\n");
    },
  };
}

/** What was applied just now. */
function shownRun(plan: Plan): Shown {
  return {
    data: plan,
    text: (colors) =>
      [...plan.problems.map((problem) => colors.red(problem)), ...appliedLines(plan, colors)].join(
        "\n",
      ),
  };
}

function appliedLines({ applied, backup, bookmarks }: Plan, colors: Colors): string[] {
  if (applied.length === 0) return [colors.green("Nothing was pending.")];
  const first = backup === null ? "" : `, after backup ${backup}`;
  return [colors.green(`Applied: ${applied.join(", ")}${first}.`), ...bookmarkLines(bookmarks)];
}

function pendingLines(migrations: readonly Planned[], colors: Colors): string[] {
  const pending = migrations.filter(({ state }) => state !== "applied");
  if (pending.length === 0) return [colors.green("Nothing is pending.")];
  return pending.flatMap(({ version, name, kind, state, by, sql }) => [
    colors.bold(`${version}  ${cell(name)}  (${kind}, ${state})`),
    by === "operator"
      ? "  waits for memory-cli migrate --execute"
      : "  only adds: applied by the first connection; with MIGRATIONS = manual it waits, too",
    ...sql.map((text) => `  ${text.trim().replaceAll("\n", "\n  ")};`),
  ]);
}

export const MIGRATIONS: readonly CommandSpec[] = [
  {
    name: "migrate",
    summary: "plan or run the migrations of the database (RB-007)",
    options: [
      option("--dry-run", "print the plan of this release and its SQL (this is the default)", {
        conflicts: "execute",
      }),
      option("--execute", "take a backup, then migrate"),
      option("--no-backup", "without a backup before it"),
      option("-y, --yes", "do not ask"),
    ],
    notes:
      "The plan is that of the release which this memory-cli belongs to, against the database of the service that runs: run it in the checkout of a new version before it is deployed. --execute is done by the service.",
    examples: ["memory-cli migrate --dry-run", "memory-cli migrate --execute --yes"],
    run: (app, _args, values) => migrate(app, values),
  },
];
