/**
 * Commands that answer a word which is none of theirs with the command that does what it means:
 * other programs call the same thing otherwise. Commander itself knows a word that is misspelt.
 *
 * @module
 */

import { Command, type ErrorOptions } from "commander";

/** Words that mean the same, ours and those of other programs. */
const SAME: readonly (readonly string[])[] = [
  ["get", "view", "show", "status", "settings", "read", "describe", "inspect", "info", "cat"],
  ["list", "ls", "all"],
  ["delete", "remove", "erase", "revoke", "unset", "uninstall", "rm", "del", "destroy", "drop"],
  ["add", "create", "save", "install", "new", "make"],
  ["create", "start", "begin", "open"],
  ["amend", "edit", "update", "change", "modify"],
  ["complete", "finish", "end", "close"],
  ["cancel", "stop", "abort", "kill"],
  ["log-step", "log", "step"],
  ["search", "find", "query", "grep"],
  ["import", "load", "upload"],
  ["export", "dump", "download"],
];
/** Commands of groups that are named for a word that stands where a group should. */
const NAMED_MAX = 4;

export class SuggestingCommand extends Command {
  override createCommand(name?: string): Command {
    return new SuggestingCommand(name);
  }

  /** @throws CommanderError that says what was meant, where the command is unknown */
  override error(message: string, options: ErrorOptions = {}): never {
    if (options.code !== "commander.unknownCommand") return super.error(message, options);
    const [first = message] = message.split("\n");
    const meant = meantBy(this.args[0] ?? "", this);
    if (meant.length > 0) return super.error(`${first}\n${asked(meant)}`, options);
    if (first !== message || this.parent === null) return super.error(message, options);
    return super.error(`${message}\n(It has ${namesOf(this).join(", ")}.)`, options);
  }
}

/** The commands of the same meaning; of the whole program those in groups, when they are few. */
function meantBy(word: string, command: Command): string[] {
  const own = withMeaning(word, namesOf(command));
  if (own.length > 0 || command.parent !== null) return own;
  const inGroups = command.commands.flatMap((group) =>
    withMeaning(word, namesOf(group)).map((name) => `${group.name()} ${name}`),
  );
  return inGroups.length <= NAMED_MAX ? inGroups : [];
}

function withMeaning(word: string, names: readonly string[]): string[] {
  const same = SAME.filter((words) => words.includes(word)).flat();
  return names.filter((name) => name === word || same.includes(name));
}

const namesOf = ({ commands }: Command): string[] => commands.map((one) => one.name());

/** As commander says it of a word that is misspelt. */
const asked = (names: readonly string[]): string =>
  `(Did you mean ${names.length > 1 ? "one of " : ""}${names.join(", ")}?)`;
