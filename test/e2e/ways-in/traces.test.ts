import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAgent } from "../../support/otel-agent.ts";
import { hasOpenTelemetry, python } from "../../support/processes/python.ts";
import { Sqld } from "../../support/processes/sqld.ts";
import { episodeOfTrace } from "../../support/traces.ts";
import { Service } from "../../support/service/service.ts";

const TASK = "Cancel booking 8JX2WO and say what becomes of the money";

let database: Sqld;
let service: Service;

beforeAll(async () => {
  database = await Sqld.start();
  service = await Service.start(database.url, { TRACE_QUIET_SECONDS: "1" });
});
afterAll(async () => {
  await service.remove();
  await database.remove();
});

interface Seen {
  task: string;
  status: string;
  outcome: { type: string } | null;
  metadata: Record<string, string>;
  steps: { tool: string; parameters: unknown; result: { type: string; message?: string } }[];
}
async function episode(key: string, trace: string): Promise<Seen> {
  for (let tries = 0; ; tries++) {
    const { status, body } = await service.call("GET", `/v1/episodes/${episodeOfTrace(trace)}`, {
      key,
    });
    if (status === 200 && body.status === "completed") return body as Seen;
    if (tries > 100) throw new Error(`no episode: ${JSON.stringify(body)}\n${service.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What a recall for the task shows of it, but for ids and measures of time. */
async function recalled(key: string): Promise<unknown> {
  const body = { task: TASK, context: { domain: "airline" } };
  const { body: answer } = await service.call("POST", "/v1/recall", { key, body });
  const { playbook, episodes } = answer as {
    playbook: { steps: { tool: string }[] } | null;
    episodes: { task: string; outcome: unknown; tools?: unknown }[];
  };
  return {
    episodes: episodes.map(({ task, outcome }) => ({ task, outcome })),
    playbook: playbook?.steps.map(({ tool }) => tool),
  };
}

const STEPS = [
  {
    tool: "find_booking",
    parameters: { code: "8JX2WO" },
    result: { type: "success", output: '{"booking": "8JX2WO", "paid": true}' },
  },
  {
    tool: "cancel_booking",
    parameters: { booking: "8JX2WO" },
    result: { type: "error", message: expect.stringContaining("refund service is down") },
  },
  {
    tool: "cancel_booking",
    parameters: { booking: "8JX2WO", refund: false },
    result: { type: "success", output: "cancelled" },
  },
];

/** The same run, logged step by step. */
async function logged(key: string): Promise<void> {
  const begun = await service.call("POST", "/v1/episodes", { key, body: { task: TASK } });
  const at = `/v1/episodes/${begun.body.id}`;
  const steps = STEPS.map((step) =>
    step.result.type === "error"
      ? { ...step, result: { type: "error", message: "refund service is down" } }
      : step,
  );
  await service.call("POST", `${at}/steps`, { key, body: { steps } });
  const outcome = { type: "success", verdict: "" };
  const ended = await service.call("POST", `${at}/complete`, { key, body: { outcome } });
  expect(ended.status).toBe(200);
}

async function expectLikeLogged(key: string, trace: string): Promise<void> {
  const { task, outcome, steps } = await episode(key, trace);
  expect([task, outcome?.type]).toEqual([TASK, "success"]);
  expect(steps).toMatchObject(STEPS);
  const other = await service.key(`logged-${trace}`);
  await logged(other);
  const expected = await recalled(other);
  expect(await recalled(key)).toEqual(expected);
  expect(expected).toMatchObject({ episodes: [{ task: TASK }] });
}

describe("spans of OpenTelemetry", () => {
  it.each(["json", "protobuf"] as const)(
    "from its SDK for JavaScript, as %s, recall like a run that was logged step by step",
    async (as) => {
      const key = await service.key(`js-${as}`, ["read", "write"]);
      const trace = await runAgent({ url: service.url, key, task: TASK, as });
      await expectLikeLogged(key, trace);
    },
  );

  it.runIf(hasOpenTelemetry())("from its SDK for Python, likewise", async () => {
    const key = await service.key("python-spans", ["read", "write"]);
    const file = join(import.meta.dirname, "../../support/processes/otel-agent.py");
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: service.url,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${key}`,
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_SERVICE_NAME: "travel-agent",
      TASK,
    };
    const { exit, out } = await python("python", [file], { env });
    expect([exit, out]).toEqual([0, expect.stringMatching(/^[0-9a-f]{32}\n$/)]);
    await expectLikeLogged(key, out.trim());
    expect((await episode(key, out.trim())).metadata["service"]).toBe("travel-agent");
  });
});

