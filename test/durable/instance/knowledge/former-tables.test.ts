import { describe, expect, it } from "vitest";
import { KNOWLEDGE_SCHEMA } from "../../../../src/durable/instance/knowledge/index.ts";
import { OUTBOX_SCHEMA } from "../../../../src/durable/outbox/outbox.ts";
import { SCHEMA, upsertRow } from "../../../../src/storage/index.ts";
import { FIRST_SCHEMA, VECTORS_SCHEMA } from "../../../../src/storage/migrations/first-schema.ts";
import { stepOf } from "../../../support/episodes.ts";
import {
  DATABASE_SCHEMA,
  digestOfSteps,
  NOW,
  openKnowledge,
  success,
} from "../../../support/knowledge.ts";
import { openLocal, type NodeSql } from "../../../support/node-sql.ts";

/** What release 0.1 had beside what it shared with the database. */
const KNOWLEDGE_OF_0_1 = [
  `CREATE TABLE knowledge_namespaces (
    namespace TEXT PRIMARY KEY, state TEXT NOT NULL, cursor TEXT NOT NULL, digests INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE TABLE knowledge_pending (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, episode_id TEXT NOT NULL, body TEXT,
    UNIQUE (namespace, episode_id)) STRICT`,
  `CREATE TABLE knowledge_usage (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, helpful INTEGER NOT NULL, unhelpful INTEGER NOT NULL,
    PRIMARY KEY (namespace, episode_id)) STRICT`,
];
const FORMER =
  "SELECT name FROM sqlite_master WHERE name GLOB 'search_*' OR name GLOB 'knowledge_[np]*' OR name IN ('digests', 'patterns', 'domains')";

function digestOf(id: string) {
  const steps = ["find", "send"].map((tool, i) => stepOf(i + 1, tool));
  const digest = digestOfSteps(id, `refund order ${id}`, success, steps);
  return JSON.stringify({ ...digest, contributions: [{ pattern_id: "p", occurrences: 1 }] });
}

/** A storage of release 0.1 that had learned so many episodes. */
function storage(episodes: number): NodeSql {
  const sql = openLocal([
    ...FIRST_SCHEMA,
    ...VECTORS_SCHEMA,
    ...KNOWLEDGE_OF_0_1,
    ...OUTBOX_SCHEMA,
  ]);
  for (let n = 0; n < episodes; n++) {
    const values = [1, "d", "completed", "success", NOW, 0.5, digestOf(`e${n}`)];
    sql.run("INSERT INTO digests VALUES ('n', ?, ?, ?, ?, ?, ?, ?, ?)", `e${n}`, ...values);
    sql.run(
      `INSERT INTO search_docs (namespace, kind, id, task_terms, tag_terms, outcome_terms, tool_terms,
        error_terms, trigrams, lengths) VALUES ('n', 'episode', ?, 'refund', '', '', '', '', '', '[]')`,
      `e${n}`,
    );
  }
  sql.run("INSERT INTO domains VALUES ('n', 'd', '{}')");
  sql.run("INSERT INTO patterns VALUES ('n', 'p', 'k', '', '', 1, 1, 0, 1, 0, 1, '{}')");
  sql.run("INSERT INTO recalls VALUES ('n', 'r', ?, '{}')", NOW);
  sql.run("INSERT INTO knowledge_namespaces VALUES ('n', 'ready', '{}', ?)", episodes);
  sql.run("INSERT INTO knowledge_usage VALUES ('n', 'e0', 5000, 0)");
  return sql;
}

/** The instance as release 0.2 begins with it. */
function upgraded(sql: NodeSql, isHome = true) {
  for (const statement of [...SCHEMA, ...KNOWLEDGE_SCHEMA]) sql.run(statement);
  const logged: string[] = [];
  const opened = openKnowledge({
    sql,
    database: openLocal(DATABASE_SCHEMA),
    isHome: () => isHome,
    log: ({ event }) => void logged.push(event),
  });
  return { ...opened, logged };
}

