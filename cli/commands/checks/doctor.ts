/**
 * `memory-cli doctor`: what must be there before the service can run, a line each. It reads
 * variables, files of this folder, the database and the service; it changes nothing, and shows no
 * value of a secret.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { App } from "../../app.ts";
import {
  bareEnvironment,
  CONFIG,
  configOf,
  programPath,
  type Config,
} from "../../setup/program-path.ts";
import type { Io } from "../../terminal/io.ts";
import { counted, type Shown } from "../../terminal/output.ts";
import { Checklist, type Finding } from "./checklist.ts";
import { CliError } from "../../exit.ts";
import { ask, databaseUrl, selectOne, type Variables } from "./database.ts";
import { problemsOf, readiness } from "./readiness.ts";
import { option, type CommandSpec } from "../../spec.ts";

const run = promisify(execFile);
/** What wrangler signs in with. */
const CLOUDFLARE = ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"];
const NODE_MIN = [22, 12] as const;
const ADMIN_TOKEN_MIN = 16;
const BACKUP_KEYS_MAX = 8;
const INSTANCE_COUNT_MAX = 1_024;
/** How long an answer of wrangler may take, ms. */
const WRANGLER_MS = 30_000;

/** Variables that are looked at; the environment's go before those of a file. */
const DEPLOYED = [
  "TURSO_DATABASE_URL",
  "TURSO_AUTH_TOKEN",
  "ADMIN_TOKEN",
  "BACKUP_KEY",
  "SENTRY_DSN",
  "INSTANCE_COUNT",
  "MIGRATIONS",
];

interface Deployment {
  values: Variables;
  /** Where they are from, in words. */
  source: string;
  /** The file that was found, not named, and says the address that the environment's token is for. */
  strangeAddress: string | null;
}

/** The variables of a deployment: from the environment, else from a file of NAME=VALUE lines. */
function variables(env: Io["env"], file: string | undefined): Deployment {
  const local = join(env["MEMORY_DATA_DIR"] ?? ".data", "worker.env");
  const found = file ?? [".dev.vars", local].find((one) => existsSync(one));
  if (file !== undefined && !existsSync(file)) throw new CliError(`There is no file ${file}.`);
  const values: Record<string, string> = {};
  for (const line of found === undefined ? [] : readFileSync(found, "utf8").split("\n")) {
    const [, name, value = ""] = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) values[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  for (const name of DEPLOYED) {
    const value = env[name];
    if (value) values[name] = value;
  }
  const isStrange =
    file === undefined && !env["TURSO_DATABASE_URL"] && Boolean(env["TURSO_AUTH_TOKEN"]);
  return {
    values,
    source: found === undefined ? "the environment" : `the environment and ${found}`,
    strangeAddress: isStrange ? (found ?? null) : null,
  };
}

/** @param wrangler null: it is not there */
async function wranglerVersion(wrangler: string | null, env: Io["env"]): Promise<Finding> {
  const missing = new CliError("It is not installed here. Run: npm ci");
  if (wrangler === null) throw missing;
  try {
    const { stdout } = await run(wrangler, ["--version"], {
      timeout: WRANGLER_MS,
      cwd: dirname(wrangler),
      env: bareEnvironment(env),
    });
    return `${stdout.trim().split("\n").at(-1)}`;
  } catch {
    throw missing;
  }
}

/** What a `wrangler.toml` says. @param pattern its group is what is meant */
function wranglerSetting({ path }: Config, pattern: RegExp): string | undefined {
  return existsSync(path) ? pattern.exec(readFileSync(path, "utf8"))?.[1] : undefined;
}

/** The bucket as Cloudflare sees it, or as the running service does. */
async function objectStore(app: App, config: Config, wrangler: string | null): Promise<Finding> {
  const { env } = app.io;
  const bucket = wranglerSetting(config, /bucket_name\s*=\s*"([^"]+)"/);
  // What wrangler asks, and where, the files of its folder say.
  const isAsked = config.isTrusted && Boolean(env["CLOUDFLARE_API_TOKEN"]);
  if (isAsked && bucket !== undefined && wrangler !== null) {
    try {
      await run(wrangler, ["r2", "bucket", "info", bucket], {
        timeout: WRANGLER_MS,
        cwd: config.folder,
        env: bareEnvironment(env, CLOUDFLARE),
      });
      return `the bucket ${bucket} is there`;
    } catch {
      throw new CliError(
        `The bucket ${bucket} cannot be read. Make it: npx wrangler r2 bucket create ${bucket}`,
      );
    }
  }
  const view = await readiness(app.anyone({ retries: 0 }));
  if (view.status !== "unreachable" && app.target.admin_token !== undefined) {
    const client = await app.admin();
    // The list is read from R2: an answer says that it can be asked.
    const { backups, unreadable } = await client.call("listBackups", { query: { limit: 500 } });
    if (unreadable.length > 0)
      throw new CliError(`${unreadable[0]?.object}: ${unreadable[0]?.problem}`);
    return `the service reads it: ${backups.length === 500 ? "500 or more backups" : counted(backups.length, "backup")}`;
  }
  return {
    verdict: "skip",
    message:
      "not asked: set CLOUDFLARE_API_TOKEN, or MEMORY_ADMIN_TOKEN where the service runs already",
  };
}

