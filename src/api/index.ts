/**
 * The front door of `api/`: a request in, an answer out.
 *
 * @module
 */

import type { ApiOptions, Backend } from "./backend.ts";
import { Context, identify, type Caller } from "./context.ts";
import { Problem, problemResponse, type ProblemCode } from "./problem.ts";
import { createFinder } from "./router.ts";
import { requireRoot, ROUTES, type Route } from "./routes.ts";

export type { ApiOptions, Backend } from "./backend.ts";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,100}$/;
/** What a client learns of its request only after it showed that it may make it. */
const NEEDS_AUTHORITY: readonly ProblemCode[] = ["validation_failed", "body_too_large", "unsupported_media_type"];

const find = createFinder(ROUTES);

export function createApi(backend: Backend, options: ApiOptions): { fetch(request: Request): Promise<Response> } {
  return {
    async fetch(request) {
      const started = options.now();
      const given = request.headers.get("X-Request-Id") ?? "";
      const requestId = REQUEST_ID.test(given) ? given : options.randomUUID();
      let route: Route | null = null;
      let response: Response;
      try {
        const found = await find(request);
        route = found.route;
        response = await serve(request, found.route, found.params, requestId, backend, options);
      } catch (error) {
        response = failure(error, requestId, options);
      }
      options.log({
        event: "request",
        method: request.method,
        route: route?.path ?? null,
        status: response.status,
        ms: options.now() - started,
        request_id: requestId,
      });
      return finished(response, request, requestId);
    },
  };
}

async function serve(
  request: Request,
  route: Route,
  params: Record<string, string>,
  requestId: string,
  backend: Backend,
  options: ApiOptions,
): Promise<Response> {
  const nobody: Caller = { key_hash: null, root: false };
  const caller = route.scope === null ? nobody : await identify(request, new URL(request.url), options.adminToken);
  const context = new Context(request, params, requestId, backend, options, caller);
  if (route.scope === "root") requireRoot(context);
  try {
    return await route.handle(context);
  } catch (error) {
    const early = error instanceof Problem && NEEDS_AUTHORITY.includes(error.code) && !context.authorized;
    if (early && route.scope !== null && route.scope !== "root") await context.authorize(route.scope);
    throw error;
  }
}

function failure(error: unknown, requestId: string, options: ApiOptions): Response {
  if (error instanceof Problem) return problemResponse(error, requestId);
  if ((error as { overloaded?: boolean } | null)?.overloaded === true) {
    const busy = new Problem("overloaded", "The memory is busy. Try again later.", [], { "Retry-After": "1" });
    return problemResponse(busy, requestId);
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  options.log({ event: "request_failed", level: "error", request_id: requestId, reason });
  return problemResponse(new Problem("internal", "The error was logged under this request_id."), requestId);
}

function finished(response: Response, request: Request, requestId: string): Response {
  const headers = new Headers(response.headers);
  headers.set("X-Request-Id", requestId);
  headers.set("Cache-Control", "no-store");
  headers.set("X-Content-Type-Options", "nosniff");
  const empty = request.method === "HEAD" || response.status === 204 || response.status === 304;
  return new Response(empty ? null : response.body, { status: response.status, headers });
}
