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
    notes: "Other formats: memory-cli import --from FORMAT. The same lines again change nothing.",
    async run(app, [file]) {
      const source = fileLines(file);
      return takeIn(app, source.lines, source.total);
    },
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
function fileLines(file: string | undefined): {
  lines: AsyncIterable<Uint8Array>;
  total: number | null;
} {
  if (file === undefined || file === "-") {
    if (process.stdin.isTTY) throw new CliError("Nothing comes in: pipe it, or name a file.");
    return { lines: process.stdin, total: null };
  }
  if (!existsSync(file)) throw new CliError(`There is no file ${file}.`);
  return { lines: createReadStream(file), total: null };
}

async function exportTo(app: App, file: string | undefined): Promise<number> {
  const stream = await (await app.memory()).exportStream();
  const out = file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600 });
  const progress = app.progress("exporting", "lines");
  let lines = 0;
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
    if (!out.write(chunk)) await once(out, "drain");
    progress.update(lines, null);
  }
  progress.end();
  if (out !== process.stdout) {
    out.end();
    await finished(out);
    app.note(`${lines} lines in ${file}`);
  }
  return EXIT.ok;
}
