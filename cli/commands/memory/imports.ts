/**
 * `memory-cli import --from FORMAT`: past runs out of other systems' files.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { existsSync, globSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { EpisodeLine, LessonLine, Line, Statement } from "../../../client/runs/events.ts";
import type { Importer } from "../../importers/importer.ts";
import { IMPORTERS, type Source } from "../../importers/index.ts";
import { FACTS_AS, type FactsAs } from "../../importers/normaliser/facts.ts";
import { Normaliser } from "../../importers/normaliser/normaliser.ts";
import { Notes } from "../../../client/runs/notes.ts";
import { decode } from "../../importers/reading/decode.ts";
import { fileText } from "../../importers/reading/key-values.ts";
import { escaped, safe, type Shown } from "../../terminal/output.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { takeIn } from "./take-in.ts";
import { pipeBytes } from "../../terminal/prompt.ts";

const SOURCES = Object.keys(IMPORTERS) as Source[];
/** Bytes that name what comes by a pipe: it begins alike when it has grown. */
const NAMING_BYTES = 1_024;

/** A file of an import, read when it is its turn. */
interface Given {
  name: string;
  /** Throws when it cannot be read. */
  text(): string;
}

/** The files that are meant: one, or those of a folder that the format calls its own. */
function filesOf(path: string, { files, stored }: Importer): Given[] {
  if (!existsSync(path)) throw new CliError(`There is no file or folder ${path}.`);
  if (!statSync(path).isDirectory())
    return [{ name: basename(path), text: () => fileText(path, stored) }];
  const isFile = (name: string): boolean =>
    statSync(join(path, name), { throwIfNoEntry: false })?.isFile() === true;
  const found = globSync("**/*", { cwd: path })
    .filter((name) => files.test(basename(name).replace(/\.gz$/, "")) && isFile(name))
    .sort();
  if (found.length === 0)
    throw new CliError(`No file in ${path} has a name such as this format's (${files.source}).`);
  return found.map((name) => ({ name, text: () => fileText(join(path, name), stored) }));
}

async function givenBy(app: App, path: string | undefined, importer: Importer): Promise<Given[]> {
  if (path !== undefined && path !== "-") return filesOf(path, importer);
  const bytes = await pipeBytes(app.io);
  const hash = createHash("sha256").update(bytes.subarray(0, NAMING_BYTES)).digest("hex");
  return [{ name: `pipe-${hash.slice(0, 16)}`, text: () => decode(bytes) }];
}

/** The lines of all files; one that cannot be read is reported, and the rest goes on. */
function* linesOf(files: readonly Given[], values: Values, notes: Notes): Generator<Line> {
  const source = values["from"] as Source;
  const normaliser = new Normaliser(source, IMPORTERS[source], notes, values["facts"] as FactsAs);
  for (const file of files) {
    const { name } = file;
    let text: string;
    try {
      text = file.text();
    } catch (error) {
      notes.odd(name, "the file", String(error));
      continue;
    }
    yield* normaliser.read({ name, text });
  }
  yield* normaliser.end();
}

/** What the user says of runs whose files do not say how they ended, and what facts apply to. */
function judged(line: Line, values: Values): Line {
  return line.type === "episode" ? judgedRun(line, values) : meantFact(line, values);
}

/** Of the domain and the tags that the user says. */
function meantFact(line: LessonLine, { domain, tag }: Values): LessonLine {
  const meant = (statement: Statement): Statement => {
    const { applies_to } = statement;
    const tags = [...new Set([...applies_to.tags, ...((tag ?? []) as string[])])];
    const of = typeof domain === "string" ? domain : applies_to.domain;
    return { ...statement, applies_to: { ...applies_to, domain: of, tags } };
  };
  const evidence = line.evidence.map((entry) => ({ ...entry, statement: meant(entry.statement) }));
  return { ...line, amended: line.amended && meant(line.amended), evidence };
}

function judgedRun(line: EpisodeLine, { outcome, domain, tag }: Values): EpisodeLine {
  const context = { ...line.context, ...(typeof domain === "string" ? { domain } : {}) };
  const tags = [...(line.tags ?? []), ...((tag ?? []) as string[])];
  if (line.outcome || line.status) return { ...line, context, tags };
  if (outcome === "success")
    return { ...line, context, tags, outcome: { type: "success", verdict: "" } };
  if (outcome === "failure")
    return { ...line, context, tags, outcome: { type: "failure", reason: "" } };
  return { ...line, context, tags, status: "abandoned" };
}

/** Whether nobody says how a run ended. */
function isUnjudged(line: Line, said: Line): boolean {
  if (line.type !== "episode" || said.type !== "episode") return false;
  return said.status === "abandoned" && !line.status;
}

async function importFrom(
  app: App,
  path: string | undefined,
  values: Values,
): Promise<Shown | number> {
  const source = values["from"] as Source;
  const notes = new Notes();
  const files = await givenBy(app, path, IMPORTERS[source]);
  const lines = function* (): Generator<Line> {
    for (const line of linesOf(files, values, notes)) {
      const said = judged(line, values);
      if (isUnjudged(line, said)) notes.note(UNJUDGED);
      yield said;
    }
  };
  if (values["dryRun"] === true) {
    for (const line of lines()) app.io.stdout.write(`${escaped(JSON.stringify(line))}\n`);
    for (const one of notes.lines()) app.note(`not taken over: ${safe(one)}`);
    return EXIT.ok;
  }

  const shown = await takeIn(app, lines(), "update");
  const left = notes.lines();
  return {
    ...shown,
    data: { ...(shown.data as object), unmapped: left },
    text: (colors, width) =>
      [
        shown.text(colors, width),
        ...left.map((one) => colors.yellow(`  not taken over: ${safe(one)}`)),
      ].join("\n"),
  };
}

const UNJUDGED =
  "how runs ended: their files do not say (say --outcome success or failure); they are kept, and teach nothing";

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
      option("--facts <kind>", "what facts become; lessons where it is not said", {
        choices: FACTS_AS,
      }),
      option("--dry-run", "print the lines, and send nothing"),
    ],
    examples: [
      "memory-cli import --from claude-code ~/.claude/projects",
      "memory-cli import --from codex ~/.codex/sessions --outcome success --domain coding",
      "memory-cli import --from otel traces.json --dry-run | jq .task",
      "memory-cli import --from predecessor backup.json -n legacy",
    ],
    notes: `Formats:\n${SOURCES.map((source) => `  ${source.padEnd(16)} ${IMPORTERS[source].reads}`).join("\n")}\nIt says what it could not take over. The same files again change nothing; a session that grew, or was judged since, updates its episode.`,
    run: (app, [path], values) => importFrom(app, path, values),
  },
];
