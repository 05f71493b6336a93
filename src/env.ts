/**
 * What the platform hands to the Worker and its Durable Objects, and what the deployment sets, parsed
 * and checked: an unusable value stops the start with an error that names every problem. A setting
 * that may change at run time (`contract/settings.ts`) has a variable of its name in capitals, which
 * is its default.
 *
 * @module
 */

import {
  JURISDICTIONS,
  LOCATIONS,
  oneOf,
  type Jurisdiction,
  type Location,
} from "./contract/cluster/placement.ts";
import { LIMITS } from "./contract/limits.ts";
import { parseSecretPatterns, type SecretPattern } from "./contract/redaction.ts";
import {
  parseSetting,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingOverrides,
} from "./contract/settings.ts";
import { RELEASE } from "./release.ts";
import { fromHex } from "./util/hashing/hash.ts";
import { isSafeOrigin } from "./util/public-address.ts";

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
  /** An Analytics Engine dataset for what namespaces use; without it there is no such report. */
  USAGE?: AnalyticsEngineDataset;
  EMBEDDING_MODEL?: string;
  /** An endpoint that speaks OpenAI's protocol for embeddings, instead of Workers AI. */
  EMBEDDINGS_URL?: string;
  /** Its bearer token. */
  EMBEDDINGS_KEY?: string;
  /** Where OAuth keeps clients, grants and hashes of tokens; without it there is no OAuth. */
  OAUTH_KV?: KVNamespace;
  /** The origin by which OAuth clients know the service; absent: that of each request. */
  OAUTH_ORIGIN?: string;
  CF_VERSION_METADATA?: WorkerVersionMetadata;
  TURSO_DATABASE_URL: string;
  TURSO_AUTH_TOKEN?: string;
  ADMIN_TOKEN?: string;
  /** Tokens that may as much, each somebody's: NAME=TOKEN, parted by spaces, commas or lines. */
  ADMIN_TOKENS?: string;
  /**
   * Encrypts and authenticates backups: 64 hex digits. Several, parted by spaces or commas: the
   * first is for writing, all are for reading.
   */
  BACKUP_KEY?: string;
  INSTANCE_COUNT?: string;
  /** Near which place Durable Objects are made: the database's. It moves none that is there. */
  DATABASE_LOCATION?: string;
  /** In which jurisdiction all Durable Objects are. Another one is a deployment with nothing in it. */
  JURISDICTION?: string;
  /** auto, or manual: migrations of the database wait for an operator. */
  MIGRATIONS?: string;
  METRICS_OPEN?: string;
  SENTRY_DSN?: string;
  /** Origins of pages whose scripts may call the service, parted by spaces or commas. */
  CORS_ORIGINS?: string;
  /** Patterns of secrets, beside those that the service knows: `contract/redaction.ts`. */
  REDACTION_PATTERNS?: string;
  /** The files of the console. */
  ASSETS: Fetcher;
  /** On a server of one's own: a way out that leads to public addresses alone, names resolved. */
  PUBLIC_NETWORK?: Fetcher;
}

/** 384 dimensions, 512 tokens. */
const EMBEDDING_MODEL = "@cf/baai/bge-small-en-v1.5";

/** How many instances there are when the deployment does not say. */
const INSTANCES_DEFAULT = 4;

/** Keys of backups that are looked at: the one for writing, and earlier ones for reading. */
const BACKUP_KEYS_MAX = 8;

/** Tokens of operators beside ADMIN_TOKEN, at most; characters of one, at least. */
const ADMIN_TOKENS_MAX = 50;
const ADMIN_TOKEN_MIN = 16;
const ADMIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;
/** As the audit names who has ADMIN_TOKEN. */
const ROOT = "root";

/** A secret that may do everything, and whose it is. */
export interface AdminToken {
  name: string;
  token: string;
}

