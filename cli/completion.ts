/**
 * `memory-cli completion SHELL`: commands, flags and their values come from the tree of commands;
 * names of settings and of profiles from where those are. The script for bash is our own: it needs
 * nothing but bash, and may be read twice.
 *
 * @module
 */

import { script, type Complete } from "@bomb.sh/tab";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { SETTING_NAMES } from "../src/contract/settings.ts";
import { profilePath, readProfiles } from "./profile.ts";
import type { Io } from "./terminal/io.ts";

const COMMANDS = {
  settings: ["config get", "config set", "config unset"],
  profiles: ["profile use", "profile remove"],
} as const;

/** Adds the commands that print a script, and that the script asks. */
export function addCompletion(program: Command, io: Io): void {
  const tree = tab(program, { completionCommandName: "completion" });
  const named = (complete: Complete, names: readonly string[]): void => {
    for (const name of names) complete(name, "");
  };
  const settings = (complete: Complete): void => named(complete, SETTING_NAMES);
  const profiles = (complete: Complete): void => named(complete, profileNames(io));
  for (const [kind, handler] of [
    ["settings", settings],
    ["profiles", profiles],
  ] as const)
    for (const command of COMMANDS[kind]) {
      const argument = tree.commands.get(command)?.arguments.get("name");
      if (argument) argument.handler = handler;
    }
  const option = tree.options.get("profile");
  if (option) option.handler = profiles;
  const printed = program.commands.find((one) => one.name() === "completion");
  printed?.action((shell: string) => {
    const name = program.name();
    if (shell === "bash") io.stdout.write(bashScript(name));
    else script(shell, name, name);
  });
}

/** None where the file cannot be read: a completion says nothing of faults. */
function profileNames(io: Io): string[] {
  try {
    return Object.keys(readProfiles(profilePath(io.env)).profiles);
  } catch {
    return [];
  }
}

const bashScript = (name: string): string => `# bash completion for ${name}
_${name.replaceAll("-", "_")}() {
  local line="\${COMP_LINE:0:COMP_POINT}" out current
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *" " ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  out=$("\${words[0]}" complete -- "\${words[@]:1}" 2> /dev/null)
  # The last line says how a shell should treat what is before it.
  out="\${out%:*}"
  COMPREPLY=()
  local one
  while IFS=$'\\t' read -r one _; do
    [[ -n "$one" && "$one" == "$current"* ]] && COMPREPLY+=("$one")
  done <<< "$out"
}
complete -o default -F _${name.replaceAll("-", "_")} ${name}
`;
