/**
 * `memory-cli episode import`, `memory-cli episode export`: a namespace as lines, or all.
 *
 * @module
 */

import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { Io } from "../../terminal/io.ts";
import { counted } from "../../terminal/output.ts";
import { pipeOf } from "../../terminal/prompt.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { allNamespaces } from "./namespaces.ts";
import { takeIn } from "./take-in.ts";

/** How often what waits is asked for, and between two of it, ms. */
const FLUSH_TRIES = 30;
const FLUSH_PAUSE_MS = 1_000;

export const EPISODE_LINES: readonly CommandSpec[] = [
  {
    name: "episode import",
    summary: "take in lines of an export, or of transcripts",
    args: [["[file]", "NDJSON; - or nothing for a pipe"]],
    examples: [
      "memory-cli episode import runs.jsonl",
      "memory-cli episode export -n a | memory-cli episode import -n b",
    ],
    options: [
      option(
        "--on-conflict <what>",
        "what becomes of an episode that is there with other content",
        {
          choices: ["refuse", "update"],
          default: "refuse",
        },
      ),
    ],
    notes: "Other formats: memory-cli import --from FORMAT. The same lines again change nothing.",
    run: (app, [file], { onConflict }) => {
      const { bytes, howFar } = bytesOf(app.io, file);
      return takeIn(app, bytes, onConflict === "update" ? "update" : "refuse", howFar);
    },
  },
  {
    name: "episode export",
    summary: "the namespace as lines that import again",
    options: [
      option("-o, --output <file>", "write it there; with --all: a folder"),
      option("--all", "every namespace, a file each, into the folder of --output"),
    ],
    examples: [
      "memory-cli episode export -o memory.jsonl",
      "memory-cli episode export --all -o exports",
      "memory-cli episode export | gzip > memory.jsonl.gz",
    ],
    notes:
      "It writes lines whatever --format says. An export that ends without an error is whole. --all needs the ADMIN_TOKEN and a key for every namespace, and lets instances send what waits before.",
    run: (app, _args, { output, all }) =>
      all === true
        ? exportAll(app, output as string | undefined)
        : exportTo(app, output as string | undefined),
  },
];

/** Bytes of a file or of a pipe, and how much of a file was read, in words. */
function bytesOf(
  io: Io,
  file: string | undefined,
): { bytes: AsyncIterable<Uint8Array>; howFar: () => string } {
  if (file === undefined || file === "-") return { bytes: pipeOf(io), howFar: () => "" };
  if (!existsSync(file)) throw new CliError(`There is no file ${file}.`);
  const total = Math.max(1, statSync(file).size);
  const stream = createReadStream(file);
  const howFar = (): string => `${Math.floor((100 * stream.bytesRead) / total)} % read`;
  return { bytes: stream, howFar };
}

/** Each namespace into a file of its name. What is there of an earlier export is replaced. */
async function exportAll(app: App, folder: string | undefined): Promise<number> {
  if (folder === undefined) throw new CliError("Say where: memory-cli episode export --all -o DIR");
  await flushed(app);
  const namespaces = await allNamespaces(app);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const namespace of namespaces) {
    await exportTo(app, join(folder, `${namespace}.jsonl`), namespace);
  }
  app.note(`${counted(namespaces.length, "namespace")} in ${folder}`);
  return EXIT.ok;
}

/** Resolves when the database has what instances had: a namespace that it lacks is not listed. */
async function flushed(app: App): Promise<void> {
  const admin = await app.admin();
  for (let tries = 0; tries < FLUSH_TRIES; tries++) {
    const { instances } = await admin.call("flushStorage");
    const isSent = instances.every((view) => !("error" in view) && view.outbox.rows === 0);
    if (isSent) return;
    await sleep(FLUSH_PAUSE_MS);
  }
  throw new CliError(
    "Rows wait for the database, so the export would not be whole: memory-cli drain",
  );
}

/** @param namespace instead of the one that the command was given */
async function exportTo(app: App, file: string | undefined, namespace?: string): Promise<number> {
  const stream = await (await app.memory(namespace)).exportStream();
  const toFile = file === undefined ? null : createWriteStream(file, { mode: 0o600 });
  const out = toFile ?? app.io.stdout;
  const progress = app.progress("exporting", "lines");
  let lines = 0;
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
    if (!out.write(chunk)) await once(out, "drain");
    progress.update(lines, null);
  }
  progress.end();
  if (toFile) {
    toFile.end();
    await finished(toFile);
    app.note(`${lines} lines in ${file}`);
  }
  return EXIT.ok;
}
