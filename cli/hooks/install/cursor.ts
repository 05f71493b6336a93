/**
 * Cursor: hooks in `~/.cursor/hooks.json`, the MCP server in `~/.cursor/mcp.json`.
 *
 * @module
 */

import { join } from "node:path";
import { object, objects, type Json } from "../../../client/calls/values.ts";
import { readJson, removeEmpty, takeOut, withoutServer, writeJson } from "./files.ts";
import {
  HOOKS_WORDS,
  hookCommand,
  isOurs,
  MCP_WORDS,
  mcpArguments,
  type Installer,
  type Place,
} from "./installer.ts";

const AGENT = "cursor";
/** Its events that an episode has a use for. */
const EVENTS = [
  "beforeSubmitPrompt",
  "preToolUse",
  "postToolUse",
  "postToolUseFailure",
  "stop",
  "sessionEnd",
] as const;
/** Of its file of hooks. */
const FORMAT = 1;

const hooksOf = ({ home }: Place): string => join(home, ".cursor", "hooks.json");
const mcpOf = ({ home }: Place): string => join(home, ".cursor", "mcp.json");

/** The hooks of others. */
function others(hooks: unknown): Record<string, unknown[]> {
  const left = Object.entries(object(hooks)).flatMap(([event, commands]) => {
    const kept = objects(commands).filter(({ command }) => !isOurs(command, AGENT));
    return kept.length === 0 ? [] : [[event, kept] as const];
  });
  return Object.fromEntries(left);
}

/** null: nothing is left but the format of the file. */
function withoutHooks(file: Json): Json | null {
  const hooks = others(file["hooks"]);
  const hasMore = Object.keys(file).some((name) => name !== "version" && name !== "hooks");
  return hasMore || Object.keys(hooks).length > 0 ? { ...file, hooks } : null;
}

export const cursor: Installer = {
  files: (place) => [
    { path: hooksOf(place), what: HOOKS_WORDS },
    { path: mcpOf(place), what: MCP_WORDS },
  ],

  install(place) {
    const file = readJson(hooksOf(place));
    const mcp = readJson(mcpOf(place));
    const hooks = others(file["hooks"]);
    for (const event of EVENTS)
      hooks[event] = [...(hooks[event] ?? []), { command: hookCommand(place, AGENT, event) }];
    const [command = "", ...args] = [...place.command, ...mcpArguments(place)];
    const servers = { ...object(mcp["mcpServers"]), memory: { command, args } };
    writeJson(hooksOf(place), { version: FORMAT, ...file, hooks });
    writeJson(mcpOf(place), { ...mcp, mcpServers: servers });
    return ["Cursor hears advice after a failure only: before a call its hooks allow or deny."];
  },

  uninstall(place) {
    takeOut(hooksOf(place), withoutHooks);
    takeOut(mcpOf(place), withoutServer);
    removeEmpty(join(place.home, ".cursor"));
  },

  status(place) {
    const hooks = object(readJson(hooksOf(place))["hooks"]);
    const present = Object.keys(hooks).filter((event) =>
      objects(hooks[event]).some(({ command }) => isOurs(command, AGENT)),
    );
    const missing = EVENTS.filter((event) => !present.includes(event));
    const hasMcp = "memory" in object(readJson(mcpOf(place))["mcpServers"]);
    return { file: hooksOf(place), present, missing, hasMcp };
  },
};
