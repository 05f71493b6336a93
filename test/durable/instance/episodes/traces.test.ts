import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../../src/contract/limits.ts";
import type { Input } from "../../../../src/contract/operations.ts";
import { randomOf } from "../../../importers/models/model.ts";
import { NodeInstances } from "../../../support/instances.ts";

type Span = Input<"spans.take">["spans"][number];

const TRACE = "5b8efff798038103d269b633813fc60c";
const BEGUN = Date.parse("2025-12-31T00:00:00.000Z");
let cluster: NodeInstances;

beforeEach(() => {
  cluster = new NodeInstances(1);
});

const idOf = (place: number): string => (place + 1).toString(16).padStart(16, "0");
const span = (place: number, more: Partial<Span> = {}): Span => ({
  id: idOf(place),
  parent: place === 0 ? "" : idOf(0),
  isRemote: false,
  name: `span ${place}`,
  attributes: {},
  resource: {},
  events: [],
  status: "ok",
  message: "",
  start: BEGUN + place * 1_000,
  end: BEGUN + place * 1_000 + 500,
  ...more,
});
const root = (more: Partial<Span> = {}): Span =>
  span(0, {
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "input.value": "Cancel booking 8JX2WO",
      "gen_ai.agent.name": "travel",
    },
    end: BEGUN + 60_000,
    ...more,
  });
const tool = (place: number, more: Partial<Span> = {}): Span =>
  span(place, {
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": `tool_${place % 3}`,
      "gen_ai.tool.call.arguments": JSON.stringify({ place }),
      "gen_ai.tool.call.result": `done ${place}`,
    },
    ...more,
  });
const whole = (tools = 9): Span[] => [
  root(),
  ...Array.from({ length: tools }, (_, i) =>
    i === 4
      ? tool(i + 1, { status: "error", message: "no seats", attributes: failed(i + 1) })
      : tool(i + 1),
  ),
];
const failed = (place: number): Record<string, unknown> => ({
  "gen_ai.operation.name": "execute_tool",
  "gen_ai.tool.name": `tool_${place % 3}`,
  "gen_ai.tool.call.arguments": JSON.stringify({ place }),
});

const take = (spans: Span[], more: Partial<Input<"spans.take">> = {}, on = cluster) =>
  on.do("spans.take", { id: "e", trace: TRACE, spans, meant: {}, ...more });
async function pass(seconds: number, on = cluster): Promise<void> {
  on.now += seconds * 1_000;
  for (let index = 0; index < on.control.topology.count; index++) await on.instance(index).alarm();
}
interface Seen {
  task: string;
  status: string;
  outcome: { type: string } | null;
  metadata: Record<string, string>;
  steps: {
    tool: string;
    parameters: unknown;
    result: unknown;
    at: string;
    metadata: Record<string, string>;
  }[];
  version: number;
}
const seen = async (on = cluster): Promise<Seen> =>
  JSON.parse((await on.do("episode.get", { id: "e" })).json) as Seen;
/** All of an episode but when and how often it was written. */
const content = async (on = cluster): Promise<unknown> => {
  const { version: _version, ...rest } = await seen(on);
  return { ...rest, updated_at: null };
};
const LATER = Date.parse("2026-01-03T00:00:00.000Z");
const learned = async (on: NodeInstances): Promise<unknown> => {
  // Evidence decays: it is the same at the same time.
  on.now = LATER;
  const { items } = await on.do("patterns.list", { min_support: 1, limit: 100, cursor: null });
  expect(items.length).toBeGreaterThan(0);
  return items;
};
const traces = (on = cluster): unknown[] => on.local(0).all("SELECT id, open_at FROM traces");

