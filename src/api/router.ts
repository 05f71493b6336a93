/**
 * Matches a request's method and path to its route. The only file that knows the router library.
 *
 * @module
 */

import { Router, type IRequest } from "itty-router";
import { Problem } from "./problem.ts";
import type { Route } from "./routes/route.ts";
import { invalid } from "./validate.ts";

const SLASH = 47;
/** Characters of an unknown path that the answer repeats. */
const PATH_SHOWN_MAX = 200;

export interface RouteMatch {
  route: Route;
  /** Of the path, decoded. */
  params: Record<string, string>;
}

/** @throws Problem no_such_route, method_not_allowed with the methods that the path has */
export type MatchRoute = (method: string, url: URL) => Promise<RouteMatch>;

/** The work of a match is in proportion to the routes with as many slashes as the path. */
export function createMatcher(routes: readonly Route[]): MatchRoute {
  const routers = new Map<number, ReturnType<typeof Router>>();
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) {
    const router = routers.get(slashesOf(path)) ?? Router();
    routers.set(slashesOf(path), router);
    router.all(path, ({ method, params }: IRequest) => matchMethod(path, ofPath, method, params));
  }

  return async (method, { pathname }) => {
    // The router needs only these, and reads no more of the address than this; a copy keeps it from
    // adding to the request.
    const request = { method, url: `http://a${pathname}` } as IRequest;
    const router = routers.get(slashesOf(pathname));
    const match = (await router?.fetch(request)) as RouteMatch | undefined;
    if (match) return match;
    throw new Problem("no_such_route", `There is no route ${pathname.slice(0, PATH_SHOWN_MAX)}.`);
  };
}

/** @param ofPath the routes of this path, one for each method that it has */
function matchMethod(
  path: string,
  ofPath: readonly Route[],
  method: string,
  params: Record<string, string>,
): RouteMatch {
  // HEAD is GET without the body.
  const asked = method === "HEAD" ? "GET" : method;
  const route = ofPath.find((candidate) => candidate.method === asked);
  if (route) return { route, params: decoded(params) };

  const methods = ofPath.flatMap((candidate) =>
    candidate.method === "GET" ? ["GET", "HEAD"] : [candidate.method],
  );
  const allowed = [...methods, "OPTIONS"].join(", ");
  if (method === "OPTIONS") return { route: optionsRoute(path, allowed), params: {} };
  throw new Problem("method_not_allowed", `${path} allows ${allowed}.`, [], { Allow: allowed });
}

/** Answers with the methods. Which origins may use them is said where every answer is finished. */
function optionsRoute(path: string, allowed: string): Route {
  const headers = { Allow: allowed };
  return {
    method: "GET",
    path,
    scope: null,
    handle: () => new Response(null, { status: 204, headers }),
  };
}

/** The library leaves parameters as they are in the address. */
function decoded(params: Record<string, string>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    try {
      values[name] = decodeURIComponent(value);
    } catch {
      throw invalid(name, "is not percent-encoded UTF-8");
    }
  }
  return values;
}

/** Slashes at the end do not count, nor does the router count them. */
function slashesOf(path: string): number {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === SLASH) end -= 1;
  let slashes = 0;
  for (let i = 0; i < end; i++) if (path.charCodeAt(i) === SLASH) slashes += 1;
  return slashes;
}
