import { gzipSync } from "node:zlib";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, openChromium } from "../../support/processes/browser.ts";
import { freePort } from "../../support/processes/free-port.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";

const ROOT = join(import.meta.dirname, "../../..");

let database: Sqld;
let service: Service;
let key: string;
/** Of a page whose scripts may call the service, and of one whose may not. */
let allowed: string;
let other: string;

beforeAll(async () => {
  const ports = [await freePort(), await freePort()];
  [allowed = "", other = ""] = ports.map((port) => `http://127.0.0.1:${port}`);
  database = await Sqld.start();
  service = await Service.start(database.url, { CORS_ORIGINS: allowed });
  key = await service.key("edges");
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

const bearer = (): Record<string, string> => ({ Authorization: `Bearer ${key}` });
const json = { "Content-Type": "application/json" };

/** A request as it is written, with its answer's body as text. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: BodyInit,
): Promise<{ status: number; headers: Headers; text: string }> {
  const init = { method, headers: { ...bearer(), ...headers }, ...(body ? { body } : {}) };
  const response = await fetch(service.url + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function started(task: string): Promise<string> {
  const { body } = await service.call("POST", "/v1/episodes", { key, body: { task } });
  return String(body.id);
}

describe("a body", () => {
  it("may be gzip, and nothing else that is encoded", async () => {
    const zipped = gzipSync('{"task":"zipped"}');
    const headers = { ...json, "Content-Encoding": "gzip" };
    expect((await send("POST", "/v1/episodes", headers, zipped)).status).toBe(201);
    const refused = await send(
      "POST",
      "/v1/episodes",
      { ...json, "Content-Encoding": "br" },
      zipped,
    );
    expect([refused.status, refused.headers.get("Accept-Encoding")]).toEqual([415, "gzip"]);
    expect((await send("POST", "/v1/episodes", headers, '{"task":"plain"}')).status).toBe(400);
    const large = gzipSync(JSON.stringify({ task: "x".repeat(9_000_000) }));
    expect((await send("POST", "/v1/episodes", headers, large)).status).toBe(413);

    const lines = gzipSync('{"type":"episode","id":"zip-1","task":"zipped line"}\n');
    const imported = { "Content-Type": "application/jsonl", "Content-Encoding": "gzip" };
    expect((await send("POST", "/v1/import", imported, lines)).text).toContain("zip-1");
  });

  it("must be in UTF-8, and says so where it is not", async () => {
    const latin = { "Content-Type": "application/json; charset=iso-8859-1" };
    expect((await send("POST", "/v1/episodes", latin, '{"task":"t"}')).status).toBe(415);
    const cut = new Uint8Array([...new TextEncoder().encode('{"task":"'), 0xe9, 0x22, 0x7d]);
    expect((await send("POST", "/v1/episodes", json, cut)).status).toBe(400);
  });

  it("keeps every number, or is refused", async () => {
    const id = await started("numbers");
    const step = (number: string): string => `{"tool":"t","parameters":{"snowflake":${number}}}`;
    const path = `/v1/episodes/${id}/steps`;
    expect((await send("POST", path, json, step("1234567890123456789"))).status).toBe(400);
    expect((await send("POST", path, json, step("9007199254740992"))).status).toBe(201);
    expect((await send("GET", `/v1/episodes/${id}`, {})).text).toContain(
      '"snowflake":9007199254740992',
    );
  });

  it("of an operator's command needs no type, as curl sends it", async () => {
    const headers = {
      Authorization: `Bearer ${ADMIN_TOKEN}`,
      "Content-Type": "application/x-www-form-urlencoded",
    };
    const body = '{"enabled":true,"message":"Scheduled maintenance"}';
    expect((await send("POST", "/admin/maintenance", headers, body)).status).toBe(200);
    const end = '{"enabled":false}';
    expect((await send("POST", "/admin/maintenance", headers, end)).status).toBe(200);
    const reset = '{"backend":"turso"}';
    expect((await send("POST", "/admin/circuit-breaker/reset", headers, reset)).status).toBe(200);
    const type = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await send("POST", "/v1/episodes", type, '{"task":"t"}')).status).toBe(415);
  });
});

describe("a change of an episode", () => {
  it("may name weak tags and lists of them", async () => {
    const id = await started("etag");
    const change = (tag: string, task: string) =>
      send("PATCH", `/v1/episodes/${id}`, { ...json, "If-Match": tag }, JSON.stringify({ task }));
    expect((await change('W/"1"', "x")).status).toBe(200);
    expect((await change('"1"', "y")).status).toBe(412);
    expect((await change('"7", W/"2"', "z")).status).toBe(200);
  });

  it("may change some of the metadata", async () => {
    const id = await started("metadata");
    const path = `/v1/episodes/${id}`;
    await send("PATCH", path, json, '{"metadata":{"a":"1","b":"2"}}');
    const merge = { "Content-Type": "application/merge-patch+json" };
    const merged = await send("PATCH", path, merge, '{"metadata":{"a":null,"c":"3"}}');
    expect(JSON.parse(merged.text)).toMatchObject({ metadata: { b: "2", c: "3" } });
    expect(JSON.parse(merged.text).metadata).not.toHaveProperty("a");
    const replaced = await send("PATCH", path, json, '{"metadata":{"d":"4"}}');
    expect(JSON.parse(replaced.text).metadata).toEqual({ d: "4" });
    expect((await send("PATCH", "/v1/lessons/none", merge, '{"kind":"do"}')).status).toBe(415);
  });
});

describe("/health/live", () => {
  it("says OK, and JSON to who asks for it", async () => {
    expect(await fetch(`${service.url}/health/live`).then((one) => one.text())).toBe("OK");
    const asked = await fetch(`${service.url}/health/live`, {
      headers: { Accept: "application/json" },
    });
    expect(await asked.json()).toEqual({ status: "alive" });
  });
});

describe("/mcp", () => {
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });

  it("answers with JSON only those who ask for it, with less than 15 kB of tools", async () => {
    const answer = await send("POST", "/mcp", { ...json, Accept: "application/json" }, list);
    expect(answer.headers.get("Content-Type")).toContain("application/json");
    expect(JSON.parse(answer.text)).toMatchObject({ jsonrpc: "2.0", id: 1 });
    expect(Buffer.byteLength(answer.text)).toBeLessThan(15_000);
    expect(answer.text).not.toContain("propertyNames");
    const both = { ...json, Accept: "application/json, text/event-stream" };
    expect((await send("POST", "/mcp", both, list)).status).toBe(200);
  });

  it("mends what is stored, and takes lists that come as texts", async () => {
    const id = await started("to be mended");
    const call = async (name: string, args: object) => {
      const message = {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name, arguments: args },
      };
      const headers = { ...json, Accept: "application/json" };
      const { text } = await send("POST", "/mcp", headers, JSON.stringify(message));
      return JSON.parse(text).result;
    };
    const manage = (args: object) => call("memory_manage", { episode_id: id, ...args });
    const steps = JSON.stringify([{ tool: "a", parameters: '{"b":1}' }]);
    expect((await call("memory_log", { episode_id: id, steps })).structuredContent.accepted).toBe(
      1,
    );
    expect((await manage({ action: "tag", tags: '["x","y"]' })).structuredContent.tags).toEqual([
      "x",
      "y",
    ]);
    expect((await manage({ action: "untag", tags: ["x"] })).structuredContent.tags).toEqual(["y"]);
    expect((await manage({ action: "rename_tag", tags: ["y", "z"] })).structuredContent).toEqual({
      renamed: 1,
      refused: 0,
      is_done: true,
    });
    expect((await manage({ action: "rename_tag", tags: ["z"] })).content[0].text).toContain(
      "tags: must be the old and the new one",
    );
    const to = await started("other");
    expect((await manage({ action: "relate", type: "follows", to })).isError).toBeFalsy();
    expect(
      (await manage({ action: "relationships" })).structuredContent.relationships,
    ).toHaveLength(1);
    expect((await manage({ action: "unrelate", type: "follows", to })).isError).toBeFalsy();
    const amended = await manage({ action: "amend", changes: { metadata: { m: "1" } } });
    expect(amended.structuredContent.metadata).toEqual({ m: "1" });
    expect((await manage({ action: "relate" })).content[0].text).toContain(
      "type: is needed to relate",
    );
    const said = await call("memory_lesson", { text: "Mend it by day", kind: "do" });
    const lesson_id = said.structuredContent.id;
    const lesson = { text: "Mend it by night" };
    expect(
      (await call("memory_manage", { action: "amend_lesson", lesson_id, lesson }))
        .structuredContent,
    ).toMatchObject({ id: lesson_id, text: "Mend it by night" });
    expect((await manage({ action: "delete_lesson" })).content[0].text).toContain(
      "lesson_id: is needed to delete_lesson",
    );
    expect(
      (await call("memory_manage", { action: "delete_lesson", lesson_id })).structuredContent,
    ).toMatchObject({ id: lesson_id, deleted: true });
    expect((await manage({ action: "delete" })).structuredContent.deleted).toBe(true);
    expect((await service.call("GET", `/v1/episodes/${id}`, { key })).status).toBe(404);
  });
});

describe("a page of another origin", () => {
  it("is told what it may send", async () => {
    const asked = { Origin: allowed, "Access-Control-Request-Method": "POST" };
    const answer = await fetch(`${service.url}/v1/recall`, { method: "OPTIONS", headers: asked });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe(allowed);
    expect(answer.headers.get("Access-Control-Allow-Methods")).toContain("POST");
    const refused = { ...asked, Origin: other };
    const no = await fetch(`${service.url}/v1/recall`, { method: "OPTIONS", headers: refused });
    expect(no.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  it.skipIf(!hasChromium())(
    "uses the client where its origin is allowed, and not elsewhere",
    async () => {
      const { outputFiles } = await build({
        stdin: {
          contents: `import { MemoryClient } from "./client/index.ts"; window.MemoryClient = MemoryClient;`,
          resolveDir: ROOT,
          loader: "ts",
        },
        bundle: true,
        write: false,
        platform: "browser",
        format: "iife",
      });
      const script = outputFiles[0]?.text ?? "";
      const pages = await Promise.all([allowed, other].map((origin) => serve(origin, script)));
      const browser = await openChromium();
      try {
        const outcomes: string[] = [];
        for (const origin of [allowed, other]) {
          const page = await (await browser.newContext()).newPage();
          await page.goto(origin);
          const code = `new MemoryClient({ url: ${JSON.stringify(service.url)}, key: ${JSON.stringify(key)}, retries: 0 }).recall({ task: "from a page" }).then((one) => one.recall_id ? "recalled" : "nothing", (error) => error.code)`;
          outcomes.push(String(await page.evaluate(code)));
        }
        expect(outcomes).toEqual(["recalled", "network"]);
      } finally {
        await browser.close();
        for (const page of pages) page.close();
      }
    },
  );
});

async function serve(origin: string, script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/client.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : '<!doctype html><script src="/client.js"></script>');
  });
  await new Promise<void>((resolve) =>
    server.listen(Number(new URL(origin).port), "127.0.0.1", resolve),
  );
  return server;
}

describe("words of every script", () => {
  it("are found, beside other scripts and alone", async () => {
    const tasks = [
      "docker部署失败",
      "JWTトークンの期限切れ",
      "端口8080被占用",
      "GPU메모리부족",
      "ยกเลิกการจองเที่ยวบิน",
      "Straße 🚀",
    ];
    await service.import(
      key,
      tasks.map((task, i) => ({
        type: "episode",
        id: `mix-${i + 1}`,
        task,
        status: "completed",
        outcome: { type: "success" },
      })),
    );
    const found = async (q: string): Promise<string[]> => {
      const { body } = await service.call("GET", `/v1/search?q=${encodeURIComponent(q)}`, { key });
      return body.results.map((one: { id: string }) => one.id);
    };
    await until("they are learned", async () => (await found("8080")).length > 0);
    const asked = {
      docker: 1,
      部: 1,
      JWT: 2,
      トークン: 2,
      8080: 3,
      GPU: 4,
      부족: 4,
      เที่ยวบิน: 5,
      strasse: 6,
      "🚀": 6,
    };
    for (const [q, number] of Object.entries(asked))
      expect(await found(q), q).toContain(`mix-${number}`);
  });
});
