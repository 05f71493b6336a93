/**
 * Where `wrangler` and `turso` are taken from, and what they are told. A working folder may be a
 * project that a stranger made: what stands there is run only where a person named it.
 *
 * @module
 */

import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { option } from "../spec.ts";
import type { Io } from "../terminal/io.ts";

/** The `wrangler.toml` of the folder that a command runs in. */
const USUAL_CONFIG = "wrangler.toml";
/** The checkout, or the package's folder. */
const OWN_FOLDER = join(import.meta.dirname, import.meta.url.endsWith(".ts") ? "../.." : "..");
/** What a program needs to start at all, and none of it is a secret. */
const BARE = ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TMPDIR", "TEMP", "LANG"];

/** What it runs is what the named folder has. */
export const CONFIG = option("--config <file>", "the wrangler.toml (default: the one here)");

/** A `wrangler.toml`, and whose it is. */
export interface Config {
  path: string;
  /** Its folder, absolute: programs run there. */
  folder: string;
  /** Whether its folder is this program's own checkout, or a person named it. */
  isTrusted: boolean;
}

/** @param named what `--config` says; undefined: the one of the working folder */
export function configOf(named: string | undefined): Config {
  const path = named ?? USUAL_CONFIG;
  const folder = dirname(resolve(path));
  return { path, folder, isTrusted: named !== undefined || real(folder) === real(OWN_FOLDER) };
}

/**
 * The file of a program: of a trusted folder's packages, then of this program's own, then of PATH,
 * but for what PATH has relative to a folder, or among the packages of one that is not trusted.
 *
 * @returns null: there is none
 */
export function programPath(program: string, config: Config, env: Io["env"]): string | null {
  const packages = join(config.folder, "node_modules");
  const onPath = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder) && (config.isTrusted || !isWithin(folder, packages)));
  const own = [...(config.isTrusted ? [config.folder] : []), OWN_FOLDER];
  const folders = [...own.map((folder) => join(folder, "node_modules/.bin")), ...onPath];
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

/**
 * The environment of a program that needs none of this one's secrets.
 *
 * @param names variables that it gets beside what every program needs
 */
export function bareEnvironment(env: Io["env"], names: readonly string[] = []): Io["env"] {
  const kept = Object.entries(env).filter(([name]) => [...BARE, ...names].includes(name));
  return { ...Object.fromEntries(kept), WRANGLER_SEND_METRICS: "false" };
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(real(folder), real(path));
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}

/** Without links, where it is there. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
