/**
 * Asks a database over HTTP, as the service will: whether it is there, and takes the token.
 *
 * @module
 */

import { CliError } from "../../exit.ts";
import type { Finding } from "./checklist.ts";

/** How long an answer may take, ms. */
const ANSWER_MS = 10_000;

/** The variables of a deployment. */
export type Variables = Readonly<Record<string, string>>;

/** The address that HTTP is spoken with. Throws `CliError` when there is none. */
export function databaseUrl(values: Variables): string {
  const url = values["TURSO_DATABASE_URL"];
  if (!url) throw new CliError("TURSO_DATABASE_URL is not set.");
  if (!/^(https?|libsql):\/\/\S+$/.test(url))
    throw new CliError("TURSO_DATABASE_URL must be an http(s):// or libsql:// address.");
  return url.replace(/^libsql:/, "https:").replace(/\/+$/, "");
}

/** Asks, within a bound of time. Throws `CliError` when nobody answers. */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    const inner =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CliError(`${new URL(url).origin} cannot be reached: ${inner}`);
  }
}

/** Whether the database takes the token and answers. Throws `CliError` with what to do. */
export async function selectOne(values: Variables): Promise<Finding> {
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