const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
interface Answered {
  status: number;
  type: string | null;
  text: string;
}

/**
 * Whoever is answered before all of the body was sent may find the connection reset and the answer
 * lost (RFC 9112 §9.6): then the request is made again.
 */
async function answered(init: RequestInit, tries = 10): Promise<Answered> {
  try {
    const answer = await fetch(`${service.url}/v1/traces`, init);
    const type = answer.headers.get("Content-Type");
    return { status: answer.status, type, text: await answer.text() };
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (tries === 0 || !["ECONNRESET", "EPIPE"].includes(cause?.code ?? "")) throw error;
    return answered(init, tries - 1);
  }
}

async function post(
  key: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return answered({
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": PROTOBUF, ...headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}
const json = (key: string, body: unknown): ReturnType<typeof post> =>
  post(key, JSON.stringify(body), { "Content-Type": JSON_TYPE });
const request = (spans: object[]): object => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

const TRACE = "5b8efff798038103d269b633813fc60c";
const span = (place: number, attributes: object[], more: object = {}): object => ({
  traceId: TRACE,
  spanId: (place + 1).toString(16).padStart(16, "0"),
  ...(place === 0 ? {} : { parentSpanId: "0000000000000001" }),
  name: "span",
  startTimeUnixNano: `17672256${String(place).padStart(2, "0")}000000000`,
  endTimeUnixNano: `17672256${String(place || 59).padStart(2, "0")}500000000`,
  attributes,
  status: { code: 1 },
  ...more,
});
const spans = [
  span(0, [text("gen_ai.operation.name", "invoke_agent"), text("input.value", TASK)]),
  ...Array.from({ length: 9 }, (_, i) =>
    span(i + 1, [
      text("gen_ai.operation.name", "execute_tool"),
      text("gen_ai.tool.name", `tool_${i}`),
      text("gen_ai.tool.call.result", `done ${i}`),
    ]),
  ),
];

describe("POST /v1/traces", () => {
  it("makes the same episode of one request and of ten, reordered and twice", async () => {
    const [one, ten] = [await service.key("one"), await service.key("ten")];
    expect(await json(one, request(spans))).toMatchObject({ status: 200, text: "{}" });
    const expected = await episode(one, TRACE);
    expect(expected.steps).toHaveLength(9);
    for (const each of spans.toReversed()) await json(ten, request([each, spans[3] as object]));
    await json(ten, request(spans.slice(2, 5)));
    const { steps, task, outcome } = await episode(ten, TRACE);
    expect({ steps, task, outcome }).toEqual({
      steps: expected.steps,
      task: expected.task,
      outcome: expected.outcome,
    });
  });

  it("is for writers, each in the namespace of its key", async () => {
    const reader = await service.key("one", ["read"]);
    expect((await json(reader, request(spans))).status).toBe(403);
    expect((await json("mem_wrong", request(spans))).status).toBe(401);
    const other = await service.key("another");
    const { status } = await service.call("GET", `/v1/episodes/${episodeOfTrace(TRACE)}`, {
      key: other,
    });
    expect(status).toBe(404);
  });

  it("takes what can be taken, and reports what cannot", async () => {
    const key = await service.key("partial");
    const bad = [
      span(1, [], { traceId: "no" }),
      span(1, [], { spanId: "0".repeat(16) }),
      span(2, [text("input.value", "x".repeat(1_000_001)), text("gen_ai.tool.name", "t")], {
        name: "execute_tool t",
      }),
    ];
    const answer = await json(key, request([...spans, ...bad]));
    expect(answer.status).toBe(200);
    const { partialSuccess } = JSON.parse(answer.text) as { partialSuccess: object };
    expect(partialSuccess).toEqual({
      rejectedSpans: "3",
      errorMessage: expect.stringMatching(/trace id.*span id.*1000000 bytes/),
    });
    expect((await episode(key, TRACE)).steps).toHaveLength(9);
  });

  it("keeps no secret that stands in a span", async () => {
    const key = await service.key("secret");
    const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
    const traceId = "5b8efff798038103d269b633813fc60d";
    const asked = text("gen_ai.tool.call.arguments", JSON.stringify({ token: secret }));
    const tool = [text("gen_ai.operation.name", "execute_tool"), asked];
    await json(key, request([span(0, [], { traceId }), span(1, tool, { traceId })]));
    expect(JSON.stringify(await episode(key, traceId))).not.toContain(secret);
  });
});

/** A value in a value, so often. */
function nested(depth: number): Uint8Array {
  let value = new BinaryWriter().tag(1, WireType.LengthDelimited).string("x").finish();
  const inside = (number: number): void => {
    value = new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(value).finish();
  };
  for (let level = 0; level < depth; level++) for (const number of [1, 5]) inside(number);
  for (const number of [2, 9, 2, 2, 1]) inside(number);
  return value;
}

const hostile: [what: string, body: Uint8Array, headers: object, status: number][] = [
  ["random bytes", Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251), {}, 400],
  ["a length beyond the end", new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0x7f]), {}, 400],
  ["a varint without an end", new Uint8Array(1_000).fill(0xff), {}, 400],
  ["groups in groups", new Uint8Array(1_000_000).fill(0x0b), {}, 400],
  ["values in values", nested(500), {}, 400],
  [
    "millions of empty messages",
    new Uint8Array(4_000_000).fill(0).map((_, i) => (i % 2 ? 0 : 10)),
    {},
    400,
  ],
  ["what is no gzip", new Uint8Array([1, 2, 3]), { "Content-Encoding": "gzip" }, 400],
  [
    "half a gzip",
    gzipSync(new Uint8Array(9_999)).subarray(0, 20),
    { "Content-Encoding": "gzip" },
    400,
  ],
  ["a bomb", gzipSync(new Uint8Array(100_000_000)), { "Content-Encoding": "gzip" }, 413],
  ["more than a body may have", new Uint8Array(8_400_000), {}, 413],
  ["another encoding", new Uint8Array(3), { "Content-Encoding": "br" }, 415],
  ["another type", new Uint8Array(3), { "Content-Type": "application/grpc" }, 415],
  ["JSON that is none", new TextEncoder().encode("{"), { "Content-Type": JSON_TYPE }, 400],
  ["a list", new TextEncoder().encode("[]"), { "Content-Type": JSON_TYPE }, 400],
  [
    "JSON that is nested deep",
    new TextEncoder().encode(`{"resourceSpans":${"[".repeat(100_000)}${"]".repeat(100_000)}}`),
    { "Content-Type": JSON_TYPE },
    400,
  ],
];

describe("a hostile request", () => {
  it.each(hostile)("of %s is refused with a reason, soon", async (_what, body, headers, status) => {
    const key = await service.key("hostile", ["write"]);
    const began = performance.now();
    const answer = await post(key, body, headers as Record<string, string>);
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(/\w{3}/)]);
    expect(performance.now() - began).toBeLessThan(3_000);
    const type = (headers as Record<string, string>)["Content-Type"] ?? PROTOBUF;
    expect(answer.type).toBe(type === PROTOBUF ? PROTOBUF : "application/problem+json");
  });

  it("is harmless when it is empty: it is answered as if all was taken", async () => {
    const key = await service.key("hostile", ["write"]);
    expect(await post(key, new Uint8Array())).toEqual({ status: 200, type: PROTOBUF, text: "" });
  });
});
