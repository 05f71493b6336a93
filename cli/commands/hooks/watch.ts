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
import { IMPORTERS, type Source } from "../../importers/index.ts";
import { Normaliser } from "../../importers/normaliser/normaliser.ts";
import { fileText } from "../../importers/reading/key-values.ts";
import { whole } from "../../parse.ts";
import { option, type CommandSpec, type Values } from "../../spec.ts";
import { safe } from "../../terminal/output.ts";

/** Formats whose files are of one session each, and grow. */
const SOURCES = ["claude-code", "codex", "cursor", "opencode"] as const satisfies Source[];
/** Seconds between two looks. */
const EVERY_S = 5;
/** Files that are remembered; of more the oldest are read again. */
const FILES_MAX = 50_000;

/** What a file was like when it was taken in. */
type Seen = Map<string, string>;

/** The files that are new, or have changed since they were taken in. */
function changed(folder: string, source: Source, seen: Seen): { name: string; was: string }[] {
  const { files } = IMPORTERS[source];
  return globSync("**/*", { cwd: folder })
    .filter((name) => files.test(basename(name).replace(/\.gz$/, "")))
    .sort()
    .flatMap((name) => {
      const stat: Stats | undefined = statSync(join(folder, name), { throwIfNoEntry: false });
      if (!stat?.isFile()) return [];
      const was = `${stat.size} ${stat.mtimeMs}`;
      return seen.get(name) === was ? [] : [{ name, was }];
    });
}

/** The lines of a file as it is now. A last line that is being written is told, and read next time. */
function linesOf(folder: string, name: string, source: Source): Line[] {
  const normaliser = new Normaliser(source, IMPORTERS[source], new Notes());
  const text = fileText(join(folder, name), IMPORTERS[source].stored);
  return [...normaliser.read({ name, text }), ...normaliser.end()].map((line) =>
    line.type === "episode" && !line.outcome && !line.status
      ? { ...line, status: "abandoned" }
      : line,
  );
}

interface Round {
  created: number;
  updated: number;
  refused: number;
}

/** Takes in what has changed. @throws MemoryError when the service cannot be reached */
async function takeIn(
  memory: MemoryClient,
  { folder, source, seen, note }: Watched,
): Promise<Round> {
  const round: Round = { created: 0, updated: 0, refused: 0 };
  for (const { name, was } of changed(folder, source, seen)) {
    let lines: Line[] = [];
    try {
      lines = linesOf(folder, name, source);
    } catch (error) {
      note(`${name}: ${String(error)}`);
    }
    for await (const answer of memory.import(lines, { onConflict: "update" })) {
      if (answer.status === "created") round.created += 1;
      else if (answer.status === "updated") round.updated += 1;
      else if (answer.status === "error") {
        round.refused += 1;
        note(`${name}: ${answer.error.code}: ${answer.error.detail}`);
      }
    }
    if (seen.size >= FILES_MAX) seen.delete(seen.keys().next().value ?? "");
    seen.set(name, was);
  }
  return round;
}

interface Watched {
  folder: string;
  source: Source;
  seen: Seen;
  note: (text: string) => void;
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
