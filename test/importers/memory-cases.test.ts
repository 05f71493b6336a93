import { describe, expect, it } from "vitest";
import type { FactsAs } from "../../cli/importers/normaliser/facts.ts";
import { jsonl, readFiles, toldOf, type Read } from "./reading.ts";

type Json = Record<string, unknown>;

const entity = (name: string, observations: unknown, more: Json = {}): Json => ({
  type: "entity",
  name,
  entityType: "tool",
  observations,
  ...more,
});
const relation = (from: string, to: string, relationType: string): Json => ({
  type: "relation",
  from,
  to,
  relationType,
});
const readGraph = (...lines: Json[]) =>
  readFiles("mcp-memory", { "memory.jsonl": jsonl(...lines) }, "episodes");
const toldBy = ({ lessons }: Read) => lessons.map(({ evidence }) => evidence[0]?.statement.text);

describe("MCP's server-memory", () => {
  it("has one fact of entities that have one name, with what was observed of each", () => {
    const { lines, notes } = readGraph(
      entity("D3", ["renders"], { entityType: "technology" }),
      entity("D3", ["licence ISC", "renders"]),
      entity("d3", ["another"]),
    );
    expect(lines.map(({ task, outcome }) => [task, outcome?.["verdict"]])).toEqual([
      ["technology, tool: D3", "renders\nlicence ISC"],
      ["tool: d3", "another"],
    ]);
    expect(notes).toEqual(["entities of a name that is there already, which become one (1)"]);
  });

  it("keeps times, and reads two entities on a line", () => {
    const created = entity("P", ["a"], { createdAt: "2026-01-14T22:28:02.540Z", version: 1 });
    expect(readGraph(created).lines).toMatchObject([
      { started_at: "2026-01-14T22:28:02.540Z", metadata: { version: "1" } },
    ]);
    const text = `${JSON.stringify(entity("A", []))}${JSON.stringify(entity("B", "one text"))}\n`;
    const { lines } = readFiles("mcp-memory", { "memory.jsonl": text }, "episodes");
    expect(lines.map(({ task, outcome }) => [task, outcome?.["verdict"]])).toEqual([
      ["tool: A", ""],
      ["tool: B", "one text"],
    ]);
  });

  it("of servers made after it has observations as objects, with times, and nested", () => {
    const observed = (text: string, timestamp: string): Json => ({ text, timestamp });
    const tank = {
      name: "Tank",
      entityType: "tool",
      _type: "entity",
      _savedAt: "2026-05-13T16:26:31.968Z",
      observations: [
        observed("thinks", "2026-05-11T15:54:05.242Z"),
        observed("has a graph", "2026-05-13T14:02:41.086Z"),
      ],
    };
    const nested = entity("N", { item: ["first", { item: { item: "third" }, $text: "second" }] });
    const { lines } = readGraph(tank, nested);
    expect(lines).toMatchObject([
      { started_at: "2026-05-11T15:54:05.242Z", outcome: { verdict: "thinks\nhas a graph" } },
      { outcome: { verdict: "first\nthird\nsecond" } },
    ]);
  });

  it("of servers made after it may name the ends of relations otherwise", () => {
    const tie = { type: "relation", from_entity: "A", to_entity: "B", relationType: "uses" };
    const { lines } = readGraph(entity("A", ["a"]), entity("B", ["b"]), tie);
    expect(lines[0]?.relationships).toMatchObject([{ to: lines[1]?.id, reason: "uses" }]);
  });

  it("tells relations that are none, and keeps all words for one", () => {
    const { lines, notes } = readGraph(
      entity("A", ["a"]),
      entity("B", ["b"]),
      relation("A", "A", "is"),
      ...["x", "x", "y"].map((word) => relation("A", "B", word)),
    );
    expect(lines[0]?.relationships).toMatchObject([{ to: lines[1]?.id, reason: "x; y" }]);
    expect(notes).toEqual([
      "relations of an entity with itself (1)",
      "the kinds of relations, which become related_to (1)",
    ]);
  });

  it("tells what was cut", () => {
    const { notes } = readGraph(entity("L", ["o".repeat(10_001)]));
    expect(notes).toEqual(["the rest of outcomes longer than 10000 characters (1)"]);
  });

  it("is a lesson for each observation and each relation", () => {
    const lines = [
      entity("A_b", ["x", "y"], { version: 1 }),
      entity("C", []),
      ...["is", "has"].map((word) => relation("A_b", "C", word)),
    ];
    const read = readFiles("mcp-memory", { "memory.jsonl": jsonl(...lines) });
    expect(read.lines).toEqual([]);
    expect(toldBy(read)).toEqual([
      "A b (tool): x",
      "A b (tool): y",
      "A b is C",
      "A b has C",
      "C (tool)",
    ]);
    expect(read.notes).toEqual(["metadata of facts (1)"]);
  });

  it("has the same ids for what was observed before, and new ones for what was since", () => {
    const read = (...observations: string[]) =>
      readFiles("mcp-memory", { "memory.jsonl": jsonl(entity("A", observations)) }).lessons;
    expect(read("x", "y").slice(0, 1)).toEqual(read("x"));
    expect(new Set(read("x", "y").map(({ id }) => id)).size).toBe(2);
  });
});

