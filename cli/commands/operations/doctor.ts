/**
 * `memory-cli doctor`: what must be there before the service can run, a line each.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { App } from "../../app.ts";
import { Checklist, type Finding } from "./checklist.ts";
import { CliError } from "../../exit.ts";
import { readiness } from "./readiness.ts";
import { option, type CommandSpec } from "../../spec.ts";

const run = promisify(execFile);
const NODE_MIN = [22, 12] as const;
const WAIT_MS = 10_000;

/** The variables of a deployment: from the environment, else from a file of NAME=VALUE lines. */
function variables(file: string | undefined): { values: Record<string, string>; source: string } {
  const local = join(process.env["MEMORY_DATA_DIR"] ?? ".data", "worker.env");
  const found = file ?? [".dev.vars", local].find((one) => existsSync(one));
  if (file !== undefined && !existsSync(file)) throw new CliError(`There is no file ${file}.`);
  const values: Record<string, string> = {};
  for (const line of found === undefined ? [] : readFileSync(found, "utf8").split("\n")) {
    const [, name, value = ""] = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) values[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  for (const name of ["TURSO_DATABASE_URL", "TURSO_AUTH_TOKEN", "ADMIN_TOKEN", "INSTANCE_COUNT"]) {
    const value = process.env[name];
    if (value) values[name] = value;
  }
  return {
    values,
    source: found === undefined ? "the environment" : `the environment and ${found}`,
  };
}

async function wranglerVersion(): Promise<Finding> {
  const local = join("node_modules", ".bin", "wrangler");
  const command = existsSync(local) ? local : "wrangler";
  try {
    const { stdout } = await run(command, ["--version"], {
      timeout: WAIT_MS * 3,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    });
    return `${stdout.trim().split("\n").at(-1)}`;
  } catch {
    throw new CliError("It is not installed here. Run: npm ci");
  }
}

function databaseUrl(values: Record<string, string>): string {
  const url = values["TURSO_DATABASE_URL"];
  if (!url) throw new CliError("TURSO_DATABASE_URL is not set.");
  if (!/^(https?|libsql):\/\/\S+$/.test(url))
    throw new CliError("TURSO_DATABASE_URL must be an http(s):// or libsql:// address.");
  return url.replace(/^libsql:/, "https:").replace(/\/+$/, "");
}

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(WAIT_MS) });
  } catch (error) {
    const inner =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CliError(`${new URL(url).origin} cannot be reached: ${inner}`);
  }
}

async function selectOne(values: Record<string, string>): Promise<Finding> {
  const token = values["TURSO_AUTH_TOKEN"];
  const answer = await ask(`${databaseUrl(values)}/v3/pipeline`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({
      requests: [{ type: "execute", stmt: { sql: "SELECT 1" } }, { type: "close" }],
    }),
  });
  if (answer.status === 401 || answer.status === 403)
    throw new CliError(
      "The database does not take TURSO_AUTH_TOKEN. Make another: turso db tokens create NAME",
    );
  const body = (await answer.json().catch(() => null)) as { results?: { type?: string }[] } | null;
  if (!answer.ok || body?.results?.[0]?.type !== "ok")
    throw new CliError(`SELECT 1 was answered with ${answer.status}.`);
  return token ? "SELECT 1 works with the token" : "SELECT 1 works without a token";
}

/** The bucket as Cloudflare sees it, or as the running service does. */
async function objectStore(app: App): Promise<Finding> {
  const bucket = existsSync("wrangler.toml")
    ? /bucket_name\s*=\s*"([^"]+)"/.exec(readFileSync("wrangler.toml", "utf8"))?.[1]
    : undefined;
  const local = join("node_modules", ".bin", "wrangler");
  if (process.env["CLOUDFLARE_API_TOKEN"] && bucket !== undefined && existsSync(local)) {
    try {
      await run(local, ["r2", "bucket", "info", bucket], { timeout: WAIT_MS * 3 });
      return `the bucket ${bucket} is there`;
    } catch {
      throw new CliError(
        `The bucket ${bucket} cannot be read. Make it: npx wrangler r2 bucket create ${bucket}`,
      );
    }
  }
  const { checks } = await readiness(app.open({ retries: 0 }));
  const known = checks.find(({ name }) => name === "r2" || name === "backup");
  if (known?.ok) return `the service says: ${known.message}`;
  if (known) throw new CliError(known.message);
  return {
    verdict: "skip",
    message: "not asked: set CLOUDFLARE_API_TOKEN, or ask where the service runs",
  };
}

async function doctor(app: App, file: string | undefined) {
  const list = new Checklist(app);
  const { values, source } = variables(file);
  await list.check("Node.js", () => {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]))
      throw new CliError(
        `${process.versions.node} is too old; ${NODE_MIN.join(".")} or later is needed.`,
      );
    return process.versions.node;
  });
  await list.check("wrangler", wranglerVersion);
  const set = await list.check(
    "TURSO_DATABASE_URL",
    () => `${new URL(databaseUrl(values)).origin}, from ${source}`,
  );
  await list.check("TURSO_AUTH_TOKEN", () => {
    if (values["TURSO_AUTH_TOKEN"]) return "set";
    const local = /^http:\/\/(127\.|localhost|\[::1\])/.test(values["TURSO_DATABASE_URL"] ?? "");
    return local
      ? "not set, and a local database needs none"
      : {
          verdict: "warn",
          message:
            "not set: a database at Turso needs it (npx wrangler secret put TURSO_AUTH_TOKEN)",
        };
  });
  await list.check("ADMIN_TOKEN", () => {
    const token = values["ADMIN_TOKEN"];
    if (!token) throw new CliError("ADMIN_TOKEN is not set: no key can be made.");
    if (token.length < 16)
      throw new CliError(`ADMIN_TOKEN must have at least 16 characters; it has ${token.length}.`);
    return "set";
  });
  await list.check("INSTANCE_COUNT", () => {
    const given =
      values["INSTANCE_COUNT"] ??
      (existsSync("wrangler.toml")
        ? /^INSTANCE_COUNT\s*=\s*"(\d+)"/m.exec(readFileSync("wrangler.toml", "utf8"))?.[1]
        : undefined) ??
      "4";
    if (!/^\d+$/.test(given) || Number(given) < 1 || Number(given) > 64)
      throw new CliError(`INSTANCE_COUNT must be 1 to 64; it is "${given}".`);
    return given;
  });
  if (set) {
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
    await list.check("database SELECT 1", () => selectOne(values));
  }
  await list.check("R2", () => objectStore(app));
  await list.check("service", async () => {
    const { status, checks } = await readiness(app.open({ retries: 0 }));
    if (status === "unreachable")
      return { verdict: "skip", message: `nothing runs at ${app.target.url} yet` };
    if (status === "unhealthy")
      throw new CliError(
        checks
          .filter(({ ok }) => !ok)
          .map(({ name, message }) => `${name}: ${message}`)
          .join("; "),
      );
    return `${status} at ${app.target.url}`;
  });
  return list.shown();
}

export const DOCTOR: readonly CommandSpec[] = [
  {
    name: "doctor",
    summary: "whether everything is there that the service needs (RB-001)",
    options: [option("--env-file <file>", "variables of the deployment, as NAME=VALUE lines")],
    examples: ["memory-cli doctor", "memory-cli doctor --env-file production.env"],
    notes:
      "Variables come from the environment, else from --env-file, .dev.vars, or the file of npm start. No value of a secret is shown.",
    run: (app, _args, { envFile }) => doctor(app, envFile as string | undefined),
  },
];
