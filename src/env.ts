/**
 * Bindings and what the deployment sets, parsed once; every problem is named. Settings that may
 * change at run time have a variable of the same name in capitals for their default
 * (`memory/settings.ts`).
 *
 * @module
 */

import packageJson from "../package.json" with { type: "json" };
import {
  parseSetting,
  SETTING_NAMES,
  SETTINGS,
  type SettingOverrides,
} from "./contract/settings.ts";
import { fromHex } from "./util/hash.ts";

/** What is used of the Workers AI binding. */
export interface AiBinding {
  run(model: string, input: { text: string[]; pooling: "cls" }): Promise<unknown>;
}

/** What the platform hands to the Worker and its Durable Objects, as wrangler.toml declares it. */
export interface Env {
  MEMORY_INSTANCE: DurableObjectNamespace;
  COORDINATOR: DurableObjectNamespace;
  BACKUPS: R2Bucket;
  DRILL_SCRATCH: DurableObjectNamespace;
  JOBS: Workflow<{ job: string }>;
  /** Workers AI, for semantic vectors; without it there are none. */
  AI?: AiBinding;
  EMBEDDING_MODEL?: string;
  CF_VERSION_METADATA?: WorkerVersionMetadata;
  TURSO_DATABASE_URL: string;
  TURSO_AUTH_TOKEN?: string;
  ADMIN_TOKEN?: string;
  /** Encrypts and authenticates backups: 64 hex digits. */
  BACKUP_KEY?: string;
  INSTANCE_COUNT?: string;
  METRICS_OPEN?: string;
  SENTRY_DSN?: string;
  /** The files of the console. */
  ASSETS: Fetcher;
}

/** 384 dimensions, 512 tokens. */
const EMBEDDING_MODEL = "@cf/baai/bge-small-en-v1.5";

/** The most instances there may be. */
const INSTANCES_MAX = 64;

export interface Deployment {
  databaseUrl: string;
  databaseToken: string | null;
  adminToken: string | null;
  /** Used with the AI binding only. */
  embeddingModel: string;
  /** How many instances this deployment wants; the Coordinator says how many there are. */
  instanceCount: number;
  /** Which version this is, and the platform's id of it. */
  version: { version: string; id: string | null };
  /** The metrics are open to everybody (METRICS_OPEN). */
  metricsOpen: boolean;
  /** Where errors are reported; null: nowhere. */
  sentryDsn: string | null;
  /** When it was deployed, RFC 3339; "" when nobody knows. */
  deployedAt: string;
  /** 32 bytes; null: backups are neither encrypted nor authenticated. */
  backupKey: Uint8Array<ArrayBuffer> | null;
  /** Defaults of the settings that may change at run time. */
  defaults: SettingOverrides;
}

const deployments = new WeakMap<Env, Deployment>();

/** Like `parseEnv`, read once for each isolate. */
export function deploymentOf(env: Env): Deployment {
  let known = deployments.get(env);
  if (!known) {
    known = parseEnv(env);
    deployments.set(env, known);
  }
  return known;
}

/**
 * Reads what the deployment sets. Throws an Error that lists everything at fault, with its bounds.
 */
export function parseEnv(env: Env): Deployment {
  const problems: string[] = [];
  const databaseUrl = env.TURSO_DATABASE_URL ?? "";
  if (!/^(https?|libsql):\/\/\S+$/.test(databaseUrl)) {
    problems.push("TURSO_DATABASE_URL must be an http(s):// or libsql:// address");
  }
  if (env.ADMIN_TOKEN !== undefined && env.ADMIN_TOKEN !== "" && env.ADMIN_TOKEN.length < 16) {
    problems.push("ADMIN_TOKEN must have at least 16 characters");
  }
  const backupKey = env.BACKUP_KEY || null;
  if (backupKey !== null && !/^[0-9a-f]{64}$/i.test(backupKey)) {
    problems.push("BACKUP_KEY must be 64 hex digits, as `openssl rand -hex 32` prints them");
  }
  const instanceCount = Number(env.INSTANCE_COUNT || 4);
  if (!Number.isInteger(instanceCount) || instanceCount < 1 || instanceCount > INSTANCES_MAX) {
    problems.push(`INSTANCE_COUNT must be a whole number from 1 to ${INSTANCES_MAX}`);
  }
  if (!["", "true", "false"].includes(env.METRICS_OPEN ?? ""))
    problems.push("METRICS_OPEN must be true or false");
  if (env.SENTRY_DSN && !/^https?:\/\/[^\s@/]+@[^\s/]+\/\S+$/.test(env.SENTRY_DSN)) {
    problems.push("SENTRY_DSN must be a Sentry DSN: https://KEY@HOST/PROJECT");
  }
  const defaults: Record<string, unknown> = {};
  const variables = env as unknown as Readonly<Record<string, unknown>>;
  for (const name of SETTING_NAMES) {
    const raw = variables[name.toUpperCase()];
    if (typeof raw !== "string" || raw === "") continue;
    const { type } = SETTINGS[name];
    const parsed = parseSetting(
      name,
      type === "boolean"
        ? raw === "true"
          ? true
          : raw === "false"
            ? false
            : raw
        : type === "choice"
          ? raw
          : Number(raw),
    );
    if (parsed.ok) defaults[name] = parsed.value;
    else problems.push(`${name.toUpperCase()} ${parsed.problem}`);
  }
  if (problems.length > 0) throw new Error(`Settings at fault: ${problems.join("; ")}.`);
  return {
    databaseUrl,
    databaseToken: env.TURSO_AUTH_TOKEN || null,
    adminToken: env.ADMIN_TOKEN || null,
    backupKey: backupKey === null ? null : fromHex(backupKey),
    embeddingModel: env.EMBEDDING_MODEL || EMBEDDING_MODEL,
    instanceCount,
    version: { version: packageJson.version, id: env.CF_VERSION_METADATA?.id || null },
    metricsOpen: env.METRICS_OPEN === "true",
    sentryDsn: env.SENTRY_DSN || null,
    deployedAt: env.CF_VERSION_METADATA?.timestamp ?? "",
    defaults: defaults as SettingOverrides,
  };
}
