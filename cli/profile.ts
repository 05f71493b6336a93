/**
 * Where the service is and which key is used. A key comes from the environment, from a file that
 * only its owner reads, or from a prompt; never from the command line, which others on the machine
 * can see.
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

const LOCAL_URL = "http://127.0.0.1:8787";

export function profilePath(env: NodeJS.ProcessEnv = process.env): string {
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "memory-cli", "profiles.json");
}

export function readProfiles(path = profilePath()): ProfileFile {
  if (!existsSync(path)) return { current: null, profiles: {} };
  const mode = statSync(path).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new CliError(
      `${path} holds keys and others may read it (mode ${mode.toString(8)}). Run: chmod 600 ${path}`,
    );
  }
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as Partial<ProfileFile>;
    return { current: file.current ?? null, profiles: file.profiles ?? {} };
  } catch {
    throw new CliError(`${path} is not JSON. Mend it, or remove it and add the profiles again.`);
  }
}

/** Whole or not at all, and for the owner only. */
export function writeProfiles(file: ProfileFile, path = profilePath()): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

/** The secret of a local `npm start`, when there is one. */
function localSecret(name: string): string | undefined {
  const file = join(process.env["MEMORY_DATA_DIR"] ?? ".data", name);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/**
 * Flags, then the environment, then the profile; without any, the service that `npm start` runs
 * here.
 */
export function resolveTarget(flags: {
  profile?: string;
  url?: string;
  namespace?: string;
}): Target {
  const env = process.env;
  const { current, profiles } = readProfiles();
  const name =
    flags.profile ??
    (env["MEMORY_PROFILE"] || undefined) ??
    (env["MEMORY_URL"] || flags.url ? null : current);
  let target: Target;
  if (name !== null && name !== undefined) {
    const profile = profiles[name];
    if (!profile) {
      const known = Object.keys(profiles).join(", ") || "none yet";
      throw new CliError(
        `There is no profile "${name}" (known: ${known}). Add it: memory-cli profile add ${name} --url URL`,
      );
    }
    target = { ...profile, name, source: profilePath() };
  } else {
    const [key, admin_token] = [localSecret("local-key"), localSecret("admin-token")];
    const local = key !== undefined && !flags.url && !env["MEMORY_URL"];
    target = local
      ? {
          url: LOCAL_URL,
          name: "local",
          source: "npm start",
          key,
          ...(admin_token === undefined ? {} : { admin_token }),
        }
      : { url: LOCAL_URL, name: "environment", source: "environment" };
  }
  const namespace = flags.namespace ?? (env["MEMORY_NAMESPACE"] || target.namespace);
  const key = env["MEMORY_KEY"] || target.key;
  const root = env["MEMORY_ADMIN_TOKEN"] || target.admin_token;
  target = {
    name: target.name,
    source: target.source,
    url: flags.url ?? (env["MEMORY_URL"] || target.url),
    ...(namespace === undefined ? {} : { namespace }),
    ...(key === undefined ? {} : { key }),
    ...(root === undefined ? {} : { admin_token: root }),
  };
  if (!/^https?:\/\/\S+$/.test(target.url))
    throw new CliError(`"${target.url}" is not an http(s) address.`);
  return target;
}
