import { describe, expect, it } from "vitest";
import { overlay } from "../../../../../src/durable/instance/episodes/lists/episode-lists.ts";
import { KNOWLEDGE_SCHEMA } from "../../../../../src/durable/instance/knowledge/index.ts";
import { OUTBOX_SCHEMA } from "../../../../../src/durable/outbox/outbox.ts";
import { SCHEMA } from "../../../../../src/storage/index.ts";
import { stepOf } from "../../../../support/episodes.ts";
import {
  digestOfSteps,
  everythingLearned,
  failure,
  NOW,
  openKnowledge,
  success,
} from "../../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../../support/node-sql.ts";

/** Tables with as many rows as there were episodes, steps, patterns or recalls. */
const GROWING =
  "episodes|steps|recalls|feedback|tombstones|vectors|knowledge_usage|" +
  "learned_digests|learned_patterns|learned_segments|learned_leaves|learned_log";
/** One after the other of a namespace, or of a kind in it, or of all. */
const EVERYTHING = new RegExp(
  `^SCAN (${GROWING})\\b|^SEARCH (${GROWING}) .*\\((namespace=\\?( AND kind=\\?)?|kind=\\?|status=\\?)\\)$`,
);
/** What goes through the rows of a namespace, and may. */
const BOUNDED: readonly RegExp[] = [
  // In the order of an index, the first two.
  /^SELECT id, created_at FROM recalls WHERE namespace = \? ORDER BY id LIMIT \?$/,
  // Likewise, backwards: the latest 500, once a minute.
  /^SELECT json_extract\(body, '\$\.forecast'\) AS forecast FROM \(\s+SELECT body FROM recalls WHERE namespace = \? ORDER BY id DESC LIMIT \?\)$/,
  // Likewise: those of least relevance.
  /^SELECT episode FROM learned_digests WHERE namespace = \? ORDER BY relevance, episode LIMIT \?$/,
  // What was done since the last checkpoint, and the few segments of a namespace.
  /^SELECT kind, after, number, episode, body FROM learned_log\s/,
  /^DELETE FROM learned_log WHERE namespace = \?$/,
  /^SELECT id, documents, firsts FROM learned_segments\s/,
  /^SELECT max\(place\) AS place FROM learned_segments\s/,
  /^SELECT id FROM learned_segments WHERE namespace = \? AND documents = \?$/,
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
  /** @param isStored whether a checkpoint came between, and the namespace is opened anew */
  const open = async (isStored: boolean) => {
    const { sql, statements } = recording(openLocal([...SCHEMA, ...KNOWLEDGE_SCHEMA]));
    const first = openKnowledge({ sql, capacity: 3 });
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
      first.learn(digestOfSteps(id, `refund the parcel of customer ${id}`, outcome, steps));
    }
    await first.settle();
    if (isStored) everythingLearned(first, "n");
    statements.clear();
    return { statements, ...(isStored ? openKnowledge({ sql, capacity: 3 }) : first) };
  };
  const recent_steps = [
    { tool: "find", action: "", result: "error" as const, message: "no order" },
  ];
  const include = ["episodes", "patterns", "heuristics", "playbook"] as const;

  it.each([false, true])(
    "when something is recalled, with a word that was mistyped (stored: %s)",
    async (isStored) => {
      const { sql, statements, knowledge } = await open(isStored);
      const input = {
        task: "refund the parzel",
        context: {},
        limit: 5,
        max_tokens: null,
        recent_steps,
      };
      const found = await knowledge.questions.recall("n", { ...input, include: [...include] }, NOW);
      expect(found.episodes[0]?.matched_terms).toContain("parzel");
      expect(statements.size).toBeGreaterThan(isStored ? 12 : 3);
      expect(walks(sql, statements)).toEqual([]);
    },
  );

  it.each([false, true])(
    "when something is searched, advised, or predicted (stored: %s)",
    async (isStored) => {
      const { sql, statements, knowledge } = await open(isStored);
      await knowledge.questions.search("n", { q: "refund parcel", limit: 5, cursor: null }, NOW);
      const asked = { task: "refund the parcel", context: {}, recent_steps };
      await knowledge.questions.advise(
        "n",
        { ...asked, next_tool: "find", error: "no order" },
        NOW,
      );
      await knowledge.questions.next("n", asked, NOW);
      expect(statements.size).toBeGreaterThan(isStored ? 10 : 3);
      expect(walks(sql, statements)).toEqual([]);
    },
  );

  it.each([false, true])(
    "when an episode is learned, amended, judged and deleted, another forgotten for want of room, and all of it stored (stored: %s)",
    async (isStored) => {
      const { sql, statements, knowledge, learn, forget, learned } = await open(isStored);
      const steps = ["find", "send"].map((tool, i) => stepOf(i + 1, tool));
      const digest = digestOfSteps("d", "refund the parcel again", success, steps);
      learn(digest);
      learn({ ...digest, version: digest.version + 1 });
      knowledge.learning.onAlarm();
      expect(learned.of("n")?.episodes).toBe(3);
      const include = ["episodes" as const];
      const asked = { task: "refund the parcel", context: {}, recent_steps };
      const { recall_id, episodes } = await knowledge.questions.recall(
        "n",
        { ...asked, limit: 5, max_tokens: null, include },
        NOW,
      );
      const used = episodes.map(({ id }) => id);
      await knowledge.feedback.give("n", { recall_id, used, helpful: true, rating: null }, NOW);
      forget("n", used[0] ?? "");
      sql.transaction(() => {
        const here = learned.of("n");
        if (here) learned.checkpoint(here);
        here?.merge();
      });
      expect(statements.size).toBeGreaterThan(20);
      expect(walks(sql, statements)).toEqual([]);
    },
  );

  it("when a list is asked for what only the instance has", () => {
    const { sql, statements } = recording(openLocal([...SCHEMA, ...OUTBOX_SCHEMA]));
    const filter = { status: "completed" as const, outcome: "success" as const };
    for (const after of [null, { order: NOW, id: "x" }]) {
      overlay(sql, {
        namespace: "n",
        filter,
        sort: "-started_at",
        after,
        includesSent: false,
        limit: 10,
        bytes: 1_000,
      });
    }
    expect(statements.size).toBeGreaterThan(2);
    expect(walks(sql, statements)).toEqual([]);
  });
});
