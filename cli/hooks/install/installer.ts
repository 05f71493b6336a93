/**
 * What the installer of an agent does.
 *
 * @module
 */

import type { Io } from "../../terminal/io.ts";

/** Where things go, and what agents are to run. */
export interface Place {
  env: Io["env"];
  home: string;
  /** `memory-cli`, as words of a command line. */
  command: readonly string[];
  /** Empty: the profile in use. */
  profile: string;
}

export interface Installer {
  /** The files that `install` writes. */
  files(place: Place): WrittenFile[];
  /** @returns what the person has to do or to know */
  install(place: Place): string[];
  /** Takes out what `install` put in, and nothing else; no file and no folder stays empty. */
  uninstall(place: Place): void;
  status(place: Place): InstallStatus;
}

/** A file that an installer writes, and what it puts there. */
export interface WrittenFile {
  path: string;
  what: string;
}

export interface InstallStatus {
  file: string;
  /** Events whose hook is there, and is missing. */
  present: string[];
  missing: string[];
  hasMcp: boolean;
}

/** The command of a hook, as a shell reads it. */
export function hookCommand({ command, profile }: Place, agent: string, event: string): string {
  const words = [...command, "hook", event, "--agent", agent];
  return [...words, ...profileWords(profile)].map(quoted).join(" ");
}

/** What an installer puts into files, in words. */
export const HOOKS_WORDS = "hooks";
export const MCP_WORDS = "the MCP server memory";

/** The words behind `memory-cli` that start its MCP server. */
export const mcpArguments = ({ profile }: Place): string[] => ["mcp", ...profileWords(profile)];

const profileWords = (profile: string): string[] => (profile === "" ? [] : ["--profile", profile]);

/** Whether a command is a hook of ours, wherever `memory-cli` is. */
export function isOurs(command: unknown, agent: string): boolean {
  const [, whose] = /hook \w+ --agent ([\w-]+)/.exec(String(command)) ?? [];
  return typeof command === "string" && whose === agent;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replaceAll(/(["\\$`])/g, "\\$1")}"`;
}
