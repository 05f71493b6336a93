/**
 * The front door of `api/`: a request in, an answer out. Every request is matched to a route, its
 * caller identified, read and handled; whatever goes wrong on the way becomes a problem (RFC 9457).
 * Each is logged and counted once.
 *
 * @module
 */

import type { ProblemCode } from "../contract/call.ts";
import { traceIdOf } from "../observability/index.ts";
import type { ApiOptions, Backend } from "./backend.ts";
import { bearerOf, identify, NOBODY, type Caller } from "./caller.ts";
import { allowOrigin } from "./edge/cors.ts";
import type { OAuth } from "./oauth/oauth.ts";
import { MCP_PATH } from "./oauth/paths.ts";
import { OAUTH_ROUTES } from "./oauth/routes.ts";
import { Problem, problemResponse } from "./problem.ts";
import { RequestContext } from "./request-context.ts";
import { createMatcher } from "./router.ts";
import { ROUTES } from "./routes/index.ts";
import type { Route } from "./routes/route.ts";

export type { Backend } from "./backend.ts";
export { KeyHashes } from "./caller.ts";
export { OAuth } from "./oauth/oauth.ts";
export type { AnsweredRequest, ApiOptions } from "./backend.ts";

const REQUEST_ID = /^[A-Za-z0-9._-]{1,100}$/;
/** What a client learns of its request only after it showed that it may make it. */
const NEEDS_AUTHORITY: readonly ProblemCode[] = [
  "validation_failed",
  "body_too_large",
  "unsupported_media_type",
];

const matchRoute = createMatcher(ROUTES);
const matchWithOAuth = createMatcher([...ROUTES, ...OAUTH_ROUTES]);

export class Api {
  readonly #backend: Backend;
  readonly #options: ApiOptions;

  constructor(backend: Backend, options: ApiOptions) {
    this.#backend = backend;
    this.#options = options;
  }

  /** Never throws: a bug is an answer with status 500, is logged and reported. */
  async fetch(request: Request): Promise<Response> {
    const startedAt = this.#options.now();
    const givenId = request.headers.get("X-Request-Id") ?? "";
    const requestId = REQUEST_ID.test(givenId) ? givenId : this.#options.randomUUID();
    let route: Route | null = null;
    let context: RequestContext | null = null;
    let response: Response;
    try {
      const url = new URL(request.url);
      const match = this.#oauthAt(url)
        ? matchWithOAuth(request.method, url)
        : matchRoute(request.method, url);
      route = match.route;
      const caller = await this.#identify(request, url, route);
      const { params } = match;
      const facts = { request, url, params, requestId, caller, scope: route.scope };
      context = new RequestContext(facts, this.#backend, this.#options);
      response = await handle(route, context);
    } catch (error) {
      response = this.#failure(error, requestId, route);
    }

    const durationMs = this.#options.now() - startedAt;
    this.#record(request, requestId, { route, response, durationMs, context });
    this.#challenge(request, route, response);
    allowOrigin(response.headers, request, this.#options.corsOrigins);
    return finished(response, request, requestId, context);
  }

  async #identify(request: Request, url: URL, { path, scope }: Route): Promise<Caller> {
    const { admins, keyHashes, metricsOpen } = this.#options;
    const isOpen = scope === null || (scope === "metrics" && metricsOpen);
    if (isOpen) return NOBODY;
    const caller = await identify(request, url, admins, keyHashes);
    const oauth = path === MCP_PATH && !caller.root ? this.#oauthAt(url) : null;
    // What is no token that holds is judged as a key, and is none.
    return (await oauth?.callerOf(bearerOf(request) ?? "", url)) ?? caller;
  }

  /** null: clients cannot connect by OAuth there. */
  #oauthAt(url: URL): OAuth | null {
    const { oauth } = this.#options;
    return oauth?.isOn(url) ? oauth : null;
  }

  /** Says where a token comes from, to whoever was not let in where one is taken. */
  #challenge(request: Request, route: Route | null, { status, headers }: Response): void {
    if (status !== 401 || route?.path !== MCP_PATH) return;
    const url = new URL(request.url);
    const oauth = this.#oauthAt(url);
    if (oauth) headers.set("WWW-Authenticate", oauth.challenge(url, request));
  }

  #failure(error: unknown, requestId: string, route: Route | null): Response {
    if (error instanceof Problem) return problemResponse(error, requestId);
    if ((error as { overloaded?: boolean } | null)?.overloaded === true) {
      const detail = "The memory is busy. Try again later.";
      const overloaded = new Problem("overloaded", detail, [], { "Retry-After": "1" });
      return problemResponse(overloaded, requestId);
    }

    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.log({
      event: "request_failed",
      request_id: requestId,
      route: route?.path ?? null,
      reason,
    });
    this.#options.reporter.bug(error, { request_id: requestId, route: route?.path ?? "none" });
    const detail = "The error was logged under this request_id.";
    return problemResponse(new Problem("internal", detail), requestId);
  }

  /** Logs and counts a request. */
  #record(
    { method, headers }: Request,
    requestId: string,
    outcome: {
      route: Route | null;
      response: Response;
      durationMs: number;
      context: RequestContext | null;
    },
  ): void {
    const { route, response, durationMs, context } = outcome;
    this.#options.log({
      event: "request",
      level: response.status >= 500 ? "warn" : "info",
      method,
      route: route?.path ?? null,
      status: response.status,
      duration_ms: durationMs,
      version: this.#options.version.version,
      request_id: requestId,
      trace_id: traceIdOf(headers.get("traceparent")),
    });
    this.#options.answered({
      method,
      route: route?.path ?? "none",
      status: response.status,
      seconds: durationMs / 1_000,
      recallSeconds: context?.recallSeconds ?? null,
    });
  }
}

async function handle(route: Route, context: RequestContext): Promise<Response> {
  if (route.scope === "root" && !context.caller.root) {
    throw new Problem("forbidden", "This needs the ADMIN_TOKEN.");
  }
  try {
    return await route.handle(context);
  } catch (error) {
    if (error instanceof Problem && NEEDS_AUTHORITY.includes(error.code)) await context.judge();
    throw error;
  }
}

/** @param response made by a handler, so that its headers can be set */
function finished(
  response: Response,
  request: Request,
  requestId: string,
  context: RequestContext | null,
): Response {
  const { headers } = response;
  if (context?.cache) headers.set("Memory-Cache", context.cache);
  if (context && context.replaced.characters > 0)
    headers.set("Memory-Replaced-Characters", String(context.replaced.characters));
  if (context?.rate) {
    // draft-ietf-httpapi-ratelimit-headers-10.
    const { burst, per_second, remaining, reset_s } = context.rate;
    const window = Math.max(1, Math.ceil(burst / per_second));
    headers.set("RateLimit-Policy", `"key";q=${burst};w=${window}`);
    headers.set("RateLimit", `"key";r=${remaining};t=${reset_s}`);
  }
  headers.set("X-Request-Id", requestId);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  headers.set("X-Content-Type-Options", "nosniff");

  const isEmpty = request.method === "HEAD" || response.status === 204 || response.status === 304;
  return isEmpty ? new Response(null, { status: response.status, headers }) : response;
}
