import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MemoryClient } from "../../client/index.ts";
import type { RouteContract } from "../../src/contract/route.ts";
import { ROUTE_IDS, type RouteId, ROUTES } from "../../src/contract/operations.ts";

const ROOT = join(import.meta.dirname, "../..");
const routes: readonly (readonly [RouteId, RouteContract])[] = ROUTE_IDS.map((id) => [
  id,
  ROUTES[id],
]);

/** Routes that need no command of the CLI, each with its reason. */
const WITHOUT_COMMAND: Readonly<Partial<Record<RouteId, string>>> = {
  getStartPage: "a page, for a browser",
  getConsole: "a page, for a browser",
  getConsoleFile: "a file of that page",
  getConsolePart: "a file of that page",
  getReference: "a page, for a browser",
  getDocument: "the package has it as a file",
  getOverview: "the console asks it",
  recordSpans: "exporters send to it; `import --from otel` takes files",
};

/** A method and a path as a request has them; `…` stands for any segment. */
function routesOf(method: string | null, path: string): RouteId[] {
  const shape = (text: string): string => text.replaceAll(/:\w+|…/g, "…");
  return routes
    .filter(
      ([, route]) =>
        (method === null || route.method === method) && shape(route.path) === shape(path),
    )
    .map(([id]) => id);
}

/** The methods of the client, "episodes.start" among them, each with what it is called by. */
function methodsOf(client: MemoryClient): [name: string, call: (...args: unknown[]) => unknown][] {
  const own = Object.entries(client).flatMap(([group, methods]) =>
    Object.entries(methods as Record<string, (...args: unknown[]) => unknown>).map(
      ([name, method]): [string, (...args: unknown[]) => unknown] => [`${group}.${name}`, method],
    ),
  );
  const prototype = Object.getOwnPropertyNames(MemoryClient.prototype)
    .filter((name) => !["constructor", "call", "request", "record"].includes(name))
    .map((name): [string, (...args: unknown[]) => unknown] => [
      name,
      (...args) => (Reflect.get(client, name) as typeof Function).apply(client, args as never),
    ]);
  return [...own, ...prototype];
}

/** Which routes each method of the client asks, found by calling it. */
async function routesOfClient(): Promise<Map<string, RouteId[]>> {
  const asked: RouteId[] = [];
  const client = new MemoryClient({
    url: "http://memory.test",
    retries: 0,
    fetch: async ({ method, url }) => {
      asked.push(...routesOf(method, new URL(url).pathname.replaceAll(/\bgiven\b/g, "…")));
      return Response.json({
        episodes: [],
        patterns: [],
        heuristics: [],
        lessons: [],
        namespaces: [],
        next_cursor: null,
      });
    },
  });
  const found = new Map<string, RouteId[]>();
  for (const [name, call] of methodsOf(client)) {
    asked.length = 0;
    const answer = await call("given", "given", "given");
    if (typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer) {
      for await (const item of answer as AsyncIterable<unknown>) void item;
    }
    found.set(name, [...asked]);
  }
  return found;
}

/** Which routes the CLI asks: by their id, by method and path, or by a method of the client. */
function routesOfCli(ofClient: ReadonlyMap<string, RouteId[]>): Set<RouteId> {
  const text = globSync("cli/**/*.ts", { cwd: ROOT })
    .map((file) => readFileSync(join(ROOT, file), "utf8"))
    .join("\n")
    .replaceAll(/\$\{[^}]*\}/g, "…");
  const asked = new Set<RouteId>();
  for (const id of ROUTE_IDS) if (text.includes(`"${id}"`)) asked.add(id);
  for (const [, method = null, path = ""] of text.matchAll(
    /(?:"(GET|POST|PUT|PATCH|DELETE)",\s*)?["`](\/[a-z0-9…/-]+)["`]/g,
  ))
    for (const id of routesOf(method, path)) asked.add(id);
  for (const [name, ids] of ofClient) {
    const call = new RegExp(`\\.${name.replace(".", "\\s*\\.")}\\(`);
    if (call.test(text)) for (const id of ids) asked.add(id);
  }
  return asked;
}

const ofClient = await routesOfClient();

describe("a route that is forgotten is named", () => {
  it("where the client has no method for it", () => {
    const asked = new Set([...ofClient.values()].flat());
    // What operators ask has types in the client, and is asked by `call`.
    const forgotten = routes.filter(
      ([id, { path, scope }]) => path.startsWith("/v1/") && scope !== "admin" && !asked.has(id),
    );
    expect(
      forgotten.map(([id]) => id),
      "add a method to client/client.ts for each of these",
    ).toEqual([]);
  });

  it("where no command of the CLI asks it", () => {
    const asked = routesOfCli(ofClient);
    const forgotten = ROUTE_IDS.filter((id) => !asked.has(id) && !(id in WITHOUT_COMMAND));
    expect(
      forgotten,
      "add a command to cli/commands for each of these, or its reason to WITHOUT_COMMAND here",
    ).toEqual([]);
    const idle = Object.keys(WITHOUT_COMMAND).filter((id) => asked.has(id as RouteId));
    expect(idle, "these have a command: take them out of WITHOUT_COMMAND").toEqual([]);
  });
});
