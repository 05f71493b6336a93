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

const LOCAL = "http://127.0.0.1:";
const LOCAL_PORT = "8787";

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

/**
 * The folder of a local `npm start`; null: there is none. What is in the working folder may be a
 * stranger's, as a project that was cloned or a folder that others write to: it decides about
 * nothing unless it is this user's own.
 */
function localFolder(env: Io["env"]): string | null {
  const named = env["MEMORY_DATA_DIR"];
  if (named) return named;
  const folder = join(process.cwd(), ".data");
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const isOwn = owner !== undefined && (!process.getuid || owner === process.getuid());
  return isOwn ? folder : null;
}

/** What a local `npm start` noted: a secret, or its address; undefined: it did not. */
function noted(folder: string | null, name: string): string | undefined {
  if (folder === null) return undefined;
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/** Whether it is an address as `npm start` notes it: of this machine, so that nothing leaves it. */
function isLocal(url: string): boolean {
  return url.startsWith(LOCAL) && Number.isInteger(Number(url.slice(LOCAL.length)));
}

/** Where `npm start` of the working folder said that it listens; null: that cannot be read. */
export function startedUrl(env: Io["env"]): string | null {
  try {
    const said = noted(localFolder(env), "url");
    return said !== undefined && isLocal(said) ? said : null;
  } catch {
    return null;
  }
}

/** Where `npm start` listens before it has said so. */
function localUrl(env: Io["env"]): string {
  return `${LOCAL}${env["MEMORY_PORT"] || LOCAL_PORT}`;
}

export interface TargetFlags {
  profile?: string;
  url?: string;
  namespace?: string;
}

/**
 * Flags, then the environment, then the profile; without any, the service that `npm start` runs
 * here.
 */
export function resolveTarget(flags: TargetFlags, env: Io["env"]): Target {
  const base = profileTarget(flags, env) ?? localTarget(flags, env);
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
function localTarget(flags: TargetFlags, env: Io["env"]): Target {
  const folder = localFolder(env);
  const said = noted(folder, "url");
  const url = said === undefined || !isLocal(said) ? localUrl(env) : said;
  const key = said === undefined || isLocal(said) ? noted(folder, "local-key") : undefined;
  const named = flags.url ?? (env["MEMORY_URL"] || url);
  const bare = named.endsWith("/") ? named.slice(0, -1) : named;
  if (key === undefined || bare !== url) return { url, name: "environment", source: "environment" };
  const adminToken = noted(folder, "admin-token");
  return {
    url,
    name: "local",
    source: "npm start",
    key,
    ...(adminToken === undefined ? {} : { admin_token: adminToken }),
  };
}
