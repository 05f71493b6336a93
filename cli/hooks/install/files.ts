/**
 * Settings files of agents, changed with care: what is not ours stays, a file that cannot be read is
 * left alone, and a change is whole or not at all.
 *
 * @module
 */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { object, type Json } from "../../../client/calls/values.ts";
import { CliError } from "../../exit.ts";

/** Empty where there is no file. @throws when it is no JSON object */
export function readJson(path: string): Json {
  if (!existsSync(path)) return {};
  const text = readFileSync(path, "utf8");
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CliError(`${path} is not plain JSON, so it was left as it is.`);
  }
  if (object(value) !== value)
    throw new CliError(`${path} is no JSON object; it was left as it is.`);
  return object(value);
}

export function writeJson(path: string, value: Json): void {
  writeText(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * A file that is there keeps its permissions, since it may hold secrets of others that share it,
 * and its place where its name is a link. A new one is as any file is.
 */
export function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const before = statSync(path, { throwIfNoEntry: false });
  const file = before ? realpathSync(path) : path;
  const draft = `${file}.${process.pid}.tmp`;
  // What is in the draft's place is a rest of a process that had this number, or a trap.
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { flag: "wx", mode: before ? before.mode & 0o777 : 0o666 });
  renameSync(draft, file);
}

export function remove(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Changes a settings file that is there, and only where there is something to change. One that says
 * nothing afterwards goes, but for a link, which somebody else has put there.
 *
 * @param without what stays of it; null: nothing
 */
export function takeOut(path: string, without: (before: Json) => Json | null): void {
  if (!existsSync(path)) return;
  const before = readJson(path);
  const after = without(before) ?? {};
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  const isEmpty = Object.keys(after).length === 0;
  if (isEmpty && !lstatSync(path).isSymbolicLink()) remove(path);
  else writeJson(path, after);
}

/** Removes each folder that is empty then, the innermost first. */
export function removeEmpty(...folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // It has something in it, or it is not there.
    }
  }
}

/** Settings without our MCP server. */
export function withoutServer(settings: Json): Json {
  const { memory: _ours, ...others } = object(settings["mcpServers"]);
  return withEntry(settings, "mcpServers", others);
}

/** The object with another value under a name; without the name where that is undefined or empty. */
export function withEntry(holder: Json, name: string, value: unknown): Json {
  const { [name]: _before, ...others } = holder;
  const isEmpty =
    value === undefined || (object(value) === value && Object.keys(object(value)).length === 0);
  return isEmpty ? others : { ...holder, [name]: value };
}
