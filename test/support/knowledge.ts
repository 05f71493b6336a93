/**
 * The knowledge of an instance on Node's SQLite, with a database beside it.
 *
 * @module
 */

import {
  TASK_FAILURES_SCHEMA,
  TaskFailures,
} from "../../src/durable/instance/episodes/tasks/task-failures.ts";
import type { Embedder } from "../../src/durable/instance/knowledge/vectors/embedder.ts";
import { Knowledge, KNOWLEDGE_SCHEMA } from "../../src/durable/instance/knowledge/index.ts";
import { makeDigest } from "../../src/memory/learning/index.ts";
import type { Digest } from "../../src/memory/learning/types.ts";
import type { Outcome, Step } from "../../src/contract/episodes/record.ts";
import { NO_ABLATIONS } from "../../src/memory/ablations.ts";
import { Meter } from "../../src/observability/index.ts";
import { SCHEMA } from "../../src/storage/index.ts";
import { episodeOf } from "./episodes.ts";
import { asDatabase, openLocal, type NodeSql } from "./node-sql.ts";

export const NOW = Date.parse("2026-01-02T00:00:00.000Z");
export const success: Outcome = { type: "success", verdict: "done", artifacts: [] };
export const failure: Outcome = { type: "failure", reason: "wrong order", details: null };

export function openKnowledge(
  options: {
    capacity?: number;
    embedder?: Embedder | null;
    sql?: NodeSql;
    database?: NodeSql;
    isHome?: () => boolean;
  } = {},
): { knowledge: Knowledge; sql: NodeSql } {
  const sql = options.sql ?? openLocal([...SCHEMA, ...KNOWLEDGE_SCHEMA]);
  for (const statement of TASK_FAILURES_SCHEMA) sql.run(statement);
  let ids = 0;
  const knowledge = new Knowledge({
    sql,
    transaction: (work) => sql.transaction(work),
    isHome: options.isHome ?? (() => true),
    markAllDirty: () => undefined,
    isDirty: () => false,
    database: asDatabase(options.database ?? openLocal(SCHEMA)),
    uuid: () => `recall-${++ids}`,
    now: () => NOW,
    failures: new TaskFailures({ sql, now: () => NOW, meter: new Meter(), log: () => undefined }),
    ablations: NO_ABLATIONS,
    capacity: () => options.capacity ?? 1_000,
    meter: new Meter(),
    embedder: options.embedder ?? null,
    log: () => undefined,
  });
  return { knowledge, sql };
}

export function digestOfSteps(
  id: string,
  task: string,
  outcome: Outcome | null,
  steps: readonly Step[],
): Promise<Digest> {
  return makeDigest(episodeOf(id, outcome, { task, step_count: steps.length }), steps);
}
