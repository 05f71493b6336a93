/**
 * Finds where the service is and which key is used. A key comes from the environment, from a file
 * that only its owner reads, or from a prompt; never from the command line, which others on the
 * machine can see.
 *
 * @module
 */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CliError } from "./exit.ts";
import { localService, usualUrl } from "./local-service.ts";
import type { Io } from "./terminal/io.ts";

export interface Profile {
  url: string;
  namespace?: string;
  /** A key with scopes. */
  key?: string;
  /** The root's secret. */
  admin_token?: string;
}

interface ProfileFile {
  current: string | null;
  profiles: Record<string, Profile>;
}

/** What a command works with, and where it is from. */
export interface Target extends Profile {
  name: string;
  source: string;
}

/** The file of the profiles. */
export function profilePath(env: Io["env"]): string {
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "memory-cli", "profiles.json");
}

/** @throws when others may read the file, or it is not JSON */
export function readProfiles(path: string): ProfileFile {
  const file = readPrivate(path) as Partial<ProfileFile> | null;
  return { current: file?.current ?? null, profiles: file?.profiles ?? {} };
}

/** Whole or not at all, and for the owner only. */
export function writeProfiles(path: string, file: ProfileFile): void {
  writePrivate(path, file);
}

/**
 * The JSON of a file that holds secrets; null: there is none.
 *
 * @throws CliError when others may read it, or it is not JSON
 */
export function readPrivate(path: string): object | null {
  if (!existsSync(path)) return null;
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new CliError(
      `${path} holds keys and others may read it (mode ${mode.toString(8)}). Run: chmod 600 ${path}`,
    );
  }
  try {
    return JSON.parse(readFileSync(path, "utf8")) as object;
  } catch {
    throw new CliError(`${path} is not JSON. Mend it, or remove it and add what it held again.`);
  }
}

/** Writes JSON that holds secrets: whole or not at all, and for the owner only. */
export function writePrivate(path: string, value: object): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

/** Where `npm start` of the working folder said that it listens; null: that cannot be read. */
export function startedUrl(env: Io["env"]): string | null {
  return localService(env).url ?? null;
}

export interface TargetFlags {
  profile?: string;
  url?: string;
  namespace?: string;
}

/**
 * Flags, then the environment, then the profile; without any, the service that `npm start` runs
 * here.
 *
 * @param here what becomes of what the working folder says: a person who types a command chose that
 * folder, an agent that calls one works wherever it was started
 */
export function resolveTarget(
  flags: TargetFlags,
  env: Io["env"],
  here: "used" | "ignored" = "used",
): Target {
  const base = profileTarget(flags, env) ?? localTarget(flags, env, here);
  const namespace = flags.namespace ?? (env["MEMORY_NAMESPACE"] || base.namespace);
  const key = env["MEMORY_KEY"] || base.key;
  const adminToken = env["MEMORY_ADMIN_TOKEN"] || base.admin_token;
  const url = flags.url ?? (env["MEMORY_URL"] || base.url);
  if (!/^https?:\/\/\S+$/.test(url)) throw new CliError(`"${url}" is not an http(s) address.`);
  return {
    name: base.name,
    source: base.source,
    url,
    ...(namespace === undefined ? {} : { namespace }),
    ...(key === undefined ? {} : { key }),
    ...(adminToken === undefined ? {} : { admin_token: adminToken }),
  };
}

/** The profile that is named or in use; null: none is. @throws when there is none of the name */
function profileTarget(flags: TargetFlags, env: Io["env"]): Target | null {
  const path = profilePath(env);
  const { current, profiles } = readProfiles(path);
  const hasAddress = Boolean(flags.url || env["MEMORY_URL"]);
  const name = flags.profile ?? (env["MEMORY_PROFILE"] || (hasAddress ? null : current));
  if (name === null) return null;
  const profile = profiles[name];
  if (!profile) {
    const names = Object.keys(profiles).join(", ") || "none yet";
    throw new CliError(
      `There is no profile "${name}" (there are: ${names}). Add it: memory-cli profile add ${name} --url URL`,
    );
  }
  return { ...profile, name, source: path };
}

/** The service that `npm start` runs here, or its address alone where another one is named. */
function localTarget(flags: TargetFlags, env: Io["env"], here: "used" | "ignored"): Target {
  const found = here === "used" ? localService(env) : {};
  const usual = usualUrl(env);
  const own = found.url ?? usual;
  // A key of the environment goes to no address that the working folder alone names.
  const hasKey = Boolean(env["MEMORY_KEY"] || env["MEMORY_ADMIN_TOKEN"]);
  const url = hasKey && !env["MEMORY_DATA_DIR"] ? usual : own;
  const named = flags.url ?? (env["MEMORY_URL"] || url);
  const bare = named.endsWith("/") ? named.slice(0, -1) : named;
  const { key, adminToken } = found;
  if (key === undefined || bare !== own) return { url, name: "environment", source: "environment" };
  return {
    url,
    name: "local",
    source: "npm start",
    key,
    ...(adminToken === undefined ? {} : { admin_token: adminToken }),
  };
}
