/**
 * The front door of `api/`: a request in, an answer out.
 *
 * @module
 */

import type { ApiOptions, Backend } from "./backend.ts";
import { Context, identify, type Caller } from "./context.ts";
import { Problem, problemResponse, type ProblemCode } from "./problem.ts";
import { traceIdOf } from "../observability/index.ts";
import { createFinder } from "./router.ts";
import type { Route } from "./routes/route.ts";
import { requireRoot, ROUTES } from "./routes/routes.ts";

export type { ApiOptions, Backend } from "./backend.ts";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,100}$/;
/** What a client learns of its request only after it showed that it may make it. */
const NEEDS_AUTHORITY: readonly ProblemCode[] = [
  "validation_failed",
  "body_too_large",
  "unsupported_media_type",
];

const find = createFinder(ROUTES);

export function createApi(
  backend: Backend,
  options: ApiOptions,
): { fetch(request: Request): Promise<Response> } {
  return {
    async fetch(request) {
      const started = options.now();
      const given = request.headers.get("X-Request-Id") ?? "";
      const requestId = REQUEST_ID.test(given) ? given : options.randomUUID();
      let route: Route | null = null;
      let context: Context | null = null;
      let response: Response;
      try {
        const url = new URL(request.url);
        const found = await find(request.method, url);
        route = found.route;
        const nobody: Caller = { key_hash: null, root: false };
        const open = route.scope === null || (route.scope === "metrics" && options.metricsOpen);
        const caller = open ? nobody : await identify(request, url, options.adminToken);
        context = new Context(request, url, found.params, requestId, backend, options, caller);
        context.scope = route.scope;
        response = await serve(route, context);
      } catch (error) {
        response = failure(error, requestId, route, options);
      }
      const duration_ms = options.now() - started;
      options.log({
        event: "request",
        level: response.status >= 500 ? "warn" : "info",
        method: request.method,
        route: route?.path ?? null,
        status: response.status,
        duration_ms,
        version: options.version.version,
        request_id: requestId,
        trace_id: traceIdOf(request.headers.get("traceparent")),
      });
      options.answered({
        method: request.method,
        route: route?.path ?? "none",
        status: response.status,
        seconds: duration_ms / 1_000,
        recallSeconds: context?.recallSeconds ?? null,
      });
      return finished(response, request, requestId, context);
    },
  };
}

async function serve(route: Route, context: Context): Promise<Response> {
  if (route.scope === "root") requireRoot(context);
  try {
    return await route.handle(context);
  } catch (error) {
    if (error instanceof Problem && NEEDS_AUTHORITY.includes(error.code)) await context.judge();
    throw error;
  }
}

function failure(
  error: unknown,
  requestId: string,
  route: Route | null,
  options: ApiOptions,
): Response {
  if (error instanceof Problem) return problemResponse(error, requestId);
  if ((error as { overloaded?: boolean } | null)?.overloaded === true) {
    const busy = new Problem("overloaded", "The memory is busy. Try again later.", [], {
      "Retry-After": "1",
    });
    return problemResponse(busy, requestId);
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  options.log({
    event: "request_failed",
    level: "error",
    request_id: requestId,
    route: route?.path ?? null,
    reason,
  });
  options.reporter.bug(error, { request_id: requestId, route: route?.path ?? "none" });
  return problemResponse(
    new Problem("internal", "The error was logged under this request_id."),
    requestId,
  );
}

/** @param response made by a handler, so that its headers can be set */
function finished(
  response: Response,
  request: Request,
  requestId: string,
  context: Context | null,
): Response {
  const { headers } = response;
  if (context?.cache) headers.set("Memory-Cache", context.cache);
  if (context?.rate) {
    // draft-ietf-httpapi-ratelimit-headers-10.
    const { burst, per_second, remaining, reset_s } = context.rate;
    headers.set(
      "RateLimit-Policy",
      `"key";q=${burst};w=${Math.max(1, Math.ceil(burst / per_second))}`,
    );
    headers.set("RateLimit", `"key";r=${remaining};t=${reset_s}`);
  }
  headers.set("X-Request-Id", requestId);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  headers.set("X-Content-Type-Options", "nosniff");
  const empty = request.method === "HEAD" || response.status === 204 || response.status === 304;
  return empty ? new Response(null, { status: response.status, headers }) : response;
}
