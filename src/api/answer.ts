/**
 * Answers with data.
 *
 * @module
 */

import type { Durability } from "../memory/operations.ts";
import type { Context } from "./context.ts";

interface AnswerOptions {
  status?: number;
  version?: number;
  durability?: Durability;
  replayed?: boolean;
  headers?: Record<string, string>;
}

export function answer(
  body: unknown,
  { status = 200, version, durability, replayed, headers }: AnswerOptions = {},
): Response {
  const all = new Headers({ "Content-Type": "application/json", ...headers });
  if (version !== undefined) all.set("ETag", `"${version}"`);
  if (durability !== undefined && durability !== "none") all.set("Memory-Durability", durability);
  if (replayed) all.set("Idempotency-Replayed", "true");
  return new Response(status === 204 ? null : JSON.stringify(body), { status, headers: all });
}

/** 304 when the client has this version already. */
export function unlessKnown(context: Context, version: number, body: unknown): Response {
  const known = context.request.headers.get("If-None-Match");
  const tags = known?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  if (tags.includes("*") || tags.includes(`"${version}"`)) {
    return new Response(null, { status: 304, headers: { ETag: `"${version}"` } });
  }
  return answer(body, { version });
}
