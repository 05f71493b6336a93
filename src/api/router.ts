/**
 * Finds the route of a request. The only file that knows the router library.
 *
 * @module
 */

import { Router, type IRequest } from "itty-router";
import { invalid } from "./body.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./routes/route.ts";

const SLASH = 47;

export interface Found {
  route: Route;
  params: Record<string, string>;
}

/**
 * Paths with as many slashes are tried one after the other; slashes at the end do not count, nor
 * does the router count them.
 */
function slashesOf(path: string): number {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === SLASH) end -= 1;
  let slashes = 0;
  for (let i = 0; i < end; i++) if (path.charCodeAt(i) === SLASH) slashes += 1;
  return slashes;
}

/** Throws a Problem for a path that nobody knows, and for a method that the path does not. */
export function createFinder(
  routes: readonly Route[],
): (method: string, url: URL) => Promise<Found> {
  const byPath = Map.groupBy(routes, (route) => route.path);
  const routers = new Map<number, ReturnType<typeof Router>>();
  for (const [path, known] of byPath) {
    const router = routers.get(slashesOf(path)) ?? Router();
    routers.set(slashesOf(path), router);
    router.all(path, ({ method, params }: IRequest): Found => {
      // HEAD is GET without the body.
      const wanted = method === "HEAD" ? "GET" : method;
      const route = known.find((candidate) => candidate.method === wanted);
      if (route) return { route, params: decoded(params) };
      const methods = known.flatMap((candidate) =>
        candidate.method === "GET" ? ["GET", "HEAD"] : [candidate.method],
      );
      methods.push("OPTIONS");
      const allowed = methods.join(", ");
      if (method === "OPTIONS") return { route: optionsOf(path, allowed), params: {} };
      throw new Problem("method_not_allowed", `${path} knows ${allowed}.`, [], { Allow: allowed });
    });
  }
  return async (method, { pathname }) => {
    // The router needs only these, and reads no more of the address than this; a copy keeps it from
    // adding to the request.
    const request = { method, url: `http://a${pathname}` } as IRequest;
    const found = (await routers.get(slashesOf(pathname))?.fetch(request)) as Found | undefined;
    if (found) return found;
    throw new Problem("no_such_route", `There is no route ${pathname.slice(0, 200)}.`);
  };
}

/** What a path knows. Nothing is said of other origins, which a browser takes for a no. */
function optionsOf(path: string, allowed: string): Route {
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
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    try {
      read[name] = decodeURIComponent(value);
    } catch {
      throw invalid(name, "is not percent-encoded UTF-8");
    }
  }
  return read;
}
