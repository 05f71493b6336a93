import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trueCredentials } from "../../support/credentials.ts";
import { FakeSentry } from "../../support/processes/sentry.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { until } from "../../support/processes/until.ts";
import { episodeOfTrace } from "../../support/traces.ts";
import { admin, run } from "../../support/service/jobs.ts";
import { ADMIN_TOKEN, Service } from "../../support/service/service.ts";

const CREDENTIALS = trueCredentials(21, 200);

let database: Sqld;
let service: Service;
let sentry: FakeSentry;
let key: string;

beforeAll(async () => {
  [database, sentry] = await Promise.all([Sqld.start(), FakeSentry.start()]);
  service = await Service.start(database.url, {
    SENTRY_DSN: sentry.dsn,
    LOG_LEVEL: "debug",
    TRACE_QUIET_SECONDS: "1",
  });
  key = await service.key("secrets");
});
afterAll(async () => {
  await service.remove();
  await Promise.all([database.remove(), sentry.remove()]);
});

/** What the files of a directory say, zipped ones unzipped. */
function contentsOf(directory: string): string {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
  return files
    .map((path) => {
      const bytes = readFileSync(path);
      const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
      return (isZipped ? gunzipSync(bytes) : bytes).toString("latin1");
    })
    .join("\n");
}

const post = (path: string, body: unknown) => service.call("POST", path, { key, body });
const short = (text: string): string => text.slice(0, 200);

const TRACES = 40;
const traceIdOf = (number: number): string => (number + 1).toString(16).padStart(32, "0");

/** Spans of an agent that says the text wherever a span has one. */
function traceWith(number: number, text: string): unknown {
  const traceId = traceIdOf(number);
  const attributes = (of: Record<string, string>) =>
    Object.entries(of).map(([name, value]) => ({ key: name, value: { stringValue: value } }));
  const span = (place: number, of: Record<string, string>) => ({
    traceId,
    spanId: (place + 1).toString(16).padStart(16, "0"),
    ...(place === 0 ? {} : { parentSpanId: "0000000000000001" }),
    name: short(text),
    startTimeUnixNano: "1767225600000000000",
    endTimeUnixNano: "1767225601000000000",
    attributes: attributes(of),
    status: { code: 2, message: text },
  });
  const call = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "bash",
    "gen_ai.tool.call.arguments": JSON.stringify({ command: text }),
    "gen_ai.tool.call.result": text,
  };
  const agent = { "gen_ai.operation.name": "invoke_agent", "input.value": text };
  const resource = { attributes: attributes({ "service.name": short(text) }) };
  return {
    resourceSpans: [{ resource, scopeSpans: [{ spans: [span(0, agent), span(1, call)] }] }],
  };
}

async function sendAll(): Promise<void> {
  for (const [i, { text }] of CREDENTIALS.slice(0, 60).entries()) {
    const { body } = await post("/v1/episodes", { task: `${i} ${text}`, metadata: { note: text } });
    const path = `/v1/episodes/${String(body.id)}`;
    const step = { tool: "bash", action: text, parameters: { command: text } };
    await post(`${path}/steps`, { ...step, result: { type: "error", message: text } });
    await post(`${path}/tags`, { tags: [short(text)] });
    await post(`${path}/checkpoints`, { reason: text, note: text, state: { text } });
    const lessons = [{ text: `${i} ${text}`.slice(0, 1_000), kind: "do" }];
    const outcome = { type: "failure", reason: text, details: text };
    await post(`${path}/complete`, { outcome, lessons });
  }
  for (const [i, { text }] of CREDENTIALS.slice(60, 90).entries()) {
    const said = { text: `${i} ${text}`.slice(0, 1_000), kind: "fact", source: short(text) };
    const { status } = await post("/v1/lessons", {
      ...said,
      applies_to: { task: text.slice(0, 1_000) },
    });
    expect(status).toBe(201);
  }
  for (const [i, { text }] of CREDENTIALS.slice(0, TRACES).entries())
    expect((await post("/v1/traces", traceWith(i, text))).status).toBe(200);
  const imported = CREDENTIALS.slice(60, 150).map(({ text }, i) => ({
    type: "episode",
    id: `imported-${i}`,
    task: text,
    status: "completed",
    steps: [{ tool: "bash", parameters: { text }, result: { type: "success", output: text } }],
    outcome: { type: "success", verdict: text, artifacts: [text] },
  }));
  expect(new Set((await service.import(key, imported)).map(({ status }) => status))).toEqual(
    new Set(["created"]),
  );
  for (const { text } of CREDENTIALS.slice(150)) {
    const call = { name: "memory_start", arguments: { task: text, tags: [short(text)] } };
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: call };
    await service.call("POST", "/mcp", {
      key,
      body: message,
      headers: { Accept: "application/json" },
    });
    await post("/v1/recall", { task: text, recent_steps: [{ tool: "bash", message: text }] });
  }
}

describe("no secret that a client sends", () => {
  it("is in the database, an instance, a backup, the log or a report of errors", async () => {
    await sendAll();
    await until("the spans are episodes", async () => {
      const path = `/v1/episodes/${episodeOfTrace(traceIdOf(TRACES - 1))}`;
      const { body } = await service.call("GET", path, { key });
      return body?.status === "completed" || body?.status === "failed";
    });
    await admin(service, "POST", "/admin/storage/flush");
    await until("everything is stored", async () => {
      const metrics = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
      return !/memory_outbox_rows\{[^}]*\} [1-9]/.test(metrics.text);
    });
    await run(service, "/admin/backups", { kind: "full" });
    await run(service, "/admin/backups", { kind: "snapshot" });
    const metrics = await service.call("GET", "/metrics", { key: ADMIN_TOKEN });
    expect(metrics.text).toMatch(/memory_redacted_total\{[^}]*kind="password"[^}]*\} [1-9]/);
    await service.kill();

    const kept = {
      database: contentsOf(database.directory),
      objects: contentsOf(service.storedIn),
      log: service.log(),
      reports: sentry.envelopes.join("\n"),
    };
    expect(kept.database).toContain("[REDACTED:");
    expect(kept.objects).toContain("[REDACTED:");
    for (const [where, text] of Object.entries(kept)) {
      const left = CREDENTIALS.filter(({ secret }) => text.includes(secret));
      expect(
        left.map(({ form }) => form),
        where,
      ).toEqual([]);
    }
    await service.start();
  });
});
