import { describe, expect, it } from "vitest";
import { overlay } from "../../../../src/durable/instance/episodes/lists/episode-lists.ts";
import { KNOWLEDGE_SCHEMA } from "../../../../src/durable/instance/knowledge/index.ts";
import { OUTBOX_SCHEMA } from "../../../../src/durable/outbox/outbox.ts";
import { SCHEMA } from "../../../../src/storage/index.ts";
import { stepOf } from "../../../support/episodes.ts";
import { digestOfSteps, failure, NOW, openKnowledge, success } from "../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../support/node-sql.ts";

/** Tables with as many rows as there were episodes, steps, patterns or recalls. */
const GROWING =
  "episodes|steps|digests|patterns|search_docs|recalls|feedback|tombstones|vectors|knowledge_usage";
/** One after the other of a namespace, or of a kind in it, or of all. */
const EVERYTHING = new RegExp(
  `^SCAN (${GROWING}|d)\\b|^SEARCH (${GROWING}|d) .*\\((namespace=\\?( AND kind=\\?)?|kind=\\?|status=\\?)\\)$`,
);
/** What goes through the rows of a namespace, and may. */
const BOUNDED: readonly RegExp[] = [
  // Once a minute, for what is common.
  /^SELECT count\(\*\) AS n FROM search_docs /,
  // Only where the kind has few documents.
  /^SELECT docid FROM search_docs WHERE namespace = \? AND kind = \?$/,
  // In the order of an index, the first two.
  /^SELECT id, created_at FROM recalls WHERE namespace = \? ORDER BY id LIMIT \?$/,
  // Likewise.
  /^SELECT episode_id FROM digests WHERE namespace = \? ORDER BY relevance, episode_id LIMIT \?$/,
];

/** Statements that were executed, each once. */
function recording(sql: NodeSql): { sql: NodeSql; statements: Set<string> } {
  const statements = new Set<string>();
  const recorded: NodeSql = {
    ...sql,
    all: (text, ...args) => {
      statements.add(text);
      return sql.all(text, ...args);
    },
    each: (text, ...args) => {
      statements.add(text);
      return sql.each(text, ...args);
    },
    run: (text, ...args) => {
      statements.add(text);
      sql.run(text, ...args);
    },
  };
  return { sql: recorded, statements };
}

/** What SQLite goes through row by row, with the statement that makes it do so. */
function walks(sql: NodeSql, statements: Iterable<string>): string[] {
  return [...statements]
    .filter((text) => !text.startsWith("CREATE") && !BOUNDED.some((pattern) => pattern.test(text)))
    .flatMap((text) =>
      sql
        .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
        .filter(({ detail }) => EVERYTHING.test(detail))
        .map(({ detail }) => `${detail}: ${text}`),
    );
}

describe("no statement on the way of a request goes through all rows of a namespace", () => {
  const open = async () => {
    const { sql, statements } = recording(openLocal([...SCHEMA, ...KNOWLEDGE_SCHEMA]));
    const { knowledge } = openKnowledge({ sql, capacity: 3 });
    for (const [id, outcome] of [
      ["a", success],
      ["b", failure],
      ["c", success],
    ] as const) {
      const steps = ["find", "read", "send"].map((tool, i) =>
        stepOf(
          i + 1,
          tool,
          outcome === failure ? { type: "error", message: "no order" } : undefined,
        ),
      );
      learn(digestOfSteps(id, `refund the parcel of customer ${id}`, outcome, steps));
    }
    statements.clear();
    return { sql, statements, knowledge };
  };
  const recent_steps = [
    { tool: "find", action: "", result: "error" as const, message: "no order" },
  ];
  const include = ["episodes", "patterns", "heuristics", "playbook"] as const;

  it("when something is recalled, with a word that was mistyped", async () => {
    const { sql, statements, knowledge } = await open();
    const input = {
      task: "refund the parzel",
      context: {},
      limit: 5,
      max_tokens: null,
      recent_steps,
    };
    const found = await knowledge.questions.recall("n", { ...input, include: [...include] }, NOW);
    expect(found.episodes[0]?.matched_terms).toContain("parzel");
    expect(statements.size).toBeGreaterThan(12);
    expect(walks(sql, statements)).toEqual([]);
  });

  it("when something is searched, advised, or predicted", async () => {
    const { sql, statements, knowledge } = await open();
    await knowledge.questions.search("n", { q: "refund parcel", limit: 5, cursor: null }, NOW);
    const asked = { task: "refund the parcel", context: {}, recent_steps };
    await knowledge.questions.advise("n", { ...asked, next_tool: "find", error: "no order" }, NOW);
    await knowledge.questions.nextTools("n", asked, NOW);
    expect(statements.size).toBeGreaterThan(10);
    expect(walks(sql, statements)).toEqual([]);
  });

  it("when an episode is learned, and another forgotten for it", async () => {
    const { sql, statements, knowledge } = await open();
    const steps = ["find", "send"].map((tool, i) => stepOf(i + 1, tool));
    learn(digestOfSteps("d", "refund the parcel again", success, steps));
    expect(walks(sql, statements)).toEqual([]);
    expect(sql.all("SELECT 1 FROM digests")).toHaveLength(3);
  });

  it("when a list is asked for what only the instance has", () => {
    const { sql, statements } = recording(openLocal([...SCHEMA, ...OUTBOX_SCHEMA]));
    const filter = { status: "completed" as const, outcome: "success" as const };
    for (const after of [null, { started_at: NOW, id: "x" }]) {
      overlay(sql, { namespace: "n", filter, after, includesSent: false, limit: 10, bytes: 1_000 });
    }
    expect(statements.size).toBeGreaterThan(2);
    expect(walks(sql, statements)).toEqual([]);
  });
});
