/**
 * Runs `wrangler` and `turso`. What is secret goes in by standard input and is never a word of the
 * command line, which others on the machine can read; what they print is bounded, and shown only
 * where a command failed.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError, EXIT } from "../exit.ts";
import type { Io } from "../terminal/io.ts";
import { safe } from "../terminal/output.ts";
import { programPath, type Config } from "./program-path.ts";

/** What is kept of what a program prints, characters of each stream: the end of it. */
const OUTPUT_CHARS = 200_000;
/** What is shown of it where it failed, characters. */
const SHOWN_CHARS = 600;
/** How long a program may take, ms: a deployment uploads, and waits for the platform. */
const PROGRAM_MS = 600_000;

/** Nothing is asked, nothing is coloured, and nothing is sent about it. */
const UNATTENDED = { CI: "1", NO_COLOR: "1", FORCE_COLOR: "0", WRANGLER_SEND_METRICS: "false" };

/** A command line: the program, and its words. */
export type CommandLine = readonly [program: "wrangler" | "turso", ...args: string[]];

/** What to do about a program that is not there. */
const NOT_THERE: Readonly<Record<CommandLine[0], string>> = {
  wrangler:
    "wrangler is not installed here. Run: npm ci; in a checkout that is not this memory-cli's own, name its file too: --config wrangler.toml",
  turso: "turso is not installed here: name the database with --database-url, or install its CLI.",
};

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** As a person would type it. */
export function typed([program, ...args]: CommandLine): string {
  const words = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg}'`));
  return [...(program === "wrangler" ? ["npx", "wrangler"] : [program]), ...words].join(" ");
}

export class Programs {
  readonly #env: Io["env"];
  readonly #config: Config;

  /** @param config the `wrangler.toml` in whose folder they run */
  constructor(env: Io["env"], config: Config) {
    this.#env = env;
    this.#config = config;
  }

  /**
   * Runs one to its end, whatever its exit code.
   *
   * @param input what its standard input has; nothing: it is empty
   * @param more further variables
   * @throws CliError when it is not there, or takes too long
   */
  async run(
    line: CommandLine,
    input = "",
    more: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const [program, ...args] = line;
    const path = programPath(program, this.#config, this.#env);
    if (path === null) throw new CliError(NOT_THERE[program]);
    const child = spawn(path, args, {
      cwd: this.#config.folder,
      // Nothing is asked by them: what they would ask is decided here.
      env: { ...this.#env, ...UNATTENDED, ...more },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: PROGRAM_MS,
    });
    const ended: Ended = { code: 1, stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        ended[stream] = (ended[stream] + text).slice(-OUTPUT_CHARS);
      });
    // A program that reads nothing closes the pipe first, which is its right.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const { promise, resolve: done, reject } = Promise.withResolvers<Ended>();
    child.once("error", (error) =>
      reject(new CliError(`${typed(line)}: ${error.message}`, EXIT.failed)),
    );
    child.once("close", (code) => done({ ...ended, code: code ?? 1 }));
    return promise;
  }

  /** As `run`. Throws `CliError`, with the end of what was printed, unless it ended with 0. */
  async must(
    line: CommandLine,
    input = "",
    more: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const ended = await this.run(line, input, more);
    if (ended.code !== 0) throw failed(line, ended);
    return ended;
  }

  /**
   * Runs wrangler with a file for what it says to programs.
   *
   * @returns the objects of that file, one a line
   */
  async withReport(line: CommandLine): Promise<Record<string, unknown>[]> {
    const folder = mkdtempSync(join(tmpdir(), "memory-setup-"));
    const file = join(folder, "report.ndjson");
    try {
      await this.must(line, "", { WRANGLER_OUTPUT_FILE_PATH: file });
      const text = existsSync(file) ? readFileSync(file, "utf8") : "";
      return text.split("\n").flatMap(objectOf);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** What to do about those that are not there. Nothing is run. */
  missing(programs: readonly CommandLine[0][]): string[] {
    return programs
      .filter((program) => programPath(program, this.#config, this.#env) === null)
      .map((program) => NOT_THERE[program]);
  }
}

/** What a program said when it failed, as an error. */
export function failed(line: CommandLine, { code, stdout, stderr }: Ended): CliError {
  const said = safe((stderr.trim() || stdout.trim()).slice(-SHOWN_CHARS)).trim();
  return new CliError(
    `${typed(line)} ended with ${code}: ${said || "it said nothing"}`,
    EXIT.failed,
  );
}

/** The object of a line of JSON, in a list; an empty one: the line is none. */
function objectOf(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? [value as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}