/** What the deployment sets, checked. */
export interface Deployment {
  databaseUrl: string;
  databaseToken: string | null;
  /** ADMIN_TOKEN, whose name is root, and those of ADMIN_TOKENS. None: no key can be made. */
  admins: readonly AdminToken[];
  /** Used where there is a provider of vectors. */
  embeddingModel: string;
  /** The endpoint that makes vectors; null: only the AI binding does, if there is one. */
  embeddings: { url: string; key: string | null } | null;
  /** How many instances this deployment wants; the Coordinator says how many there are. */
  instanceCount: number;
  /** Which all Durable Objects are in; null: anywhere. */
  jurisdiction: Jurisdiction | null;
  /** Near which new ones are made; null: near who asks first. */
  location: Location | null;
  /**
   * auto: what only adds to the database is applied on the first connection. manual: nothing is,
   * but to an empty database.
   */
  migrations: "auto" | "manual";
  /** Which version this is, and the platform's id of it. */
  version: { version: string; id: string | null };
  /** The metrics are open to everybody (METRICS_OPEN). */
  metricsOpen: boolean;
  /** Where errors are reported; null: nowhere. */
  sentryDsn: string | null;
  /** Origins of pages whose scripts may call the service; "*": any. */
  corsOrigins: ReadonlySet<string>;
  /** The origin by which OAuth clients know the service; null: that of each request. */
  oauthOrigin: string | null;
  secretPatterns: readonly SecretPattern[];
  /** When it was deployed, RFC 3339; "" when the platform does not say. */
  deployedAt: string;
  /**
   * 32 bytes each, the newest first; null for one that is malformed. None: backups are neither
   * encrypted nor authenticated.
   */
  backupKeys: readonly (Uint8Array<ArrayBuffer> | null)[];
  /** What is wrong with BACKUP_KEY; null: nothing. It must not take the service down. */
  backupKeyProblem: string | null;
  /** Defaults of the settings that may change at run time. */
  defaults: SettingOverrides;
}

const deployments = new WeakMap<Env, Deployment>();

/** As `parseEnv`, once for each isolate. */
export function deploymentOf(env: Env): Deployment {
  let deployment = deployments.get(env);
  if (!deployment) {
    deployment = parseEnv(env);
    deployments.set(env, deployment);
  }
  return deployment;
}

/** Throws an Error that lists everything that is wrong with the deployment, with its bounds. */
export function parseEnv(env: Env): Deployment {
  const { defaults, problems: settingProblems } = parseDefaults(env);
  const problems = [...variableProblems(env), ...settingProblems];
  if (problems.length > 0) throw new Error(`Settings at fault: ${problems.join("; ")}.`);

  const { CF_VERSION_METADATA: version } = env;
  const backupKeys = backupKeysOf(env);
  return {
    databaseUrl: env.TURSO_DATABASE_URL,
    databaseToken: env.TURSO_AUTH_TOKEN || null,
    admins: adminsOf(env),
    backupKeys,
    backupKeyProblem: backupKeyProblemOf(backupKeys),
    embeddingModel: env.EMBEDDING_MODEL || EMBEDDING_MODEL,
    embeddings: env.EMBEDDINGS_URL
      ? { url: env.EMBEDDINGS_URL, key: env.EMBEDDINGS_KEY || null }
      : null,
    instanceCount: instanceCountOf(env),
    ...placementOf(env),
    migrations: env.MIGRATIONS === "manual" ? "manual" : "auto",
    version: { version: RELEASE.version, id: version?.id || null },
    metricsOpen: env.METRICS_OPEN === "true",
    sentryDsn: env.SENTRY_DSN || null,
    corsOrigins: new Set(originsOf(env)),
    oauthOrigin: env.OAUTH_ORIGIN || null,
    secretPatterns: parseSecretPatterns(env.REDACTION_PATTERNS ?? ""),
    deployedAt: version?.timestamp ?? "",
    defaults,
  };
}

/** Where Durable Objects are. What is no name of the platform's is none; `parseEnv` refuses it. */
export function placementOf({
  JURISDICTION,
  DATABASE_LOCATION,
}: Pick<Env, "JURISDICTION" | "DATABASE_LOCATION">): Pick<Deployment, "jurisdiction" | "location"> {
  return {
    jurisdiction: oneOf(JURISDICTIONS, JURISDICTION ?? ""),
    location: oneOf(LOCATIONS, DATABASE_LOCATION ?? ""),
  };
}

