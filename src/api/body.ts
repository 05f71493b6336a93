/**
 * Reads what a client sent: bounded, JSON only, well-formed.
 *
 * @module
 */

import type { z } from "zod";
import { LIMITS } from "../memory/limits.ts";
import { Problem, type FieldError } from "./problem.ts";

/** The body's bytes. Counts what comes, whatever Content-Length says. */
export async function readBody(
  request: Request,
  max: number = LIMITS.body_max_bytes,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!request.body) return new Uint8Array();
  // Where HTTP holds the client to the length that it announced, the runtime may gather the parts itself.
  const announced = request.headers.get("Content-Length");
  if (announced !== null && /^\d{1,15}$/.test(announced) && Number(announced) <= max) {
    const whole = new Uint8Array(await request.arrayBuffer());
    if (whole.length <= max) return whole;
    throw new Problem("body_too_large", `The body has more than ${max} bytes.`);
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > max) throw new Problem("body_too_large", `The body has more than ${max} bytes.`);
    parts.push(part);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Refuses a body of another type than one of these. */
export function requireType(request: Request, ...types: string[]): void {
  const type = (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (types.includes(type)) return;
  throw new Problem("unsupported_media_type", `The body must be ${types.join(" or ")}; Content-Type says "${type}".`);
}

/** JSON from bytes. Lone surrogates are replaced, because the database refuses a whole batch for one of them. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw invalid("", `The body is not JSON: ${reason.slice(0, 200)}`);
  }
  return wellFormed(value, "");
}

/** The value as the schema makes it. Throws a Problem that names every field at fault. */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 50).flatMap((issue): FieldError[] => {
    const path = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: path === "" ? key : `${path}.${key}`, message: "unknown field" }));
  });
  const [first] = errors;
  const detail = first ? `${first.path === "" ? "body" : first.path}: ${first.message}` : "The request is not valid.";
  throw new Problem("validation_failed", detail, errors);
}

export function invalid(path: string, message: string): Problem {
  return new Problem("validation_failed", path === "" ? message : `${path}: ${message}`, [{ path, message }]);
}

/** Nesting beyond which JSON is refused, so that no later step overflows. */
const DEPTH_MAX = 100;

function wellFormed(value: unknown, path: string, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw invalid(path.slice(0, 100), `is nested deeper than ${DEPTH_MAX} levels`);
  if (typeof value === "string") {
    if (value.includes("\0")) throw invalid(path, "must not contain the character U+0000");
    return value.toWellFormed();
  }
  const under = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((item, i) => wellFormed(item, under(i), depth + 1));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => {
      if (key.includes("\0")) throw invalid(path, "must not have a key with the character U+0000");
      return [key.toWellFormed(), wellFormed(item, under(key), depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  }
  return value;
}
