/**
 * `memory-cli`: one command, one exit code.
 *
 * @module
 */

import { explain, EXIT, exitOf } from "./exit.ts";
import { colorsFor } from "./terminal/output.ts";
import { CommanderError, createProgram, withoutExit } from "./program.ts";

/** Runs a command line. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough ("| head") is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed),
  );
  process.on("SIGINT", () => process.exit(EXIT.interrupted));
  let exit: number = EXIT.ok;
  const program = withoutExit(createProgram((code) => (exit = code)));
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const colors = colorsFor(process.stderr, !argv.includes("--no-color"));
    process.stderr.write(`${colors.red("error:")} ${explain(error)}\n`);
    return exitOf(error);
  }
}
