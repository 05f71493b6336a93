/**
 * Runs one command line: in go its words and what it reads and writes, out comes the exit code. It
 * never throws, ends no process, and leaves the process's own streams alone.
 *
 * @module
 */

import { EXIT } from "./exit.ts";
import { explain, exitOf } from "./failures.ts";
import { startedUrl } from "./profile.ts";
import { CommanderError, createProgram } from "./program.ts";
import type { Io } from "./terminal/io.ts";
import { colorsFor, safeLines } from "./terminal/output.ts";

export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit: number = EXIT.ok;
  try {
    await createProgram(io, (code) => (exit = code)).parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const colors = colorsFor(io.stderr, io.env, !argv.includes("--no-color"));
    io.stderr.write(`${colors.red("error:")} ${safeLines(explain(error, startedUrl(io.env)))}\n`);
    return exitOf(error);
  }
}
