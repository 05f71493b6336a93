/**
 * `memory-cli episode import`, `memory-cli episode export`: a namespace as lines.
 *
 * @module
 */

import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { finished } from "node:stream/promises";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import type { Io } from "../../terminal/io.ts";
import { pipeOf } from "../../terminal/prompt.ts";
import { option, type CommandSpec } from "../../spec.ts";
import { takeIn } from "./take-in.ts";

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
    run: (app, [file], { onConflict }) =>
      takeIn(app, bytesOf(app.io, file), onConflict === "update" ? "update" : "refuse"),
  },
  {
    name: "episode export",
    summary: "the namespace as lines that import again",
    options: [option("-o, --output <file>", "write it there")],
    examples: [
      "memory-cli episode export -o memory.jsonl",
      "memory-cli episode export | gzip > memory.jsonl.gz",
    ],
    notes: "It writes lines whatever --format says. An export that ends without an error is whole.",
    run: (app, _args, { output }) => exportTo(app, output as string | undefined),
  },
];

/** Bytes of a file or of a pipe. */
function bytesOf(io: Io, file: string | undefined): AsyncIterable<Uint8Array> {
  if (file === undefined || file === "-") return pipeOf(io);
  if (!existsSync(file)) throw new CliError(`There is no file ${file}.`);
  return createReadStream(file);
}

async function exportTo(app: App, file: string | undefined): Promise<number> {
  const stream = await (await app.memory()).exportStream();
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
