/**
 * Reads what a request says of its body: its type, its character set, its encoding. What is not
 * understood is refused with 415 and never guessed at. A zipped body is unzipped within the same
 * bounds as any other.
 *
 * @module
 */

import { LIMITS } from "../../contract/limits.ts";
import { joinBytes } from "../../util/bytes.ts";
import { Problem } from "../problem.ts";
import { invalid } from "../validate.ts";

export const JSON_TYPES = ["application/json"] as const;
/** Of `PATCH`: JSON, and JSON that says what changes (RFC 7396). */
export const PATCH_TYPES = ["application/json", "application/merge-patch+json"] as const;
/** Of OTLP: JSON, and what most exporters send. */
export const PROTOBUF_TYPES = ["application/x-protobuf", "application/protobuf"] as const;
export const OTLP_TYPES = [...PROTOBUF_TYPES, ...JSON_TYPES] as const;
/** A line a value: names that are in use for it. */
export const LINE_TYPES = [
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/json",
] as const;
/** What `curl -d` says when it is not told otherwise. */
const UNSAID = ["", "application/x-www-form-urlencoded"];

const CHARSETS: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);
const ZIPPED: ReadonlySet<string> = new Set(["gzip", "x-gzip"]);

/** The type that a request gives for its body, in lower case and without parameters; "": none. */
export function typeOf(request: Request): string {
  return (request.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/**
 * @param isSaidOptional a body of no type is taken for the first of these
 * @throws Problem unsupported_media_type for another type than one of these, or another character set
 */
export function requireType(
  request: Request,
  types: readonly string[],
  isSaidOptional = false,
): void {
  const type = typeOf(request);
  if (!types.includes(type) && !(isSaidOptional && UNSAID.includes(type))) {
    throw new Problem(
      "unsupported_media_type",
      `The body must be ${types.join(" or ")}; Content-Type says "${type}".`,
    );
  }

  const charset = charsetOf(request);
  if (charset === null || CHARSETS.has(charset)) return;
  throw new Problem(
    "unsupported_media_type",
    `The body must be in UTF-8; Content-Type says "${charset}".`,
  );
}

function charsetOf(request: Request): string | null {
  const parameters = (request.headers.get("Content-Type") ?? "").split(";").slice(1);
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() === "charset")
      return value.trim().replaceAll('"', "").toLowerCase();
  }
  return null;
}

/** Whether the body is zipped. @throws Problem unsupported_media_type for another encoding */
export function isZipped({ headers }: Request): boolean {
  const encoding = (headers.get("Content-Encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return false;
  if (ZIPPED.has(encoding)) return true;
  throw new Problem(
    "unsupported_media_type",
    `The body may be gzip or not encoded; Content-Encoding says "${encoding}".`,
    [],
    { "Accept-Encoding": "gzip" },
  );
}

/**
 * The bytes unzipped; no more of them than that are made.
 *
 * @throws Problem body_too_large, validation_failed for what is no gzip
 */
export async function unzipped(
  bytes: Uint8Array<ArrayBuffer>,
  max: number = LIMITS.body_max_bytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = unzippedStream(new Response(bytes).body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw invalid("", "The body is not gzip, as Content-Encoding says, or is not whole.");
    });
    if (done) return joinBytes(parts);
    size += value.length;
    if (size > max) {
      await reader.cancel().catch(() => undefined);
      throw new Problem("body_too_large", `The body unzipped has more than ${max} bytes.`);
    }
    parts.push(value);
  }
}

/**
 * As `unzippedStream`, for a body of any size: it fails with a Problem body_too_large where much more
 * comes out than went in, as it does of what somebody made to cost more than it is.
 */
export function unzippedInProportion(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const { unzipped_per_byte_max: factor, import_line_max_bytes: least } = LIMITS;
  let room: number = least;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      room += chunk.length * factor;
      controller.enqueue(chunk);
    },
  });
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      room -= chunk.length;
      if (room >= 0) controller.enqueue(chunk);
      else
        controller.error(
          new Problem("body_too_large", `The body unzips to more than ${factor} times its size.`),
        );
    },
  });
  return unzippedStream(body.pipeThrough(counted)).pipeThrough(bounded);
}

/** The stream unzipped as it is read; it fails where it is no gzip. */
function unzippedStream(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const unzip = new DecompressionStream("gzip");
  return body.pipeThrough(unzip as unknown as TransformStream<Uint8Array, Uint8Array>);
}
