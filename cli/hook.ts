/**
 * `memory-cli hook`, as a process: an agent waits for it, so that it loads nothing else of the CLI.
 *
 * @module
 */

import { hook } from "./hooks/hook.ts";
import { processIo } from "./terminal/io.ts";

/** Runs a hook. Never throws. @param argv the command line, `hook` first */
export async function main(argv: readonly string[]): Promise<number> {
  await hook(argv.slice(1), processIo);
  // An answer that comes too late is waited for no longer.
  process.stdout.write("", () => process.exit(0));
  return 0;
}
