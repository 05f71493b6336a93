/**
 * `memory-cli migrate`: the plan of the database's migrations, and their execution.
 *
 * @module
 */

import type { Answer } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { cell, type Colors, type Shown } from "../../terminal/output.ts";

type Plan = Answer<"planMigrations">;

async function migrate(app: App, { execute, backup, yes }: Values): Promise<Shown> {
  const admin = await app.admin();
  if (execute !== true) return shownPlan(await admin.call("planMigrations"));
  await app.confirm("Migrate the database?", yes === true);
  const body = { execute: true, without_backup: backup === false };
  return shownPlan(await admin.call("migrate", { body }));
}

/** What is not applied yet, with its SQL; or what was applied just now. */
function shownPlan(plan: Plan): Shown {
  return {
    data: plan,
    text: (colors) =>
      [
        ...plan.problems.map((problem) => colors.red(problem)),
        ...(plan.executed ? appliedLines(plan, colors) : pendingLines(plan, colors)),
      ].join("\n"),
  };
}

function appliedLines({ applied, backup }: Plan, colors: Colors): string[] {
  if (applied.length === 0) return [colors.green("Nothing was pending.")];
  const first = backup === null ? "" : `, after backup ${backup}`;
  return [colors.green(`Applied: ${applied.join(", ")}${first}.`)];
}

function pendingLines({ migrations }: Plan, colors: Colors): string[] {
  const pending = migrations.filter(({ state }) => state !== "applied");
  if (pending.length === 0) return [colors.green("Nothing is pending.")];
  return pending.flatMap(({ version, name, kind, state, sql }) => [
    colors.bold(`${version}  ${cell(name)}  (${cell(kind)}, ${state})`),
    ...sql.map((text) => `  ${text.trim().replaceAll("\n", "\n  ")};`),
  ]);
}

export const MIGRATIONS: readonly CommandSpec[] = [
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
];