async function doctor(app: App, file: string | undefined, config: Config): Promise<Shown> {
  const list = new Checklist(app);
  const wrangler = programPath("wrangler", config, app.io.env);
  const { values, source, strangeAddress } = variables(app.io.env, file);
  await list.check("Node.js", nodeVersion);
  await list.check("wrangler", () => wranglerVersion(wrangler, app.io.env));
  const hasDatabase = await list.check(
    "TURSO_DATABASE_URL",
    () => `${new URL(databaseUrl(values)).origin}, from ${source}`,
  );
  await list.check("TURSO_AUTH_TOKEN", () => authToken(values));
  await list.check("ADMIN_TOKEN", () => adminToken(values));
  await list.check("BACKUP_KEY", () => backupKey(values));
  await list.check("SENTRY_DSN", () => sentryDsn(values));
  await list.check("INSTANCE_COUNT", () => instanceCount(values, config));
  if (hasDatabase) await checkDatabase(list, values, strangeAddress);
  await list.check("R2", () => objectStore(app, config, wrangler));
  await list.check("service", () => service(app));
  return list.shown();
}

function nodeVersion(): Finding {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]))
    throw new CliError(`${node} is too old; ${NODE_MIN.join(".")} or later is needed.`);
  return node;
}

function authToken(values: Variables): Finding {
  if (values["TURSO_AUTH_TOKEN"]) return "set";
  if (/^http:\/\/(127\.|localhost|\[::1\])/.test(values["TURSO_DATABASE_URL"] ?? ""))
    return "not set, and a local database needs none";
  return {
    verdict: "warn",
    message: "not set: a database at Turso needs it (npx wrangler secret put TURSO_AUTH_TOKEN)",
  };
}

function adminToken(values: Variables): Finding {
  const token = values["ADMIN_TOKEN"];
  if (!token) throw new CliError("ADMIN_TOKEN is not set: no key can be made.");
  if (token.length < ADMIN_TOKEN_MIN)
    throw new CliError(
      `ADMIN_TOKEN must have at least ${ADMIN_TOKEN_MIN} characters; it has ${token.length}.`,
    );
  return "set";
}

function backupKey(values: Variables): Finding {
  const keys = (values["BACKUP_KEY"] ?? "").split(/[\s,]+/).filter((key) => key !== "");
  if (keys.length === 0) {
    const message =
      "not set: backups are not encrypted, and whoever can write to the bucket can forge one";
    return { verdict: "warn", message };
  }
  const malformed = keys.findIndex((key) => !/^[0-9a-f]{64}$/i.test(key));
  if (malformed >= 0 || keys.length > BACKUP_KEYS_MAX)
    throw new CliError(
      `BACKUP_KEY must be 1 to ${BACKUP_KEYS_MAX} keys of 64 hex digits, the newest first (openssl rand -hex 32)${malformed >= 0 ? `; number ${malformed + 1} is none` : ""}.`,
    );
  return keys.length === 1 ? "set" : `set, and ${keys.length - 1} more for reading`;
}

function sentryDsn(values: Variables): Finding {
  const dsn = values["SENTRY_DSN"];
  if (!dsn) return "not set: errors are reported nowhere but in the log";
  if (!/^https?:\/\/[^\s@/]+@[^\s/]+\/\S+$/.test(dsn))
    throw new CliError("SENTRY_DSN must be a Sentry DSN: https://KEY@HOST/PROJECT.");
  return "set";
}

function instanceCount(values: Variables, config: Config): Finding {
  const count =
    values["INSTANCE_COUNT"] ?? wranglerSetting(config, /^INSTANCE_COUNT\s*=\s*"(\d+)"/m) ?? "4";
  if (!/^\d+$/.test(count) || Number(count) < 1 || Number(count) > INSTANCE_COUNT_MAX)
    throw new CliError(`INSTANCE_COUNT must be 1 to ${INSTANCE_COUNT_MAX}; it is "${count}".`);
  return count;
}

async function checkDatabase(
  list: Checklist,
  values: Variables,
  strangeAddress: string | null,
): Promise<void> {
  await list.check("database /health", async () => {
    const answer = await ask(`${databaseUrl(values)}/health`);
    if (!answer.ok) throw new CliError(`It answers ${answer.status}.`);
    return "it answers";
  });
  await list.check("database /v3", async () => {
    const answer = await ask(`${databaseUrl(values)}/v3`);
    if (!answer.ok)
      throw new CliError(`It answers ${answer.status}: it does not speak Hrana 3 over HTTP.`);
    return "it speaks Hrana 3";
  });
  await list.check("database SELECT 1", () => {
    // A folder that a stranger made may name an address of theirs.
    if (strangeAddress === null) return selectOne(values);
    const message = `not asked: the token is the environment's, the address is from ${strangeAddress}, which nobody named; where it is meant: --env-file ${strangeAddress}`;
    return { verdict: "warn", message };
  });
}

async function service(app: App): Promise<Finding> {
  const { url } = app.target;
  const view = await readiness(app.anyone({ retries: 0 }));
  if (view.status === "unreachable")
    return { verdict: "skip", message: `nothing runs at ${url} yet` };
  if (view.status === "unhealthy") throw new CliError(problemsOf(view).join("; "));
  return `${view.status} at ${url}`;
}

export const DOCTOR: readonly CommandSpec[] = [
  {
    name: "doctor",
    summary: "whether everything is there that the service needs (RB-001)",
    options: [
      option("--env-file <file>", "variables of the deployment, as NAME=VALUE lines"),
      CONFIG,
    ],
    examples: ["memory-cli doctor", "memory-cli doctor --env-file production.env"],
    notes:
      "Variables come from the environment, else from --env-file, .dev.vars, or the file of npm start. No value of a secret is shown. wrangler is this checkout's own or that of PATH; another checkout's is run where --config names it.",
    run: (app, _args, { envFile, config }) =>
      doctor(app, envFile as string | undefined, configOf(config as string | undefined)),
  },
];
