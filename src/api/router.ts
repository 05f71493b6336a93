/**
 * Finds the route of a request. The only file that knows the router library.
 *
 * @module
 */

import { Router, type IRequest } from "itty-router";
import { invalid } from "./body.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";

export interface Found {
  route: Route;
  params: Record<string, string>;
}

/** Throws a Problem for a path that nobody knows, and for a method that the path does not. */
export function createFinder(routes: readonly Route[]): (request: Request) => Promise<Found> {
  const byPath = Map.groupBy(routes, (route) => route.path);
  const router = Router();
  for (const [path, known] of byPath) {
    router.all(path, ({ method, params }: IRequest): Found => {
      // HEAD is GET without the body.
      const wanted = method === "HEAD" ? "GET" : method;
      const route = known.find((candidate) => candidate.method === wanted);
      if (route) return { route, params: decoded(params) };
      const methods = known.flatMap((candidate) => (candidate.method === "GET" ? ["GET", "HEAD"] : [candidate.method]));
      const allowed = methods.join(", ");
      throw new Problem("method_not_allowed", `${path} knows ${allowed}.`, [], { Allow: allowed });
    });
  }
  return async (request) => {
    const { pathname } = new URL(request.url);
    // The router needs only these; a copy keeps it from adding to the request.
    const found = (await router.fetch({ method: request.method, url: request.url } as IRequest)) as Found | undefined;
    if (found) return found;
    throw new Problem("no_such_route", `There is no route ${pathname.slice(0, 200)}.`);
  };
}

/** The library leaves parameters as they are in the address. */
function decoded(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        throw invalid(name, "is not percent-encoded UTF-8");
      }
    }),
  );
}
