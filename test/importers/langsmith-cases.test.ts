import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { classesOf, jsonl, readFiles, toldOf } from "./reading.ts";

type Json = Record<string, unknown>;

const root = (more: Json = {}): Json => ({
  id: "R",
  trace_id: "R",
  parent_run_id: null,
  run_type: "chain",
  name: "chain",
  start_time: "2026-03-01T10:00:00.000000",
  end_time: "2026-03-01T10:00:05.000000",
  inputs: { messages: [{ role: "user", content: "cancel my order" }] },
  outputs: { output: "done" },
  error: null,
  status: "success",
  ...more,
});
const toolRun = (id: string, more: Json = {}): Json => ({
  id,
  trace_id: "R",
  parent_run_id: "R",
  run_type: "tool",
  name: id,
  start_time: "2026-03-01T10:00:01.000000",
  end_time: "2026-03-01T10:00:02.000000",
  inputs: { input: "1" },
  outputs: { output: "ok" },
  error: null,
  ...more,
});
const readRuns = (value: unknown) => readFiles("langsmith", { "runs.json": JSON.stringify(value) });

describe("runs of LangSmith", () => {
  it("that are pending have no outcome, and no result", () => {
    const pending = { end_time: null, outputs: null, status: "pending" };
    const { lines } = readRuns([root(pending), toolRun("a"), toolRun("b", pending)]);
    expect(lines[0]).not.toHaveProperty("outcome");
    expect(classesOf(lines[0])).toEqual(["success", null]);
  });

  it("come in envelopes, and nested without naming their trace", () => {
    const told = [["get", { input: "1" }, "ok"]];
    const flat = readRuns({ runs: [root(), toolRun("get")], cursors: { next: null } });
    expect(toldOf(flat.lines[0])).toEqual(told);
    const { trace_id: _trace, parent_run_id: _parent, ...inner } = toolRun("get");
    const nested = readRuns([root({ child_runs: [{ ...inner, run_type: "tool" }] })]);
    expect(nested.lines).toHaveLength(1);
    expect(toldOf(nested.lines[0])).toEqual(told);
  });

  it("failed when the tool's message says so", () => {
    const kwargs = { content: "found", status: "success" };
    const { lines } = readRuns([
      root(),
      toolRun("a", {
        outputs: { output: { content: "no such order", type: "tool", status: "error" } },
      }),
      toolRun("b", { outputs: null, error: 'ToolException("boom")' }),
      toolRun("c", {
        outputs: { output: { lc: 1, type: "constructor", id: ["ToolMessage"], kwargs } },
      }),
      toolRun("d", { status: "error", outputs: null }),
    ]);
    expect(classesOf(lines[0])).toEqual(["error", "error", "success", "error"]);
    expect(toldOf(lines[0])[2]).toEqual(["c", { input: "1" }, "found"]);
  });

  it.each<[string, unknown]>([
    ["a text", '{"input":"cancel my order"}'],
    ["pairs", { messages: [["human", "cancel my order"]] }],
    [
      "serialised messages",
      {
        messages: [
          [
            {
              lc: 1,
              type: "constructor",
              id: ["x", "HumanMessage"],
              kwargs: { content: "cancel my order" },
            },
          ],
        ],
      },
    ],
    [
      "blocks",
      { messages: [{ type: "human", content: [{ type: "text", text: "cancel my order" }] }] },
    ],
    ["a question", { question: "cancel my order" }],
  ])("are about what was asked, given as %s", (_what, inputs) => {
    expect(readRuns([root({ inputs })]).lines[0]?.task).toBe("cancel my order");
  });

  it("have tags as a list, as a text, or none; and what is odd is reported while the rest goes on", () => {
    const other = root({ id: "S", trace_id: "S", tags: null });
    const { lines, notes } = readRuns([root({ tags: "prod" }), 7, { odd: true }, other]);
    expect(lines.map(({ tags }) => tags)).toEqual([["prod"], []]);
    expect(notes).toEqual([
      "runs.json, item 2: no JSON object",
      "runs.json, item 3: no run: it has neither run_type nor trace_id",
    ]);
  });

  it("are in the order of their times, however those are written", () => {
    const at = (start_time: unknown): Json => ({ start_time, end_time: start_time });
    const { lines } = readRuns([
      root(),
      toolRun("second", at("2026-03-01T10:00:01.500000")),
      toolRun("first", at("2026-03-01T10:00:01")),
      toolRun("third", at("2026-03-01T10:00:01.9+00:00")),
      toolRun("fourth", at(1_772_359_202_000)),
    ]);
    expect(lines[0]?.steps?.map(({ tool }) => tool)).toEqual([
      "first",
      "second",
      "third",
      "fourth",
    ]);
  });

  it("tell what was cut", () => {
    const { notes } = readRuns([root({ outputs: { output: "y".repeat(10_001) } })]);
    expect(notes).toEqual(["the rest of outcomes longer than 10000 characters (1)"]);
  });
});