const learned = ({ sql }: { sql: NodeSql }): unknown[] =>
  sql.all("SELECT episode FROM learned_digests ORDER BY episode").map((row) => row["episode"]);

describe("what release 0.1 had learned", () => {
  it("goes some thousand rows an alarm, and its tables with it", async () => {
    const sql = storage(5_000);
    const { knowledge } = upgraded(sql);
    const left: number[] = [];
    for (let fired = 0; knowledge.formerTables.nextAt(NOW) !== null; fired++) {
      knowledge.formerTables.onAlarm(NOW);
      const has = sql.all("SELECT 1 AS n FROM sqlite_master WHERE name = 'digests'").length > 0;
      if (has) left.push(sql.all("SELECT 1 FROM digests").length);
      expect(fired).toBeLessThan(50);
    }
    expect(new Set(left)).toEqual(new Set([5_000, 3_000, 1_000]));
    expect(sql.all(FORMER)).toEqual([]);
    expect(sql.all("SELECT id FROM recalls")).toEqual([{ id: "r" }]);
    expect(openKnowledge({ sql }).knowledge.formerTables.nextAt(NOW)).toBeNull();
  });

  it("goes on going in another life of the object", async () => {
    const sql = storage(3_000);
    upgraded(sql).knowledge.formerTables.onAlarm(NOW);
    const { settle } = upgraded(sql);
    await settle();
    expect(sql.all(FORMER)).toEqual([]);
  });

  it("is learned from, as far as the database may not have it, and what waited too", async () => {
    const sql = storage(3);
    const pending =
      "INSERT INTO knowledge_pending (namespace, episode_id, body) VALUES ('n', ?, ?)";
    sql.run(pending, "waited", digestOf("waited"));
    sql.run(pending, "broken", '{"namespace":"n"}');
    sql.run(pending, "e2", null);
    const dirty =
      "INSERT INTO outbox (seq, table_name, key, generation, due_at, marked_at, bytes) VALUES (?, ?, ?, 1, 0, 0, 0)";
    sql.run(dirty, 1, "digests", '["n","e1"]');
    sql.run(dirty, 2, "search_docs", '["n","episode","e1"]');
    sql.run(dirty, 3, "feedback", '["n","r"]');
    const opened = upgraded(sql);
    expect(sql.all("SELECT table_name FROM outbox")).toEqual([{ table_name: "feedback" }]);
    await opened.settle();
    expect(learned(opened)).toEqual(["e1", "waited"]);
    expect(opened.logged).toContain("knowledge_load_failed");
    const { episodes } = await opened.knowledge.questions
      .search("n", { q: "refund order waited", limit: 5, cursor: null }, NOW)
      .then(({ items }) => ({ episodes: items.map(({ id }) => id) }));
    expect(episodes[0]).toBe("waited");
  });

  it("is learned by nobody where the namespace does not live", async () => {
    const sql = storage(1);
    sql.run(
      "INSERT INTO knowledge_pending (namespace, episode_id, body) VALUES ('n', 'e', ?)",
      digestOf("e"),
    );
    const opened = upgraded(sql, false);
    for (let fired = 0; fired < 20; fired++) opened.knowledge.formerTables.onAlarm(NOW);
    expect([learned(opened), sql.all(FORMER)]).toEqual([[], []]);
  });

  it("counts no judgement a second time", async () => {
    const sql = storage(1);
    const record = {
      recall_id: "r",
      at: "",
      used: ["e0"],
      helpful: 1_000,
      unhelpful: 0,
      day: 20_000,
      episodes: ["e0"],
      patterns: [],
    };
    sql.run(upsertRow("feedback"), "n", "r", NOW, JSON.stringify(record));
    const opened = upgraded(sql);
    opened.knowledge.learning.baseline("n", "d", NOW);
    await opened.settle();
    expect(sql.all("SELECT episode_id, helpful FROM knowledge_usage")).toEqual([
      { episode_id: "e0", helpful: 1_000 },
    ]);
  });
});