describe("a trace", () => {
  it("is an episode once its root has ended and nothing came for a while", async () => {
    expect(await take(whole())).toEqual({ rejected: 0 });
    await pass(4);
    await expect(seen()).rejects.toThrow("not_found");
    await pass(2);
    const { task, status, outcome, steps } = await seen();
    expect([task, status, outcome?.type]).toEqual([
      "Cancel booking 8JX2WO",
      "completed",
      "success",
    ]);
    expect(steps.map((step) => step.tool)).toEqual(
      whole()
        .slice(1)
        .map(({ attributes }) => attributes["gen_ai.tool.name"]),
    );
    expect(steps[0]).toMatchObject({
      parameters: { place: 1 },
      result: { type: "success", output: "done 1" },
      at: "2025-12-31T00:00:01.000Z",
    });
    expect(steps[4]?.result).toEqual({ type: "error", message: "no seats" });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "is the same episode in any order, twice, in ten requests, with pauses and evictions (%i)",
    async (seed) => {
      await take(whole());
      await pass(6);
      const expected = await content();

      const other = new NodeInstances(1);
      const random = randomOf(seed);
      const sent = [...whole(), ...whole()].sort(() => random() - 0.5);
      const size = Math.ceil(sent.length / 10);
      for (let at = 0; at < sent.length; at += size) {
        await take(sent.slice(at, at + size), {}, other);
        if (random() < 0.5) await pass(Math.floor(random() * 10), other);
        if (random() < 0.3) other.restart(0);
      }
      await pass(6, other);
      expect(await content(other)).toEqual(expected);
      expect(await learned(other)).toEqual(await learned(cluster));
    },
  );

  it("without its root is one when it is old, and follows when the root comes", async () => {
    await take(whole().slice(1, 5));
    await pass(600);
    await expect(seen()).rejects.toThrow("not_found");
    await pass(301);
    expect((await seen()).steps).toHaveLength(4);
    await take([...whole().slice(5), root()]);
    await pass(6);
    const { steps, task, outcome } = await seen();
    expect([steps.length, task, outcome?.type]).toEqual([9, "Cancel booking 8JX2WO", "success"]);
  });

  it("whose root is in another process counts as whole when its own root has ended", async () => {
    const [, ...others] = whole();
    await take([root({ parent: "00000000000000ff", isRemote: true }), ...others]);
    await pass(6);
    expect((await seen()).steps).toHaveLength(9);
  });

  it("that does not say how it ended is abandoned, or what the exporter says", async () => {
    await take([root({ status: null }), tool(1)]);
    await pass(6);
    expect(await seen()).toMatchObject({ status: "abandoned", outcome: null });
    const meant = { outcome: "failure", domain: "airline" } as const;
    await take([tool(2)], { meant });
    await pass(6);
    expect(await seen()).toMatchObject({
      status: "completed",
      outcome: { type: "failure" },
      context: { domain: "airline" },
    });
  });

  it("says whose it was, and which of its tools were in another process", async () => {
    const resource = { "service.name": "travel-agent", "service.version": "1.2" };
    const other = { "service.name": "booking", "deployment.environment.name": "staging" };
    await take([root({ resource }), tool(1, { resource }), tool(2, { resource: other })]);
    await pass(6);
    const { metadata, steps } = await seen();
    expect(metadata).toMatchObject({ service: "travel-agent", service_version: "1.2" });
    expect(steps.map((step) => step.metadata)).toEqual([
      {},
      { service: "booking", environment: "staging" },
    ]);
  });

  it("says what of it is in no episode", async () => {
    const long = tool(1, {
      attributes: { ...tool(1).attributes, "gen_ai.tool.call.result": "x".repeat(70_000) },
    });
    await take([root(), long, span(2), tool(3)]);
    await pass(6);
    expect((await seen()).metadata).toMatchObject({ left_out: "texts: 1" });
  });

  it("of no agent is none, and nothing of it stays", async () => {
    await take([span(0), span(1)]);
    await pass(6);
    await expect(seen()).rejects.toThrow("not_found");
    expect(traces()).toEqual([]);
  });

  it("that was deleted does not come back by what was kept of it", async () => {
    await take(whole());
    await pass(6);
    await cluster.do("episode.delete", { id: "e", if_match: null });
    expect(traces()).toEqual([]);
    await pass(7 * 3_600);
    await expect(seen()).rejects.toThrow("not_found");
  });

  it("is dropped when it was kept long enough, and late parts take nothing back then", async () => {
    await take(whole());
    await pass(6);
    const expected = await content();
    await pass(7 * 3_600);
    expect(traces()).toEqual([]);
    await take([root(), tool(3)]);
    await pass(6);
    expect(await content()).toEqual(expected);
    const why = { why: "refused" };
    expect(await cluster.counted(0, "memory_traces_not_taken_total", why)).toBe(1);
    await take(whole());
    await pass(6);
    expect(await content()).toEqual(expected);
  });

  it("goes on at its new home when the number of instances changes", async () => {
    for (let n = 0; n < 12; n++)
      await take(whole().slice(1), { id: `e${n}`, trace: n.toString(16).padStart(32, "a") });
    await cluster.resize(3);
    await cluster.settle();
    for (let n = 0; n < 12; n++)
      await take([root()], { id: `e${n}`, trace: n.toString(16).padStart(32, "a") });
    await pass(6);
    for (let n = 0; n < 12; n++) {
      const { json } = await cluster.do("episode.get", { id: `e${n}` });
      expect((JSON.parse(json) as Seen).steps).toHaveLength(9);
    }
    expect(cluster.local(0).all("SELECT id FROM traces").length).toBeLessThan(12);
  });

  it("goes with its namespace, and is of no other", async () => {
    await take(whole());
    await cluster.do("namespace.erase", { name: "n" });
    expect(traces()).toEqual([]);
    const { result } = await cluster.call("episode.get", { id: "e" }, { namespace: "other" });
    expect(result.ok).toBe(false);
  });
});

describe("what is held of traces", () => {
  it("is bounded for each: what goes beyond is reported, and its root finds room", async () => {
    const many = Array.from({ length: LIMITS.trace_spans_max + 5 }, (_, i) => tool(i + 1));
    expect(await take(many)).toEqual({ rejected: 5 });
    expect(await take([root()])).toEqual({ rejected: 0 });
    await pass(6);
    expect((await seen()).steps).toHaveLength(LIMITS.steps_max);
  });

  it("is bounded for a namespace: those that are whole give way, and then it is overloaded", async () => {
    const one = (n: number, spans: Span[]) =>
      take(spans, { id: `e${n}`, trace: n.toString(16).padStart(32, "a") });
    for (let n = 0; n < 10; n++) await one(n, whole(1));
    await pass(6);
    for (let n = 10; n < LIMITS.traces_max; n++) await one(n, [tool(1)]);
    await one(LIMITS.traces_max, [tool(1)]);
    expect(traces()).toHaveLength(LIMITS.traces_max - 9);
    for (let n = 0; n < 9; n++) await one(LIMITS.traces_max + 1 + n, [tool(1)]);
    await expect(one(5_000, [tool(1)])).rejects.toThrow("overloaded");
    await take([tool(2)], { id: "e10", trace: (10).toString(16).padStart(32, "a") });
  });

  describe("in all", () => {
    const trace = (n: number): string => n.toString(16).padStart(32, "a");
    const one = (on: NodeInstances, namespace: string, n: number, spans = [tool(1)]) =>
      on.call("spans.take", { id: `e${n}`, trace: trace(n), spans, meant: {} }, { namespace });
    const held = (on: NodeInstances): Record<string, number> =>
      Object.fromEntries(
        on
          .local(0)
          .all<{ namespace: string; held: number }>(
            "SELECT namespace, count(*) AS held FROM traces GROUP BY namespace",
          )
          .map((row) => [row.namespace, row.held]),
      );
    it("is bounded for the instance: the whole ones of who has most give way", async () => {
      const bounded = new NodeInstances(1, { instance_traces_max: 10 });
      for (let n = 0; n < 8; n++) await one(bounded, "flood", n, whole(1));
      for (let n = 8; n < 10; n++) await one(bounded, "quiet", n, whole(1));
      await pass(6, bounded);
      const { result } = await one(bounded, "flood", 10);
      expect(result.ok).toBe(true);
      expect(held(bounded)).toEqual({ flood: 1, quiet: 2 });
    });

    it("never loses what waits: quiet ones are episodes early, others come again", async () => {
      const bounded = new NodeInstances(1, { instance_traces_max: 10 });
      for (let n = 0; n < 10; n++) await one(bounded, "n", n);
      const refused = await one(bounded, "n", 10);
      expect(refused.result).toMatchObject({ ok: false, error: { code: "overloaded" } });
      await pass(6, bounded);
      expect((await one(bounded, "n", 10)).result.ok).toBe(false);
      await pass(1, bounded);
      expect((await one(bounded, "n", 10)).result.ok).toBe(true);
      for (let n = 0; n < 10; n++)
        expect((await bounded.do("episode.get", { id: `e${n}` })).json).toContain('"tool_1"');
    });

    it("keeps nobody out by what another sends", async () => {
      const bounded = new NodeInstances(1, { instance_traces_max: 10 });
      for (let n = 0; n < 10; n++) await one(bounded, "flood", n);
      for (let n = 20; n < 25; n++) expect((await one(bounded, "small", n)).result.ok).toBe(true);
      expect((await one(bounded, "small", 25)).result.ok).toBe(false);
      expect((await one(bounded, "flood", 10)).result.ok).toBe(false);
      expect(held(bounded)).toEqual({ flood: 10, small: 5 });
    });

    it("is bounded in bytes, and counted", async () => {
      const bounded = new NodeInstances(1, { instance_traces_max_bytes: 65_536 });
      const large = tool(1, {
        attributes: { ...tool(1).attributes, "gen_ai.tool.call.result": "x".repeat(70_000) },
      });
      await one(bounded, "n", 0, [large]);
      expect((await one(bounded, "n", 1)).result.ok).toBe(false);
      await pass(6, bounded);
      expect((await one(bounded, "n", 1)).result.ok).toBe(false);
      await pass(1, bounded);
      expect((await one(bounded, "n", 1)).result.ok).toBe(true);
      expect(await bounded.counted(0, "memory_trace_requests_refused_total")).toBe(2);
    });
  });

  it("costs no more than its length, whatever stands in it", async () => {
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const calls = Array.from({ length: 3_000 }, (_, i) => ({
      type: "tool_call",
      id: `c${i}`,
      name: "t",
      arguments: {},
    }));
    const messages = JSON.stringify([{ role: "assistant", parts: calls }]);
    const model = (place: number): Span =>
      span(place, {
        attributes: { "gen_ai.operation.name": "chat", "gen_ai.output.messages": messages },
      });
    const asked = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t" };
    const hostile = tool(1, { attributes: { ...asked, "gen_ai.tool.call.arguments": deep } });
    const surrogate = tool(2, {
      attributes: { ...asked, "gen_ai.tool.call.arguments": '{"a":"\\ud800\\u0000"}' },
    });
    const models = Array.from({ length: 20 }, (_, i) => model(i + 3));
    const tools = Array.from({ length: 3_000 }, (_, i) => tool(i + 100, { attributes: asked }));
    await take([root(), hostile, surrogate, ...models, ...tools]);
    const began = performance.now();
    await pass(6);
    expect(performance.now() - began).toBeLessThan(3_000);
    const { steps } = await seen();
    expect(steps).toHaveLength(LIMITS.steps_max);
    expect(JSON.stringify(steps[0]?.parameters).length).toBeLessThan(200);
    expect(steps[1]?.parameters).toEqual({ a: "\ufffd\ufffd" });
  });
});