function instanceCountOf({ INSTANCE_COUNT }: Env): number {
  return Number(INSTANCE_COUNT || INSTANCES_DEFAULT);
}

function adminsOf(env: Env): AdminToken[] {
  const { ADMIN_TOKEN: token } = env;
  return [...(token ? [{ name: ROOT, token }] : []), ...namedAdminsOf(env)];
}

function namedAdminsOf({ ADMIN_TOKENS }: Env): AdminToken[] {
  const texts = (ADMIN_TOKENS ?? "").split(/[\s,]+/).filter((text) => text !== "");
  return texts.map((text) => {
    const at = text.indexOf("=");
    return { name: text.slice(0, Math.max(0, at)), token: text.slice(at + 1) };
  });
}

/** What is wrong with ADMIN_TOKENS, without a word of a token. */
function adminProblems(env: Env): string[] {
  const named = namedAdminsOf(env);
  if (named.length > ADMIN_TOKENS_MAX) return [`ADMIN_TOKENS must be at most ${ADMIN_TOKENS_MAX}`];
  const problems = named.flatMap(({ name, token }, i) => {
    if (!ADMIN_NAME.test(name) || name === ROOT)
      return `ADMIN_TOKENS must be NAME=TOKEN, parted by spaces or commas: number ${i + 1} is not`;
    return token.length < ADMIN_TOKEN_MIN
      ? `ADMIN_TOKENS must have at least ${ADMIN_TOKEN_MIN} characters each: number ${i + 1} has not`
      : [];
  });
  const all = adminsOf(env);
  for (const part of ["name", "token"] as const)
    if (new Set(all.map((admin) => admin[part])).size < all.length)
      problems.push(`ADMIN_TOKENS must not have a ${part} twice`);
  return problems;
}

/** Of each key its bytes; null for what is none. */
function backupKeysOf({ BACKUP_KEY }: Env): (Uint8Array<ArrayBuffer> | null)[] {
  const texts = (BACKUP_KEY ?? "").split(/[\s,]+/).filter((text) => text !== "");
  return texts
    .slice(0, BACKUP_KEYS_MAX + 1)
    .map((text) => (/^[0-9a-f]{64}$/i.test(text) ? fromHex(text) : null));
}

/** What is wrong with BACKUP_KEY, without a word of what it is. */
function backupKeyProblemOf(keys: Deployment["backupKeys"]): string | null {
  if (keys.length > BACKUP_KEYS_MAX) {
    return `BACKUP_KEY must be at most ${BACKUP_KEYS_MAX} keys, the newest first`;
  }
  const malformed = keys.indexOf(null);
  if (malformed < 0) return null;
  const which = keys.length === 1 ? "" : `: number ${malformed + 1} of ${keys.length} is not`;
  return `BACKUP_KEY must be 64 hex digits, as \`openssl rand -hex 32\` prints them${which}`;
}

function originsOf({ CORS_ORIGINS }: Env): string[] {
  return (CORS_ORIGINS ?? "").split(/[\s,]+/).filter((origin) => origin !== "");
}

/** An origin as a browser sends it: a scheme, a host, and a port where it is not the usual one. */
function isOrigin(text: string): boolean {
  return text === "*" || (URL.canParse(text) && new URL(text).origin === text);
}

/** An origin that may issue tokens: over TLS, or on this machine. */
function isOAuthOrigin(text: string): boolean {
  return text !== "*" && isOrigin(text) && isSafeOrigin(new URL(text));
}

