/**
 * The command tree, made of the list of commands.
 *
 * @module
 */

import { type Command, CommanderError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { App, type GlobalOptions } from "./app.ts";
import { COMMANDS, GROUPS } from "./commands/index.ts";
import { addCompletion } from "./completion.ts";
import { EXIT_MEANINGS } from "./exit.ts";
import { whole } from "./parse.ts";
import type { CommandSpec, OptionSpec, Values } from "./spec.ts";
import { SuggestingCommand } from "./suggesting.ts";
import type { Io } from "./terminal/io.ts";

const AFTER = `
Environment:
  MEMORY_URL, MEMORY_NAMESPACE   where the service is, and the namespace
  MEMORY_KEY                     a key with the scopes read, write, admin
  MEMORY_ADMIN_TOKEN             the root's secret, for keys, settings, modes, backups
  MEMORY_PROFILE                 the profile to use; NO_COLOR, XDG_CONFIG_HOME and XDG_CACHE_HOME are heeded
  Without any of them, and beside a running "npm start", its service and its keys are used.

Exit codes:
${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join("\n")}
`;

function optionOf({ flags, description, ...more }: OptionSpec): Option {
  const made = new Option(flags, description);
  if (more.choices) made.choices([...more.choices]);
  if (more.parse) made.argParser(more.parse);
  if (more.default !== undefined) made.default(more.default);
  if (more.required) made.makeOptionMandatory();
  if (more.conflicts !== undefined) made.conflicts(more.conflicts);
  return made;
}

function globals(program: Command): void {
  program
    .addOption(new Option("-p, --profile <name>", "the profile to use"))
    .addOption(new Option("--url <url>", "where the service is"))
    .addOption(new Option("-n, --namespace <name>", "the namespace"))
    .addOption(
      new Option("-f, --format <format>", "how to print")
        .choices(["table", "json", "yaml"])
        .default("table"),
    )
    .addOption(
      new Option("--request-timeout <seconds>", "how long a request may take").argParser(
        whole(1, 3_600),
      ),
    )
    .addOption(new Option("-q, --quiet", "no progress and no notes"))
    .addOption(new Option("--no-color", "no colours"));
}

/**
 * The whole tree of commands. It writes to `io`, and throws where commander would end the process.
 *
 * @param done gets the exit code of the command that ran
 */
export function createProgram(io: Io, done: (exit: number) => void): Command {
  const program = new SuggestingCommand("memory-cli")
    .description("Episodic memory for AI agents: record, recall, and run the service.")
    .version(packageJson.version, "-V, --version")
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for help)")
    .addHelpText("after", AFTER)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    });
  globals(program);
  const parents = new Map<string, Command>([["", program]]);
  for (const [name, summary] of GROUPS) {
    parents.set(name, program.command(name).description(summary).helpCommand(false));
  }
  for (const spec of COMMANDS) add(parents, spec, { io, done });
  program.helpCommand("help [command]", "help for a command");
  addCompletion(program, io);
  return withoutExit(program);
}

function add(
  parents: Map<string, Command>,
  spec: CommandSpec,
  { io, done }: { io: Io; done: (exit: number) => void },
): void {
  const words = spec.name.split(" ");
  const last = words.pop() ?? "";
  const parent = parents.get(words.join(" "));
  if (!parent)
    throw new Error(
      `no group for the command "${spec.name}"; add it to GROUPS in cli/commands/index.ts`,
    );
  const command = parent.command(last).description(spec.summary);
  for (const [usage, description] of spec.args ?? []) command.argument(usage, description);
  for (const one of spec.options ?? []) command.addOption(optionOf(one));
  const notes = spec.notes === undefined ? "" : `\n${spec.notes}\n`;
  command.addHelpText(
    "after",
    `${notes}\nExamples:\n${spec.examples.map((example) => `  $ ${example}`).join("\n")}`,
  );
  command.allowExcessArguments(false);
  command.action(async (...all: unknown[]) => {
    const args = (all.slice(0, spec.args?.length ?? 0) as (string | string[] | undefined)[]).flat();
    const app = new App(command.optsWithGlobals<GlobalOptions>(), io);
    const shown = await spec.run(
      app,
      args.filter((one) => one !== undefined),
      command.opts<Values>(),
    );
    done(typeof shown === "number" ? shown : await app.print(shown));
  });
}

function withoutExit(command: Command): Command {
  command.exitOverride();
  for (const one of command.commands) withoutExit(one);
  return command;
}

export { CommanderError };
