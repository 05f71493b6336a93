/**
 * Blocks that need an account are not run. What can be said without one is: that each command
 * exists and has each flag that the page gives it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { EXIT } from "../../cli/exit.ts";
import { run as runCli } from "../../cli/run.ts";
import type { Block } from "./page.ts";
import { ROOT } from "./world.ts";

const run = promisify(execFile);
/** How long a program may take to show its help, ms. */
const HELP_MS = 60_000;

export interface Checked {
  /** What is wrong, a line each. */
  wrong: string[];
  /** Commands that nothing here can check. */
  unchecked: string[];
}

/**
 * The commands of a block: continued lines joined, comments gone, pipes, lists and substitutions
 * taken apart.
 */
export function commandsOf(text: string): string[][] {
  return text
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, ""))
    .flatMap((line) => line.split(/\$\(|\)|\||&&|;/))
    .map((command) =>
      command
        .trim()
        .split(/\s+/)
        .filter((word) => word !== "" && !/^[A-Z_]+=/.test(word)),
    )
    .filter((words) => words.length > 0);
}

/** The words that name a subcommand: those before the first flag or value. */
const subcommand = (words: readonly string[]): string[] => {
  const end = words.findIndex((word) => !/^[a-z][a-z0-9-]*$/.test(word));
  return end < 0 ? [...words] : words.slice(0, end);
};
const flagsOf = (words: readonly string[]): string[] =>
  words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split("=")[0] ?? "");

const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
type Program = "wrangler" | "memory-cli";

/** Asks programs for their help, each command once. */
export class Helps {
  readonly #asked = new Map<string, Promise<string>>();

  of(program: Program, words: readonly string[]): Promise<string> {
    const key = [program, ...words].join(" ");
    const ask = program === "wrangler" ? askWrangler : askCli;
    const asked = this.#asked.get(key) ?? ask([...words, "--help"]);
    this.#asked.set(key, asked);
    return asked;
  }
}

function askWrangler(words: readonly string[]): Promise<string> {
  return run(process.execPath, [WRANGLER, ...words], {
    cwd: ROOT,
    timeout: HELP_MS,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", FORCE_COLOR: "0" },
  }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: unknown) => `no help: ${String(error)}`,
  );
}

/** In this process: a new one takes a third of a second to start. */
async function askCli(words: readonly string[]): Promise<string> {
  const [stdin, written] = [Readable.from([]), [] as string[]];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  const exit = await runCli(words, { env: {}, stdin, stdout: output, stderr: output });
  return exit === EXIT.ok ? written.join("") : `no help: ${written.join("")}`;
}

/**
 * Holds a command to the help of the longest run of its words that the program takes as a
 * subcommand. One question is enough: a program that does not know a word shows the help of what is
 * above it.
 */
async function checkProgram(
  helps: Helps,
  program: Program,
  words: readonly string[],
): Promise<string[]> {
  const text = await helps.of(program, subcommand(words));
  for (let named = subcommand(words); named.length > 0; named = named.slice(0, -1)) {
    const isItsOwn = new RegExp(`${program}(?: | \\S+ )*?${named.join(" ")}\\b`).test(text);
    if (!isItsOwn || text.startsWith("no help")) continue;
    return flagsOf(words)
      .filter((flag) => !text.includes(flag))
      .map((flag) => `${program} ${named.join(" ")} has no ${flag}`);
  }
  return [`${program} knows no ${words.join(" ")}`];
}

/** Checks every command of a block. */
export async function checkProduction(helps: Helps, block: Block): Promise<Checked> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const checked: Checked = { wrong: [], unchecked: [] };
  for (const words of commandsOf(block.text)) {
    const [first = "", second = ""] = words;
    if (first === "npx" && second === "wrangler")
      checked.wrong.push(...(await checkProgram(helps, "wrangler", words.slice(2))));
    else if (first === "memory-cli")
      checked.wrong.push(...(await checkProgram(helps, "memory-cli", words.slice(1))));
    else if (first === "npm" && second === "run" && scripts[words[2] ?? ""] === undefined)
      checked.wrong.push(`package.json has no script ${words[2]}`);
    else if (first === "turso") checked.unchecked.push(words.join(" "));
  }
  return checked;
}
