/**
 * `memory-cli hook`, as a process: an agent waits for it, so that it loads nothing else of the CLI,
 * and opens no stream: those cost more than what is read and written.
 *
 * @module
 */

import { readSync, writeSync } from "node:fs";
import { hook } from "./hooks/hook.ts";
import { INPUT_BYTES_MAX, pipedInput } from "./hooks/input.ts";
import { processIo } from "./terminal/io.ts";

const [STDIN, STDOUT] = [0, 1];
const PART_BYTES = 65_536;

/** Runs a hook. Never throws. @param argv the command line, `hook` first */
export async function main(argv: readonly string[]): Promise<number> {
  const words = await hook(argv.slice(1), processIo, input);
  if (words !== null) write(words);
  // An answer that comes too late is waited for no longer.
  process.exit(0);
}

/** What a pipe holds, read at once; where it cannot be, as a stream. */
async function input(): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(PART_BYTES);
      const read = readSync(STDIN, part);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
      bytes += read;
      if (bytes > INPUT_BYTES_MAX) throw new Error(`more than ${INPUT_BYTES_MAX} bytes`);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN") return pipedInput(processIo.stdin, parts);
    // Windows says so of a pipe that was closed.
    if (code !== "EOF") throw error;
  }
  return Buffer.concat(parts).toString("utf8");
}

function write(text: string): void {
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at);
  } catch {
    // The agent has gone, or does not read: it goes on without.
  }
}
