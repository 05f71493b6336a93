/**
 * `memory-cli`, as a process: one command, one exit code.
 *
 * @module
 */

import { EXIT } from "./exit.ts";
import { run } from "./run.ts";
import { processIo } from "./terminal/io.ts";

/** Runs a command line. Never throws. */
export function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough ("| head") is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed),
  );
  process.on("SIGINT", () => {
    for (const said of processIo.leaving ?? []) process.stderr.write(`\n${said()}\n`);
    process.exit(EXIT.interrupted);
  });
  return run(argv, processIo);
}
