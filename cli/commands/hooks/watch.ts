/**
 * `memory-cli watch DIR`: session files of agents are taken in while they grow.
 *
 * @module
 */

import { existsSync, globSync, statSync, type Stats } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { MemoryClient } from "../../../client/index.ts";
import type { Line } from "../../../client/runs/events.ts";
import { Notes } from "../../../client/runs/notes.ts";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { isPassingCode } from "../../hooks/sending.ts";
import { IMPORTERS, type Source } from "../../importers/index.ts";
import { Normaliser } from "../../importers/normaliser/normaliser.ts";
import { fileText } from "../../importers/reading/key-values.ts";
import { whole } from "../../parse.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { safe } from "../../terminal/output.ts";

/** Formats of agents whose files grow. */
const SOURCES = ["claude-code", "codex", "cursor", "opencode"] as const satisfies Source[];
/** Seconds between two looks. */
const EVERY_S = 5;
/** Files that are remembered; of more the oldest are read again. */
const FILES_MAX = 50_000;

interface Watched {
  folder: string;
  source: Source;
  /** What each file was like when it was taken in. */
  seen: Map<string, string>;
  note: (text: string) => void;
}

/** A file, and what it is like now. */
interface Looked {
  name: string;
  is: string;
}

interface Round {
  created: number;
  updated: number;
  refused: number;
}

/** The folder's files of the format, as they are now. */
function look({ folder, source }: Watched): Looked[] {
  const { files } = IMPORTERS[source];
  return globSync("**/*", { cwd: folder })
    .filter((name) => files.test(basename(name).replace(/\.gz$/, "")))
    .sort()
    .flatMap((name) => {
      const stat: Stats | undefined = statSync(join(folder, name), { throwIfNoEntry: false });
      return stat?.isFile() ? [{ name, is: `${stat.size} ${stat.mtimeMs}` }] : [];
    });
}

/**
 * What is to be read together: each file that is new or has changed by itself, or all of them where
 * one has changed and sessions are spread over several.
 */
function changed(watched: Watched): Looked[][] {
  const files = look(watched);
  const others = files.filter(({ name, is }) => watched.seen.get(name) !== is);
  if (!IMPORTERS[watched.source].isSpread) return others.map((one) => [one]);
  return others.length === 0 ? [] : [files];
}

/** The lines of files as they are now. A last line that is being written is read next time. */
function linesOf({ folder, source, note }: Watched, files: readonly Looked[]): Line[] {
  const importer = IMPORTERS[source];
  const normaliser = new Normaliser(source, importer, new Notes());
  const read = files.flatMap(({ name }): Line[] => {
    try {
      const text = fileText(join(folder, name), importer.stored);
      return [...normaliser.read({ name, text })];
    } catch (error) {
      note(`${name}: ${String(error)}`);
      return [];
    }
  });
  return [...read, ...normaliser.end()].map((line) =>
    line.type === "episode" && !line.outcome && !line.status
      ? { ...line, status: "abandoned" }
      : line,
  );
}

/** Takes in what has changed. @throws MemoryError when the service cannot be reached */
async function takeIn(memory: MemoryClient, watched: Watched): Promise<Round> {
  const { seen, note } = watched;
  const round: Round = { created: 0, updated: 0, refused: 0 };
  for (const files of changed(watched)) {
    let isPassing = false;
    for await (const answer of memory.import(linesOf(watched, files), { onConflict: "update" })) {
      if (answer.status === "created") round.created += 1;
      else if (answer.status === "updated") round.updated += 1;
      else if (answer.status === "error") {
        const { code, detail } = answer.error;
        isPassing ||= isPassingCode(code);
        if (!isPassingCode(code)) round.refused += 1;
        note(`${files[0]?.name ?? ""}: ${code}: ${detail}`);
      }
    }
    // What the service had no time for is as new at the next look.
    if (!isPassing) remember(seen, files);
  }
  return round;
}

function remember(seen: Map<string, string>, files: readonly Looked[]): void {
  for (const { name, is } of files) {
    if (seen.size >= FILES_MAX && !seen.has(name)) seen.delete(seen.keys().next().value ?? "");
    seen.set(name, is);
  }
}

async function watch(app: App, folder: string, values: Values): Promise<number> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new CliError(`There is no folder ${folder}.`);
  const source = values["from"] as Source;
  const everyMs = (values["every"] as number) * 1_000;
  const note = (text: string): void => app.note(safe(text));
  const watched = { folder, source, seen: new Map<string, string>(), note };
  const memory = await app.memory();
  for (;;) {
    try {
      const { created, updated, refused } = await takeIn(memory, watched);
      if (created + updated + refused > 0)
        app.io.stdout.write(`${created} new, ${updated} updated, ${refused} refused\n`);
      if (values["once"] === true) return refused > 0 ? EXIT.failed : EXIT.ok;
    } catch (error) {
      if (values["once"] === true) throw error;
      // What was not taken in is as new at the next look.
      note(String(error));
    }
    await pause(everyMs);
  }
}

export const WATCH: readonly CommandSpec[] = [
  {
    name: "watch",
    summary: "take in an agent's session files while they grow",
    args: [["<folder>", "where the agent keeps them"]],
    options: [
      option("--from <format>", "whose files they are", { choices: SOURCES, required: true }),
      option("--every <seconds>", "between two looks", {
        parse: whole(1, 3_600),
        default: EVERY_S,
      }),
      option("--once", "look once, and end"),
    ],
    examples: [
      "memory-cli watch ~/.claude/projects --from claude-code",
      "memory-cli watch ~/.codex/sessions --from codex --every 30",
    ],
    notes: "For agents without hooks. A session that grew updates its episode; Ctrl-C ends it.",
    run: (app, [folder = ""], values) => watch(app, folder, values),
  },
];
