import { describe, expect, it } from "vitest";
import { createMatcher } from "../../src/api/router.ts";
import type { Route } from "../../src/api/routes/route.ts";

const route = (method: Route["method"], path: string): Route => ({
  method,
  path,
  scope: null,
  handle: () => new Response(null),
});

const match = createMatcher([
  route("GET", "/things/:id"),
  route("DELETE", "/things/:id"),
  route("GET", "/things/all"),
  route("POST", "/things/all/:part/end"),
  route("GET", "/things/:id/parts/:part"),
  route("GET", "/v1/words"),
  route("GET", "/"),
]);

const found = (method: string, path: string): unknown => {
  const { route: own, params } = match(method, new URL(`http://a${path}`));
  return [own.path, params];
};

describe("a path", () => {
  it.each([
    ["/things/1", "/things/:id", { id: "1" }],
    ["/things/a%2Fb", "/things/:id", { id: "a/b" }],
    ["/things/1//", "/things/:id", { id: "1" }],
    ["/things/1?x=2", "/things/:id", { id: "1" }],
    ["/things/constructor", "/things/:id", { id: "constructor" }],
    ["/things/:id", "/things/:id", { id: ":id" }],
    ["/things/all", "/things/all", {}],
    ["/things/1/parts/2", "/things/:id/parts/:part", { id: "1", part: "2" }],
    // Its beginning is that of another path, too.
    ["/things/all/parts/2", "/things/:id/parts/:part", { id: "all", part: "2" }],
    ["/", "/", {}],
  ])("%s is that of %s", (path, pattern, params) => {
    expect(found("GET", path)).toEqual([pattern, params]);
    expect(found("HEAD", path)).toEqual([pattern, params]);
  });

  it.each(["/thing", "/things", "/things//parts/2", "/THINGS/1", "//things/1", "/things/1/parts"])(
    "%s is none",
    (path) => {
      expect(() => found("GET", path)).toThrow("There is no route");
    },
  );

  it("that is none has the one that was meant, where that is plain", () => {
    expect(() => found("GET", "/thing/all")).toThrow("/thing/all. Did you mean /things/all?");
    expect(() => found("GET", "/words")).toThrow("/words. Did you mean /v1/words?");
    expect(() => found("GET", "/nothing")).toThrow(/\/nothing\.$/);
  });

  it("that is not percent-encoded UTF-8 is refused by the name of what it is", () => {
    expect(() => found("GET", "/things/%zz")).toThrow("id: is not percent-encoded UTF-8");
  });

  it("has its methods, and is asked for them", async () => {
    expect(() => found("POST", "/things/1")).toThrow(
      "/things/:id allows GET, HEAD, DELETE, OPTIONS.",
    );
    const { route: options } = match("OPTIONS", new URL("http://a/things/1"));
    const answer = await options.handle(undefined as never);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD, DELETE, OPTIONS");
  });
});
