import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { documentText, typesText } from "../../scripts/openapi-files.ts";
import { docOf, orphans } from "../../src/api/openapi/document.ts";
import type { Route } from "../../src/api/routes/route.ts";
import { ROUTES } from "../../src/api/routes/routes.ts";
import { judgeOf, operationsOf, type Json } from "../contract/document.ts";

const read = (path: string): string =>
  readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const document = JSON.parse(documentText(packageJson.version)) as Json;
const operations = operationsOf(document);

describe("the OpenAPI document", () => {
  it.each(ROUTES.map((route) => ({ name: `${route.method} ${route.path}`, route })))(
    "has $name",
    ({ route }) => {
      expect(() => docOf(route)).not.toThrow();
    },
  );

  it("says of a route that it lacks where to write it", () => {
    const route: Route = {
      method: "GET",
      path: "/v1/nowhere",
      scope: "read",
      handle: () => new Response(),
    };
    expect(() => docOf(route)).toThrow(
      /"GET \/v1\/nowhere" is not in the OpenAPI document: write its entry in a src\/api\/openapi\//,
    );
  });

  it("has no entry for a route that is gone", () => {
    expect(orphans(ROUTES)).toEqual([]);
  });

  it("is in the repository as it is served (npm run openapi)", () => {
    expect(read("docs/openapi.json")).toBe(documentText(packageJson.version));
  });

  it("gives the client its types (npm run openapi)", () => {
    expect(read("client/schema.ts")).toBe(typesText(packageJson.version));
  });

  it("names each operation once", () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  });

  it("has an example for each body and each parameter of a path", () => {
    for (const { name, body, parameters } of operations) {
      if (body) expect(Object.keys(body.examples), name).not.toEqual([]);
      for (const one of parameters)
        if (one.in === "path") expect(one.example, `${name} ${one.name}`).toBeDefined();
    }
  });

  it(
    "shows an answer for each operation that answers with JSON, which is as its schema says",
    { timeout: 120_000 },
    () => {
      const judge = judgeOf(document);
      for (const operation of operations) {
        const [status = "", response = {}] =
          Object.entries(operation.responses).find(([code]) => code.startsWith("2")) ?? [];
        const content = (response["content"] ?? {}) as Record<string, { example?: unknown }>;
        const [type, media] = Object.entries(content)[0] ?? ["", undefined];
        // The document is not its own example, and MCP answers with a stream.
        if (!type.includes("json") || ["getDocument", "mcp"].includes(operation.id)) continue;
        expect(
          media?.example,
          `${operation.name} shows no answer: npm run openapi:answers`,
        ).toBeDefined();
        const text = JSON.stringify(media?.example);
        expect(judge(operation, { status: Number(status), type, text }), operation.name).toBeNull();
      }
    },
  );

  it("has schemas that a validator takes", { timeout: 120_000 }, () => {
    const judge = judgeOf(document);
    for (const operation of operations) {
      for (const [status, response] of Object.entries(operation.responses)) {
        const [type = "", media] =
          Object.entries((response["content"] ?? {}) as Record<string, unknown>)[0] ?? [];
        if (!media || !type.includes("json")) continue;
        // A null is never an answer: that it is refused shows that the schema was read.
        expect(
          judge(operation, { status: Number(status), type, text: "null" }),
          operation.name,
        ).not.toBeNull();
      }
    }
  });
});