describe("a file", () => {
  const text = JSON.stringify([root(), toolRun("a")]);
  const utf16 = (value: string): Buffer => Buffer.from(value, "utf16le");

  it.each<[string, Uint8Array]>([
    ["a byte order mark", Buffer.from(`\uFEFF${text}`)],
    ["UTF-16", utf16(`\uFEFF${text}`)],
    ["UTF-16 without a mark", utf16(text)],
    ["UTF-16 of the other order", utf16(`\uFEFF${text}`).swap16()],
    ["gzip", gzipSync(text)],
    ["gzip in two members", Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))])],
    ["line ends of Windows", Buffer.from(jsonl(root(), toolRun("a")).replaceAll("\n", "\r\n"))],
    ["NaN", Buffer.from(text.replace('"error":null', '"error":null,"score":NaN'))],
    [
      "two items on a line",
      Buffer.from(`${JSON.stringify(root())}${JSON.stringify(toolRun("a"))}\n`),
    ],
  ])("with %s is read", (_what, bytes) => {
    const { lines, notes } = readFiles("langsmith", { "runs.json": bytes });
    expect(toldOf(lines[0])).toEqual([["a", { input: "1" }, "ok"]]);
    expect(notes).toEqual([]);
  });

  it("are sent as they begin and as they end: what is new of a run is added to it", () => {
    const order = "20260301T100001000001Z";
    const begun = [
      root({ end_time: null, outputs: null, status: null }),
      toolRun("a", { outputs: null }),
    ];
    const { lines } = readRuns({
      post: begun,
      patch: [
        { trace_id: "R", dotted_order: `${order}R.${order}a`, outputs: { output: "found" } },
        { id: "R", trace_id: "R", end_time: "2026-03-01T10:00:05", outputs: { output: "done" } },
      ],
    });
    expect(lines).toMatchObject([{ task: "cancel my order", outcome: { verdict: "done" } }]);
    expect(toldOf(lines[0])).toEqual([["a", { input: "1" }, "found"]]);
  });

  it("are of what was asked last; a run that was given nothing is named only", () => {
    const messages = ["hello", "cancel it"].map((content) => ({ role: "user", content }));
    expect(readRuns([root({ inputs: { messages } })]).lines[0]?.task).toBe("cancel it");
    expect(readRuns([root({ inputs: {} })]).lines[0]?.task).toBe("chain");
  });

  it("may say all that is above them, and an answer that holds nothing is empty", () => {
    const above = { parent_run_id: undefined, parent_run_ids: ["R"], outputs: {} };
    const { lines } = readRuns([toolRun("a", above), root({ id: "r", parent_run_id: undefined })]);
    expect(lines.map(({ task }) => task)).toEqual(["cancel my order"]);
    expect(toldOf(lines[0])).toEqual([["a", { input: "1" }, ""]]);
  });
});
