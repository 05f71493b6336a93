/**
 * What was learned, as files that agents read: `skills …`.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "node:path";
import type { Answer } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { writeText } from "../../hooks/install/files.ts";
import { withSection } from "../../skills/agents.ts";
import { applyChange, readFolders, readPlain, requirePlainWay } from "../../skills/folder.ts";
import { planSkills, type Change } from "../../skills/plan.ts";
import { option, type CommandSpec, type OptionSpec, type Values } from "../../spec.ts";
import type { Row, Shown } from "../../terminal/output.ts";
import { shownList } from "../../terminal/shown.ts";

const FOLDER = ["<folder>", "where the skills' folders are, such as .claude/skills"] as const;
const options: readonly OptionSpec[] = [
  option("--agents <file>", "the AGENTS.md that names the skills; by default in the folder"),
  option("--dry-run", "say what would be done, and do nothing"),
];

type Skill = Answer<"listSkills">["skills"][number];

/** What becomes of an `AGENTS.md`. */
interface AgentsChange {
  path: string;
  does: "write" | "leave" | "keep";
  text: string;
}

export const SKILLS: readonly CommandSpec[] = [
  {
    name: "skills list",
    summary: "what was learned, a skill for each kind of task",
    examples: ["memory-cli skills list"],
    async run(app) {
      return shownList(await (await app.memory()).skills.list(), "skills", [
        ["NAME", (row: Row) => row["name"]],
        ["DOMAIN", (row: Row) => row["domain"]],
        ["RUNS", (row: Row) => row["runs"]],
        ["SUCCEEDED", (row: Row) => row["succeeded"]],
      ]);
    },
  },
  {
    name: "skills export",
    summary: "write what was learned as SKILL.md files",
    args: [FOLDER],
    options,
    examples: ["memory-cli skills export .claude/skills --agents AGENTS.md"],
    notes:
      "The same memory gives the same files. It changes no file that a person changed: where there is one it does nothing, and `skills sync` is what to use.",
    run: (app, [folder = ""], values) => written(app, folder, values, true),
  },
  {
    name: "skills sync",
    summary: "bring exported skills up to date, and keep what a person wrote",
    args: [FOLDER],
    options,
    examples: ["memory-cli skills sync .claude/skills --dry-run"],
    notes:
      "What stands outside of the marks in a file stays, and so do a description and a generated part that a person changed. What was banned since, or is not known any more, goes.",
    run: (app, [folder = ""], values) => written(app, folder, values, false),
  },
];

async function written(
  app: App,
  folder: string,
  { agents, dryRun }: Values,
  isExport: boolean,
): Promise<Shown> {
  const root = resolve(folder);
  const file = resolve(typeof agents === "string" ? agents : join(root, "AGENTS.md"));
  for (const path of [root, file]) requirePlainWay(path);
  const { skills } = await (await app.memory()).skills.list();
  const changes = planSkills(readFolders(root), skills);
  const section = agentsChange(file, root, skills);
  const kept = keptIn(changes, section);
  const changed = isExport ? changes.find(({ does }) => does === "keep" || does === "empty") : null;
  if (changed || (isExport && section.does === "keep")) {
    const path = changed ? join(folder, changed.name) : section.path;
    throw new CliError(
      `A person changed ${path}; nothing was written. Use: memory-cli skills sync ${folder}`,
      EXIT.conflict,
    );
  }
  if (dryRun !== true) {
    for (const change of changes) applyChange(root, change);
    if (section.does === "write") writeText(section.path, section.text);
  }
  return shownChanges({ folder, changes, section, kept, isDry: dryRun === true });
}

function agentsChange(path: string, root: string, skills: readonly Skill[]): AgentsChange {
  const before = readPlain(path);
  const way = relative(dirname(path), root).split("\\").join("/");
  const text = withSection(before, skills, way === "" ? "" : `${way}/`);
  if (text === null) return { path, does: "keep", text: "" };
  return { path, does: text === (before ?? "") ? "leave" : "write", text };
}

function keptIn(
  changes: readonly Change[],
  section: AgentsChange,
): { path: string; why: string }[] {
  const files = changes.flatMap(({ name, does, why }) =>
    does === "keep" ? [{ path: `${name}/SKILL.md`, why: why ?? "" }] : [],
  );
  const isKept = section.does === "keep";
  return [...files, ...(isKept ? [{ path: section.path, why: "its section was changed" }] : [])];
}

function shownChanges(of: {
  folder: string;
  changes: readonly Change[];
  section: AgentsChange;
  kept: readonly { path: string; why: string }[];
  isDry: boolean;
}): Shown {
  const { folder, changes, section, kept, isDry } = of;
  const named = (does: Change["does"]): string[] =>
    changes.flatMap((change) => (change.does === does ? [change.name] : []));
  const data = {
    folder,
    created: named("create"),
    updated: named("update"),
    removed: [...named("remove"), ...named("empty")],
    agents: section.does === "write" ? section.path : null,
    kept,
    dry_run: isDry,
  };
  return {
    data,
    text: (colors) => {
      const counts = `${data.created.length} new, ${data.updated.length} updated, ${data.removed.length} removed`;
      const lines = [`${isDry ? "Would be: " : ""}${counts} in ${folder}`];
      if (data.agents !== null) lines.push(`${isDry ? "would write" : "wrote"} ${data.agents}`);
      for (const { path, why } of kept) lines.push(colors.yellow(`kept ${path}: ${why}`));
      return lines.join("\n");
    },
  };
}
