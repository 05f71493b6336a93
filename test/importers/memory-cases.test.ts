import { describe, expect, it } from "vitest";
import { jsonl, readFiles } from "./reading.ts";

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
  readFiles("mcp-memory", { "memory.jsonl": jsonl(...lines) });

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
    const { lines } = readFiles("mcp-memory", { "memory.jsonl": text });
    expect(lines.map(({ task, outcome }) => [task, outcome?.["verdict"]])).toEqual([
      ["tool: A", ""],
      ["tool: B", "one text"],
    ]);
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
  const readMem0 = (value: unknown) => readFiles("mem0", { "mem0.json": JSON.stringify(value) });

  it.each<[string, unknown]>([
    ["a list", [item()]],
    ["results", { results: [item()], relations: [] }],
    ["pages", { count: 1, next: "https://…", previous: null, results: [item()] }],
  ])("comes as %s", (_what, value) => {
    expect(readMem0(value).lines).toMatchObject([
      { task: "Likes tea", started_at: "2024-07-20T08:30:36.275Z", metadata: { user_id: "u" } },
    ]);
  });

  it("may have one category as a text, and the same memory without an id is one", () => {
    const { id: _id, ...without } = item({ categories: "food" });
    const { lines } = readMem0({ results: [without, without] });
    expect(lines.map(({ tags }) => tags)).toEqual([["food"], ["food"]]);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(1);
  });
});
