/**
 * Codex: hooks in its `hooks.json`. Its MCP servers stand in TOML, which is the person's to change.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, removeEmpty, takeOut, writeJson } from "./files.ts";
import { groupsOf, hookedEvents, withGroups, withoutGroups } from "./groups.ts";
import { HOOKS_WORDS, mcpArguments, type Installer, type Place } from "./installer.ts";

const AGENT = "codex";

/** Its events that an episode has a use for, and whether they are of tools. */
const EVENTS = {
  SessionStart: false,
  UserPromptSubmit: false,
  PreToolUse: true,
  PostToolUse: true,
  SubagentStart: false,
  SubagentStop: false,
  Stop: false,
} as const;

const folderOf = ({ env, home }: Place): string => env["CODEX_HOME"] || join(home, ".codex");
const fileOf = (place: Place): string => join(folderOf(place), "hooks.json");

export const codex: Installer = {
  files: (place) => [{ path: fileOf(place), what: HOOKS_WORDS }],

  install(place) {
    const groups = groupsOf(place, AGENT, EVENTS);
    writeJson(fileOf(place), withGroups(readJson(fileOf(place)), AGENT, groups));
    const server = [...place.command, ...mcpArguments(place)].join(" ");
    return [
      "Codex runs hooks that you trust: look at them with /hooks in its next session.",
      "Versions that have hooks behind a flag want codex_hooks = true below [features] in config.toml.",
      `The MCP server: codex mcp add memory -- ${server}`,
    ];
  },

  uninstall(place) {
    takeOut(fileOf(place), (settings) => withoutGroups(settings, AGENT));
    removeEmpty(join(place.home, ".codex"));
  },

  status(place) {
    const present = hookedEvents(readJson(fileOf(place)), AGENT);
    const missing = Object.keys(EVENTS).filter((event) => !present.includes(event));
    const config = join(folderOf(place), "config.toml");
    const hasMcp =
      existsSync(config) && /^\[mcp_servers\.memory\]/m.test(readFileSync(config, "utf8"));
    return { file: fileOf(place), present, missing, hasMcp };
  },
};
