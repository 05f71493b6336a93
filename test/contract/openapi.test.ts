import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { DOCS, docOf } from "../../scripts/openapi/docs.ts";
import { generatedFiles } from "../../scripts/openapi/files.ts";
import { referencePage } from "../../src/api/routes/files.ts";
import type { RequestContext } from "../../src/api/request-context.ts";
import { ROUTE_IDS, ROUTES } from "../../src/contract/operations.ts";
import { judgeOf, operationsOf, type Json } from "./document.ts";

const read = (path: string): string =>
  readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const files = generatedFiles(packageJson.version);
const document = JSON.parse(String(files["docs/openapi.json"])) as Json;
const operations = operationsOf(document);

describe("the contract's routes", () => {
  it("are each documented", () => {
    expect(operations.map(({ id }) => id).sort()).toEqual([...ROUTE_IDS].sort());
  });

  it("say of one that is not where to write it", () => {
    expect(() => docOf("noSuchRoute")).toThrow(
      /The route noSuchRoute is not documented: write its entry.+ in the answers\.ts .+npm run openapi/,
    );
  });

  it("have no documentation of a route that is gone", () => {
    expect(Object.keys(DOCS).sort()).toEqual([...ROUTE_IDS].sort());
  });

  it("have one method and path each", () => {
    const places = ROUTE_IDS.map((id) => `${ROUTES[id].method} ${ROUTES[id].path}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

describe("what is made of the contract", () => {
  it.each(Object.keys(files))("%s is as the contract is now (npm run openapi)", (path) => {
    expect(read(path) === files[path], `${path} is out of date: npm run openapi`).toBe(true);
  });

  it("is a page whose style its policy allows", async () => {
    const page = String(files["console/public/reference/index.html"]);
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? "";
    const hash = `sha256-${createHash("sha256").update(style).digest("base64")}`;
    const options = { asset: async () => new Response(page) };
    const served = await referencePage({ options } as unknown as RequestContext);
    expect(
      served.headers.get("Content-Security-Policy"),
      `the page's style is another one: write ${hash} into PAGE_STYLE_SHA256 of src/api/routes/files.ts`,
    ).toContain(`style-src '${hash}'`);
  });
});

describe("the OpenAPI document", () => {
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
        const what = `the answer that ${operation.name} shows (npm run openapi:answers)`;
        expect(media?.example, what).toBeDefined();
        const text = JSON.stringify(media?.example);
        expect(judge(operation, { status: Number(status), type, text }), what).toBeNull();
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
