/**
 * What the knowledge of a namespace needs of its instance, and the tables that only the instance
 * has.
 *
 * @module
 */

import type { LearningSettings } from "../../../memory/learning/index.ts";
import type { Counting } from "../../../observability/index.ts";
import type { Ablations } from "../../../memory/ablations.ts";
import type { Embedder } from "./vectors/embedder.ts";
import type { TaskFailures } from "../episodes/task-failures.ts";
import type { LocalSql, SqlReader, SqlValue, TableName } from "../../../storage/index.ts";

export interface KnowledgeDeps {
  sql: LocalSql;
  /** Synchronous, never nested. */
  transaction: <T>(work: () => T) => T;
  /** Whether the namespace lives at this instance now: it may move during any wait. */
  isHome: (namespace: string) => boolean;
  /** Marks shared rows for the outbox, in the transaction that changes them. */
  markAllDirty: (table: TableName, keys: readonly (readonly SqlValue[])[]) => void;
  isDirty: (table: TableName, key: readonly SqlValue[]) => boolean;
  database: SqlReader;
  uuid: (now: number) => string;
  now: () => number;
  /** Which of what waits to be learned failed, and when it is due again. */
  failures: TaskFailures;
  settings: LearningSettings;
  /** Which parts of recall and advice are on. */
  parts: () => Ablations;
  /**
   * Ended episodes that a namespace recalls and learns from; the least relevant beyond it are
   * forgotten.
   */
  capacity: () => number;
  meter: Counting;
  /** Makes semantic vectors; null: there are none. */
  embedder: Embedder | null;
  log: (event: Record<string, unknown>) => void;
}

export const KNOWLEDGE_SCHEMA: readonly string[] = [
  // Which namespaces this instance knows in full, how far the others are loaded, and how many
  // digests they have.
  `CREATE TABLE IF NOT EXISTS knowledge_namespaces (
    namespace TEXT PRIMARY KEY, state TEXT NOT NULL, cursor TEXT NOT NULL, digests INTEGER NOT NULL DEFAULT 0) STRICT`,
  // What came while a namespace was not loaded; learned afterwards, in this order.
  `CREATE TABLE IF NOT EXISTS knowledge_pending (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, episode_id TEXT NOT NULL, body TEXT,
    UNIQUE (namespace, episode_id)) STRICT`,
  // Sum of the feedback on each episode, thousandths.
  `CREATE TABLE IF NOT EXISTS knowledge_usage (
    namespace TEXT NOT NULL, episode_id TEXT NOT NULL, helpful INTEGER NOT NULL, unhelpful INTEGER NOT NULL,
    PRIMARY KEY (namespace, episode_id)) STRICT`,
];

/** What was recalled for which task, so that feedback finds it. */
export interface RecallRecord {
  id: string;
  task: string;
  at: string;
  episodes: string[];
  patterns: string[];
  /** Episodes that the playbook was made from. */
  playbook: string[];
  /**
   * Patterns that were shown as heuristics, and how many were shown as patterns; absent in older
   * records.
   */
  heuristics?: string[];
  plain?: number;
  /** It was advice rather than a recall. */
  advice?: boolean;
}

/** What was said of a recall, and what it moved, so that a later word can replace it. */
export interface FeedbackRecord {
  recall_id: string;
  at: string;
  used: string[];
  helpful: number;
  unhelpful: number;
  day: number;
  episodes: string[];
  patterns: string[];
}
