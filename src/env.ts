/**
 * Bindings and settings, parsed once; every problem is named.
 *
 * @module
 */

import type { Coordinator, MemoryInstance } from "./durable/index.ts";

/** What the platform hands to the Worker and its Durable Objects, as wrangler.toml declares it. */
export interface Env {
  MEMORY_INSTANCE: DurableObjectNamespace<MemoryInstance>;
  COORDINATOR: DurableObjectNamespace<Coordinator>;
  BACKUPS: R2Bucket;
  CF_VERSION_METADATA?: WorkerVersionMetadata;
  TURSO_DATABASE_URL: string;
  TURSO_AUTH_TOKEN?: string;
  ADMIN_TOKEN?: string;
  INSTANCE_COUNT?: string;
  EPISODE_IDLE_TIMEOUT_S?: string;
  CACHE_EPISODES_MAX?: string;
  NAMESPACE_EPISODES_MAX?: string;
  DATABASE_TIMEOUT_MS?: string;
}

export interface Settings {
  databaseUrl: string;
  databaseToken: string | null;
  /** One database request, ms. */
  databaseTimeoutMs: number;
  adminToken: string | null;
  instanceCount: number;
  /** An episode without a write for this long is closed as abandoned, ms. */
  episodeIdleTimeoutMs: number;
  /** Ended episodes that an instance keeps beside what is in progress or unsent. */
  cacheEpisodesMax: number;
  /** Ended episodes that a namespace recalls and learns from. */
  namespaceEpisodesMax: number;
}

/** Reads the settings. Throws an Error that lists every setting at fault, with its bounds. */
export function parseSettings(env: Env): Settings {
  const problems: string[] = [];
  const integer = (name: keyof Env, fallback: number, min: number, max: number): number => {
    const raw = env[name];
    if (raw === undefined || raw === "") return fallback;
    const value = Number(raw);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name} must be a whole number from ${min} to ${max}`);
    return fallback;
  };
  const databaseUrl = env.TURSO_DATABASE_URL ?? "";
  if (!/^(https?|libsql):\/\/\S+$/.test(databaseUrl)) {
    problems.push("TURSO_DATABASE_URL must be an http(s):// or libsql:// address");
  }
  if (env.ADMIN_TOKEN !== undefined && env.ADMIN_TOKEN !== "" && env.ADMIN_TOKEN.length < 16) {
    problems.push("ADMIN_TOKEN must have at least 16 characters");
  }
  const settings: Settings = {
    databaseUrl,
    databaseToken: env.TURSO_AUTH_TOKEN || null,
    databaseTimeoutMs: integer("DATABASE_TIMEOUT_MS", 4_000, 100, 4_900),
    adminToken: env.ADMIN_TOKEN || null,
    instanceCount: integer("INSTANCE_COUNT", 4, 1, 64),
    episodeIdleTimeoutMs: integer("EPISODE_IDLE_TIMEOUT_S", 86_400, 1, 31_536_000) * 1_000,
    cacheEpisodesMax: integer("CACHE_EPISODES_MAX", 5_000, 10, 100_000),
    namespaceEpisodesMax: integer("NAMESPACE_EPISODES_MAX", 100_000, 10, 1_000_000),
  };
  if (problems.length > 0) throw new Error(`Settings at fault: ${problems.join("; ")}.`);
  return settings;
}
