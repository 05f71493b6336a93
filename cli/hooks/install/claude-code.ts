/**
 * Claude Code: hooks in its settings, the commands `/memory:good` and `/memory:bad`, and the MCP
 * server. `integrations/claude-code` holds the same as a plugin.
 *
 * @module
 */

import { join } from "node:path";
import { object } from "../../../client/calls/values.ts";
import {
  readJson,
  remove,
  removeEmpty,
  takeOut,
  withoutServer,
  writeJson,
  writeText,
} from "./files.ts";
import { groupsOf, hookedEvents, withGroups, withoutGroups } from "./groups.ts";
import { HOOKS_WORDS, MCP_WORDS, mcpArguments, type Installer, type Place } from "./installer.ts";

const AGENT = "claude-code";

/** Its events that an episode has a use for, and whether they are of tools. */
export const CLAUDE_EVENTS = {
  SessionStart: false,
  UserPromptSubmit: false,
  UserPromptExpansion: false,
  PreToolUse: true,
  PostToolUse: true,
  PostToolUseFailure: true,
  SubagentStart: false,
  SubagentStop: false,
  Stop: false,
  StopFailure: false,
  SessionEnd: false,
} as const;

/** Files of commands, by their names. */
export const CLAUDE_COMMANDS: Readonly<Record<string, string>> = {
  "good.md": commandFile("good", "This session went well: tell the memory", "[why]"),
  "bad.md": commandFile("bad", "This session went wrong: tell the memory", "[reason]"),
};

function commandFile(word: string, description: string, hint: string): string {
  return `---
description: ${description}
argument-hint: "${hint}"
---

Verdict for the memory: ${word} $ARGUMENTS

A hook has recorded this. Do nothing but say in one short line that it is recorded.
`;
}

const folderOf = ({ env, home }: Place): string =>
  env["CLAUDE_CONFIG_DIR"] || join(home, ".claude");
const settingsOf = (place: Place): string => join(folderOf(place), "settings.json");
const mcpFileOf = (place: Place): string =>
  join(place.env["CLAUDE_CONFIG_DIR"] || place.home, ".claude.json");
const commandsOf = (place: Place): string => join(folderOf(place), "commands", "memory");

export const claudeCode: Installer = {
  files(place) {
    const commands = Object.keys(CLAUDE_COMMANDS).map((name) => ({
      path: join(commandsOf(place), name),
      what: `the command /memory:${name.replace(".md", "")}`,
    }));
    return [
      { path: settingsOf(place), what: HOOKS_WORDS },
      { path: mcpFileOf(place), what: MCP_WORDS },
      ...commands,
    ];
  },

  install(place) {
    const settings = readJson(settingsOf(place));
    const mcp = readJson(mcpFileOf(place));
    const [command = "", ...args] = [...place.command, ...mcpArguments(place)];
    const servers = { ...object(mcp["mcpServers"]), memory: { type: "stdio", command, args } };
    writeJson(
      settingsOf(place),
      withGroups(settings, AGENT, groupsOf(place, AGENT, CLAUDE_EVENTS)),
    );
    writeJson(mcpFileOf(place), { ...mcp, mcpServers: servers });
    for (const [name, text] of Object.entries(CLAUDE_COMMANDS))
      writeText(join(commandsOf(place), name), text);
    return [
      "Sessions that begin from now on are recorded. Say /memory:good or /memory:bad REASON.",
    ];
  },

  uninstall(place) {
    takeOut(settingsOf(place), (settings) => withoutGroups(settings, AGENT));
    takeOut(mcpFileOf(place), withoutServer);
    for (const name of Object.keys(CLAUDE_COMMANDS)) remove(join(commandsOf(place), name));
    removeEmpty(commandsOf(place), join(commandsOf(place), ".."), join(place.home, ".claude"));
  },

  status(place) {
    const present = hookedEvents(readJson(settingsOf(place)), AGENT);
    const missing = Object.keys(CLAUDE_EVENTS).filter((event) => !present.includes(event));
    const hasMcp = "memory" in object(readJson(mcpFileOf(place))["mcpServers"]);
    return { file: settingsOf(place), present, missing, hasMcp };
  },
};
