/**
 * `memory-cli import --from FORMAT`: past runs out of other systems' files.
 *
 * @module
 */

import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { IMPORTERS, Unmapped, type Source } from "../../importers/index.ts";
import type { Line } from "../../importers/importer.ts";
import type { Shown } from "../../terminal/output.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { takeIn } from "./take-in.ts";
import { readPipe } from "../../terminal/prompt.ts";

const SOURCES = Object.keys(IMPORTERS) as Source[];

/** The files that are meant: one, or those of a folder that the format calls its own. */
function filesOf(path: string, pattern: RegExp): string[] {
  if (!existsSync(path)) throw new CliError(`There is no file or folder ${path}.`);
  if (!statSync(path).isDirectory()) return [path];
  const found = globSync("**/*", { cwd: path })
    .filter((name) => pattern.test(basename(name)))
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .sort();
  if (found.length === 0)
    throw new CliError(`No file in ${path} has a name such as this format's (${pattern.source}).`);
  return found;
}

/** What the user says of runs whose files do not say how they ended. */
function judged(line: Line, { outcome, domain, tag }: Values): Line {
  const context = { ...line.context, ...(typeof domain === "string" ? { domain } : {}) };
  const tags = [...(line.tags ?? []), ...((tag ?? []) as string[])];
  if (line.outcome || line.status) return { ...line, context, tags };
  if (outcome === "success")
    return { ...line, context, tags, outcome: { type: "success", verdict: "" } };
  if (outcome === "failure")
    return { ...line, context, tags, outcome: { type: "failure", reason: "" } };
  return { ...line, context, tags, status: "abandoned" };
}

async function importFrom(
  app: App,
  path: string | undefined,
  values: Values,
): Promise<Shown | number> {
  const importer = IMPORTERS[values["from"] as Source];
  const unmapped = new Unmapped();
  const files = path === undefined || path === "-" ? null : filesOf(path, importer.files);
  const dryRun = values["dryRun"] === true;
  const lines = async function* (): AsyncGenerator<Line> {
    for (const file of files ?? ["-"]) {
      const text = files === null ? await readPipe(app.io) : readFileSync(file, "utf8");
      for (const line of importer.read(text, basename(file), unmapped)) {
        const said = judged(line, values);
        if (said.status === "abandoned" && !line.status)
          unmapped.note(
            "how runs ended: their files do not say (say --outcome success or failure); they are kept, and teach nothing",
          );
        yield said;
      }
    }
  };
  if (!dryRun) {
    const shown = await takeIn(app, lines());
    const left = unmapped.lines();
    return {
      ...shown,
      data: { ...(shown.data as object), unmapped: left },
      text: (colors, width) =>
        [
          shown.text(colors, width),
          ...left.map((one) => colors.yellow(`  not taken over: ${one}`)),
        ].join("\n"),
    };
  }
  for await (const line of lines()) app.io.stdout.write(`${JSON.stringify(line)}\n`);
  for (const one of unmapped.lines()) app.note(`not taken over: ${one}`);
  return EXIT.ok;
}

export const IMPORTS: readonly CommandSpec[] = [
  {
    name: "import",
    summary: "take in past runs of another system",
    args: [["[path]", "a file or a folder; - or nothing for a pipe"]],
    options: [
      option("--from <format>", "whose files they are", { choices: SOURCES, required: true }),
      option("--outcome <outcome>", "how runs ended whose files do not say", {
        choices: ["success", "failure"],
      }),
      option("--domain <name>", "the domain of all of them"),
      option("--tag <tag>", "a tag for all of them; again for more", {
        parse: (value, previous) => [...((previous ?? []) as string[]), value],
      }),
      option("--dry-run", "print the lines, and send nothing"),
    ],
    examples: [
      "memory-cli import --from claude-code ~/.claude/projects",
      "memory-cli import --from codex ~/.codex/sessions --outcome success --domain coding",
      "memory-cli import --from otel traces.json --dry-run | jq .task",
      "memory-cli import --from predecessor backup.json -n legacy",
    ],
    notes: `Formats:\n${SOURCES.map((source) => `  ${source.padEnd(12)} ${IMPORTERS[source].reads}`).join("\n")}\nIt says what it could not take over. The same files again change nothing.`,
    run: (app, [path], values) => importFrom(app, path, values),
  },
];
