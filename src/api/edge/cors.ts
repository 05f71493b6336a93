/**
 * Decides which pages' scripts may call the service (Fetch, CORS protocol): those of the origins
 * that the deployment names. Credentials of the browser are never allowed: a script sends its key
 * itself.
 *
 * @module
 */

const ALLOWED_HEADERS = [
  "Authorization",
  "Content-Type",
  "Content-Encoding",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Prefer",
  "Request-Timeout",
  "X-Memory-Namespace",
  "X-Request-Id",
  "X-Actor",
  "traceparent",
  "Mcp-Protocol-Version",
  "Mcp-Session-Id",
].join(", ");
const EXPOSED_HEADERS = [
  "ETag",
  "Location",
  "Retry-After",
  "X-Request-Id",
  "Memory-Cache",
  "Memory-Durability",
  "Memory-Replaced-Characters",
  "Idempotency-Replayed",
  "RateLimit",
  "RateLimit-Policy",
  "Allow",
  "WWW-Authenticate",
].join(", ");
/** How long a browser may remember what it was told, s. */
const MAX_AGE_S = 7_200;

/**
 * Adds to an answer what lets the page's script read it; nothing where its origin is not allowed.
 *
 * @param origins allowed ones; "*": any
 */
export function allowOrigin(
  answer: Headers,
  { method, headers }: Request,
  origins: ReadonlySet<string>,
): void {
  if (origins.size === 0) return;
  const isAny = origins.has("*");
  // Caches must not give one page's answer to another.
  if (!isAny) answer.append("Vary", "Origin");
  const origin = headers.get("Origin");
  if (origin === null || !(isAny || origins.has(origin))) return;

  answer.set("Access-Control-Allow-Origin", isAny ? "*" : origin);
  if (method !== "OPTIONS" || !headers.has("Access-Control-Request-Method")) {
    answer.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
    return;
  }
  answer.set("Access-Control-Allow-Methods", answer.get("Allow") ?? "");
  answer.set("Access-Control-Allow-Headers", ALLOWED_HEADERS);
  answer.set("Access-Control-Max-Age", String(MAX_AGE_S));
}