describe("mem0", () => {
  const item = (more: Json = {}): Json => ({
    id: "m1",
    memory: "Likes tea",
    user_id: "u",
    metadata: null,
    categories: null,
    created_at: "2024-07-20T01:30:36.275141-07:00",
    updated_at: null,
    ...more,
  });
  const readMem0 = (value: unknown, factsAs?: FactsAs) =>
    readFiles("mem0", { "mem0.json": JSON.stringify(value) }, factsAs);

  it.each<[string, unknown]>([
    ["a list", [item()]],
    ["results", { results: [item()], relations: [] }],
    ["pages", { count: 1, next: "https://…", previous: null, results: [item()] }],
  ])("comes as %s", (_what, value) => {
    expect(readMem0(value, "episodes").lines).toMatchObject([
      { task: "Likes tea", started_at: "2024-07-20T08:30:36.275Z", metadata: { user_id: "u" } },
    ]);
  });

  it("may have one category as a text, and the same memory without an id is one", () => {
    const { id: _id, ...without } = item({ categories: "food" });
    const { lines } = readMem0({ results: [without, without] }, "episodes");
    expect(lines.map(({ tags }) => tags)).toEqual([["food"], ["food"]]);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(1);
  });

  it("replaces what a memory said before by what it says now", () => {
    const before = readMem0([item()]).lessons[0];
    const now = { memory: "Likes coffee", updated_at: "2024-08-01T00:00:00Z" };
    const after = readMem0([item(now)]).lessons[0];
    expect(after?.id).toBe(before?.id);
    expect(before?.amended).toBeNull();
    expect(after).toMatchObject({
      updated_at: "2024-08-01T00:00:00.000Z",
      amended: { text: "Likes coffee", source: "mem0 user_id=u" },
    });
    expect(after?.evidence[0]?.source).not.toBe(before?.evidence[0]?.source);
  });

  it("may be named otherwise, with tags and times", () => {
    const other = {
      id: 4,
      content: "JavaScript",
      tags: ["web"],
      createdAt: "2026-02-07T04:16:06Z",
    };
    expect(readMem0({ exportedAt: "x", memories: [other] }).lessons).toMatchObject([
      {
        created_at: "2026-02-07T04:16:06.000Z",
        evidence: [{ statement: { text: "JavaScript", applies_to: { tags: ["web"] } } }],
      },
    ]);
  });

  it("keeps what is too long for a lesson whole, as an episode", () => {
    const long = "o".repeat(1_001);
    const { lines, lessons, notes } = readMem0([item({ memory: long })]);
    expect(lessons).toEqual([]);
    expect(lines).toMatchObject([{ outcome: { verdict: long } }]);
    expect(notes).toEqual(["facts longer than 1000 characters, which become episodes (1)"]);
  });
});

describe("the predecessor", () => {
  it("has traces whose steps say whether they went well, and what was seen", () => {
    const step = (success: boolean, observation: string): Json => ({
      tool: "build",
      action: "cargo build",
      latency_ms: 5,
      success,
      observation,
      timestamp: "2026-04-16T14:03:00+00:00",
    });
    const trace = {
      recorded_at: "2026-04-16T14:00:00+00:00",
      task: "split it",
      domain: "cli",
      episode_id: "trace-3",
      steps: [step(false, "3 errors"), step(true, "clean")],
      outcome: "success",
    };
    const { lines } = readFiles("predecessor", { "t.json": JSON.stringify(trace) });
    expect(lines).toMatchObject([
      {
        task: "split it",
        context: { domain: "cli" },
        started_at: "2026-04-16T14:00:00.000Z",
        outcome: { type: "success" },
      },
    ]);
    expect(toldOf(lines[0])).toEqual([
      ["build", {}, { type: "error", message: "3 errors" }],
      ["build", {}, "clean"],
    ]);
  });

  it("has episodes whose id is none that the service takes: they get another, always the same", () => {
    const episode = { episode_id: "lauf 7 / 技", task: "split it", steps: [] };
    const { lines, notes } = readFiles("predecessor", { "t.json": JSON.stringify(episode) });
    expect(lines).toMatchObject([
      { task: "split it", id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    expect(notes.join()).toContain("ids that the service does not take");
  });
});
