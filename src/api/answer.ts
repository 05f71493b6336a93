/**
 * Answers with data.
 *
 * @module
 */

import type { Durability } from "../contract/operations.ts";
import type { Context } from "./context.ts";

interface AnswerOptions {
  status?: number;
  version?: number;
  durability?: Durability;
  replayed?: boolean;
  headers?: Record<string, string>;
}

export function answer(body: unknown, options: AnswerOptions = {}): Response {
  return answerText(options.status === 204 ? null : JSON.stringify(body), options);
}

/** @param json the body as it is sent */
function answerText(
  json: string | null,
  { status = 200, version, durability, replayed, headers }: AnswerOptions,
): Response {
  const all = new Headers({ "Content-Type": "application/json", ...headers });
  if (version !== undefined) all.set("ETag", `"${version}"`);
  if (durability !== undefined && durability !== "none") all.set("Memory-Durability", durability);
  if (replayed) all.set("Idempotency-Replayed", "true");
  return new Response(json, { status, headers: all });
}

/** 304 when the client has this version already. @param json the body as it is sent */
export function unlessKnown(context: Context, version: number, json: string): Response {
  const known = context.request.headers.get("If-None-Match");
  const tags = known?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  if (tags.includes("*") || tags.includes(`"${version}"`)) {
    return new Response(null, { status: 304, headers: { ETag: `"${version}"` } });
  }
  return answerText(json, { version });
}
