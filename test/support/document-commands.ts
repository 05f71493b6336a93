/**
 * Holds the commands of a fenced block to what there is: scripts, files, the CLI's own commands and
 * flags, wrangler's, and the routes of the service.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { createProgram } from "../../cli/program.ts";
import { processIo } from "../../cli/terminal/io.ts";
import openapi from "../../docs/openapi.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };
import { checkProduction, commandsOf, type Helps } from "../../scripts/runbooks/production.ts";
import type { Block } from "../../scripts/runbooks/page.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Words of a shell that come before a command, or are one that changes nothing here. */
const SHELL = new Set(["for", "do", "done", "then", "export", "alias", "cd"]);

/** Nothing is run: only what the commands are called is asked. */
const program = createProgram(processIo, () => undefined);
const routes = Object.keys(openapi.paths).map(
  (path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+").replaceAll(".", "\\.")}$`),
);

/** What is wrong with a block's commands, and the programs in it that nothing here knows. */
export async function checkCommands(
  helps: Helps,
  text: string,
): Promise<{ wrong: string[]; unknown: string[] }> {
  const wrong: string[] = [...wrongRoutes(text)];
  const unknown = new Set<string>();
  const ofWrangler: string[] = [];
  // What stands in quotes is an argument, whatever is in it.
  const bare = text.replaceAll(/'[^']*'|"[^"]*"/g, "QUOTED");
  for (const found of commandsOf(bare)) {
    const words = found[0] === "do" ? found.slice(1) : found;
    const [first = "", second = "", third = ""] = words;
    if (first === "npx" && second === "wrangler") ofWrangler.push(words.join(" "));
    else if (first === "npx" && second === "memory-cli") wrong.push(...wrongCli(words.slice(2)));
    else if (first === "memory-cli") wrong.push(...wrongCli(words.slice(1)));
    else if (first === "npm") wrong.push(...wrongScript(second, third));
    else if (first === "npx" && ["node", "vitest"].includes(second)) wrong.push(...missing(words));
    else if (first !== "curl" && first !== "QUOTED" && !SHELL.has(first) && !/=/.test(first))
      unknown.add(first === "npx" ? second : first);
  }
  const block = { text: ofWrangler.join("\n") } as Block;
  wrong.push(...(await checkProduction(helps, block)).wrong);
  return { wrong, unknown: [...unknown] };
}

function wrongScript(verb: string, name: string): string[] {
  if (["ci", "start", "test"].includes(verb)) return [];
  return verb === "run" && name in packageJson.scripts ? [] : [`no npm ${verb} ${name}`];
}

/** Files that a command names and that are not there. */
const missing = (words: readonly string[]): string[] =>
  words.filter(
    (word) => /^(?:scripts|test|bench)\/[\w./-]+$/.test(word) && !existsSync(join(ROOT, word)),
  );

function wrongCli(words: readonly string[]): string[] {
  let command: Command = program;
  let depth = 0;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
    depth += 1;
  }
  const name = words.slice(0, depth).join(" ");
  if (depth === 0 && words[0]?.startsWith("-") !== true)
    return [`no memory-cli ${words.join(" ")}`];
  const known = [...program.options, ...command.options].flatMap(({ long, short }) => [
    long,
    short,
  ]);
  return words
    .filter((word) => /^--?[a-z]/.test(word) && word !== "--help")
    .filter((word) => !known.includes(word.split("=")[0]))
    .map((word) => `memory-cli ${name} has no ${word}`);
}

/** Paths of requests that are no route of the service. */
function wrongRoutes(text: string): string[] {
  const asked = text.matchAll(/curl [^\n]*?(?:https?:\/\/[\w.:-]+|\$\{?\w*URL\}?)(\/[\w$./-]*)/g);
  return [...asked]
    .map(([, path = ""]) => path)
    .filter((path) => !routes.some((route) => route.test(path)))
    .map((path) => `no route ${path}`);
}
