/**
 * Matches a request's method and path to its route.
 *
 * @module
 */

import { nearest } from "./misspelt.ts";
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
export type MatchRoute = (method: string, url: URL) => RouteMatch;

/** The paths that begin with the same segments. */
interface Branch {
  bySegment: Map<string, Branch>;
  /** Behind a parameter; null: none stands here. */
  byParameter: Branch | null;
  /** The path that ends here; null: none does. */
  leaf: { path: string; routes: readonly Route[]; names: readonly string[] } | null;
}

/**
 * The work of a match is in proportion to the segments of the path. Of two paths that both match,
 * the one whose first different segment is no parameter is taken.
 */
export function createMatcher(routes: readonly Route[]): MatchRoute {
  const root = emptyBranch();
  for (const [path, ofPath] of Map.groupBy(routes, (route) => route.path)) grow(root, path, ofPath);
  const plain = routes.map(({ path }) => path).filter((path) => !path.includes(":"));

  return (method, { pathname }) => {
    const values: string[] = [];
    const leaf = leafAt(root, segmentsOf(pathname), 0, values);
    if (leaf) {
      const params = Object.fromEntries(leaf.names.map((name, i) => [name, values[i] ?? ""]));
      return matchMethod(leaf.path, leaf.routes, method, params);
    }
    const meant = nearest(pathname, plain) ?? plain.find((path) => path === `/v1${pathname}`);
    const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
    const shown = pathname.slice(0, PATH_SHOWN_MAX);
    throw new Problem("no_such_route", `There is no route ${shown}.${hint}`);
  };
}

function emptyBranch(): Branch {
  return { bySegment: new Map(), byParameter: null, leaf: null };
}

function grow(root: Branch, path: string, routes: readonly Route[]): void {
  let branch = root;
  const names: string[] = [];
  for (const segment of segmentsOf(path)) {
    if (segment.startsWith(":")) {
      names.push(segment.slice(1));
      branch = branch.byParameter ??= emptyBranch();
      continue;
    }
    const next = branch.bySegment.get(segment) ?? emptyBranch();
    branch.bySegment.set(segment, next);
    branch = next;
  }
  branch.leaf = { path, routes, names };
}

/** null: there is no such path. @param values gets those of its parameters, in their order */
function leafAt(
  branch: Branch,
  segments: readonly string[],
  at: number,
  values: string[],
): Branch["leaf"] {
  const segment = segments[at];
  if (segment === undefined) return branch.leaf;
  const next = branch.bySegment.get(segment);
  const leaf = next ? leafAt(next, segments, at + 1, values) : null;
  if (leaf || !branch.byParameter || segment === "") return leaf;
  values.push(segment);
  const behind = leafAt(branch.byParameter, segments, at + 1, values);
  if (!behind) values.pop();
  return behind;
}

/** Of an absolute path. Slashes at its end do not count. */
function segmentsOf(path: string): string[] {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === SLASH) end -= 1;
  return end === 0 ? [] : path.slice(1, end).split("/");
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

/** @param params as they are in the address */
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
