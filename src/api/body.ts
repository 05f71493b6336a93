/**
 * Reads the body that a client sends, within bounds and only as far as its caller may make us. What
 * the bytes say is `json.ts`.
 *
 * @module
 */

import { LIMITS } from "../contract/limits.ts";
import { joinBytes } from "../util/bytes.ts";
import { Problem } from "./problem.ts";

/**
 * Bytes of a body that are read before the caller is known to be allowed: a call that only judges the
 * key would double the way of every write.
 */
export const UNJUDGED_MAX_BYTES = 65_536;

/**
 * The body's bytes. Counts what comes, whatever Content-Length says.
 *
 * @param judge called once, before more than `UNJUDGED_MAX_BYTES` are read. Throws a Problem when
 *   the caller may not
 * @throws Problem body_too_large, request_cut_off, and what `judge` throws
 */
export async function readBody(
  request: Request,
  judge: () => Promise<void>,
  max: number = LIMITS.body_max_bytes,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!request.body) return new Uint8Array();

  // Where HTTP holds the client to the length that it announced, the runtime may gather the parts
  // itself.
  const announced = request.headers.get("Content-Length");
  const length = announced !== null && /^\d{1,15}$/.test(announced) ? Number(announced) : null;
  if (length !== null && length > UNJUDGED_MAX_BYTES) await judge();

  if (length !== null && length <= max) {
    const whole = new Uint8Array(await unlessCut(request.arrayBuffer()));
    if (whole.length <= max) return whole;
    throw tooLarge(max);
  }
  if (length !== null) throw tooLarge(max);
  return readParts(request.body, judge, max);
}

async function readParts(
  body: ReadableStream<Uint8Array>,
  judge: () => Promise<void>,
  max: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let [size, isJudged] = [0, false];
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await unlessCut(reader.read());
      if (done) break;
      size += value.length;
      if (size > UNJUDGED_MAX_BYTES && !isJudged) {
        isJudged = true;
        await judge();
      }
      if (size > max) throw tooLarge(max);
      parts.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    throw error;
  }
  return joinBytes(parts);
}

/** Reading touches nothing of ours: where it fails, the client went away. */
async function unlessCut<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch {
    throw new Problem("request_cut_off", "The connection ended before the body did.");
  }
}

function tooLarge(max: number): Problem {
  return new Problem("body_too_large", `The body has more than ${max} bytes.`);
}

/** @throws Problem unsupported_media_type for another type than one of these */
export function requireType(request: Request, ...types: string[]): void {
  const type =
    (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (types.includes(type)) return;
  throw new Problem(
    "unsupported_media_type",
    `The body must be ${types.join(" or ")}; Content-Type says "${type}".`,
  );
}
