/**
 * opencode: a plugin of its own that hands what happens to `memory-cli hook`.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { remove, removeEmpty, writeText } from "./files.ts";
import { type Installer, type Place } from "./installer.ts";
import { openCodePlugin } from "./opencode-plugin.ts";

/** The hooks of opencode that the plugin has. */
const EVENTS = ["chat.message", "tool.execute.before", "tool.execute.after", "event"] as const;

const fileOf = ({ env, home }: Place): string =>
  join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "opencode", "plugins", "memory.js");

export const opencode: Installer = {
  files: (place) => [{ path: fileOf(place), what: "a plugin" }],

  install(place) {
    writeText(fileOf(place), openCodePlugin(place));
    const server = JSON.stringify([...place.command, "mcp"]);
    return [
      `The MCP server, in opencode.json: "mcp": {"memory": {"type": "local", "command": ${server}}}`,
    ];
  },

  uninstall(place) {
    const plugins = dirname(fileOf(place));
    remove(fileOf(place));
    removeEmpty(plugins, dirname(plugins));
  },

  status(place) {
    const file = fileOf(place);
    const isThere = existsSync(file) && readFileSync(file, "utf8").includes("memory-cli");
    return {
      file,
      present: isThere ? [...EVENTS] : [],
      missing: isThere ? [] : [...EVENTS],
      hasMcp: false,
    };
  },
};