/** What is wrong with the variables that are no settings, a sentence each. */
function variableProblems(env: Env): string[] {
  const problems: string[] = [];
  const { TURSO_DATABASE_URL, ADMIN_TOKEN, METRICS_OPEN, SENTRY_DSN } = env;
  if (!/^(https?|libsql):\/\/\S+$/.test(TURSO_DATABASE_URL ?? "")) {
    problems.push("TURSO_DATABASE_URL must be an http(s):// or libsql:// address");
  }
  if (ADMIN_TOKEN && ADMIN_TOKEN.length < ADMIN_TOKEN_MIN) {
    problems.push(`ADMIN_TOKEN must have at least ${ADMIN_TOKEN_MIN} characters`);
  }
  problems.push(...adminProblems(env));
  if (env.EMBEDDINGS_URL && !/^https?:\/\/[^\s@/]+\/\S+$/.test(env.EMBEDDINGS_URL)) {
    problems.push("EMBEDDINGS_URL must be the address of an endpoint, without a password in it");
  }
  if (env.EMBEDDINGS_URL && !env.EMBEDDING_MODEL) {
    problems.push("EMBEDDINGS_URL needs EMBEDDING_MODEL, the model that it is asked for");
  }
  const count = instanceCountOf(env);
  if (!Number.isInteger(count) || count < 1 || count > LIMITS.instances_max) {
    problems.push(`INSTANCE_COUNT must be a whole number from 1 to ${LIMITS.instances_max}`);
  }
  if (!["", "auto", "manual"].includes(env.MIGRATIONS ?? "")) {
    problems.push("MIGRATIONS must be auto or manual");
  }
  if (!["", "true", "false"].includes(METRICS_OPEN ?? "")) {
    problems.push("METRICS_OPEN must be true or false");
  }
  if (SENTRY_DSN && !/^https?:\/\/[^\s@/]+@[^\s/]+\/\S+$/.test(SENTRY_DSN)) {
    problems.push("SENTRY_DSN must be a Sentry DSN: https://KEY@HOST/PROJECT");
  }
  if (env.OAUTH_ORIGIN && !isOAuthOrigin(env.OAUTH_ORIGIN)) {
    problems.push("OAUTH_ORIGIN must be an origin such as https://memory.example");
  }
  problems.push(...placementProblems(env), ...listProblems(env));
  return problems;
}

/** What is wrong with where Durable Objects are to be. */
function placementProblems(env: Env): string[] {
  const { jurisdiction, location } = placementOf(env);
  const problems: string[] = [];
  if (env.JURISDICTION && jurisdiction === null)
    problems.push(`JURISDICTION must be one of ${JURISDICTIONS.join(", ")}`);
  if (env.DATABASE_LOCATION && location === null)
    problems.push(`DATABASE_LOCATION must be one of ${LOCATIONS.join(", ")}`);
  return problems;
}

/** What is wrong with the variables that are lists. */
function listProblems(env: Env): string[] {
  const problems = originsOf(env)
    .filter((origin) => !isOrigin(origin))
    .map((origin) => `CORS_ORIGINS must be origins such as https://app.example, not ${origin}`);
  try {
    parseSecretPatterns(env.REDACTION_PATTERNS ?? "");
  } catch (error) {
    problems.push(`REDACTION_PATTERNS must be patterns: ${(error as Error).message}`);
  }
  return problems;
}

/** The settings whose variables are set, and what is wrong with those. */
function parseDefaults(env: Env): { defaults: SettingOverrides; problems: string[] } {
  const defaults: Record<string, unknown> = {};
  const problems: string[] = [];
  const variables = env as unknown as Readonly<Record<string, unknown>>;
  for (const name of SETTING_NAMES) {
    const text = variables[name.toUpperCase()];
    if (typeof text !== "string" || text === "") continue;
    const parsed = parseSetting(name, valueOf(text, SETTINGS[name].type));
    if (parsed.ok) defaults[name] = parsed.value;
    else problems.push(`${name.toUpperCase()} ${parsed.problem}`);
  }
  return { defaults: defaults as SettingOverrides, problems };
}

/** A variable's text as a value of the setting's type; what is none stays a text, to be refused. */
function valueOf(text: string, type: (typeof SETTINGS)[SettingName]["type"]): unknown {
  if (type === "choice") return text;
  if (type === "boolean") return text === "true" || (text === "false" ? false : text);
  return Number(text);
}
