/**
 * What the knowledge of a namespace needs of its instance. Its parts get all of it: each uses a few
 * of these, and none knows the instance.
 *
 * @module
 */

import type { Settings } from "../../../contract/settings.ts";
import type { Ablations } from "../../../memory/ablations.ts";
import type { Counting, Log } from "../../../observability/index.ts";
import type {
  LocalSql,
  SqlReader,
  SqlValue,
  Statement,
  TableName,
} from "../../../storage/index.ts";
import type { InternalInput, InternalOutput } from "../../shared/instance/protocol.ts";
import type { NewEvent } from "../../webhooks/webhooks.ts";
import type { QuotaRefusals } from "../quotas/quota-refusals.ts";
import type { LearnedNamespaces } from "./learned/namespaces.ts";
import type { Embedder } from "./vectors/embedder.ts";

export interface KnowledgeDeps {
  /** The instance's own storage. */
  sql: LocalSql;
  /** Synchronous, never nested. */
  transaction: <T>(work: () => T) => T;
  /** What was learned, by namespace. */
  learned: LearnedNamespaces;
  /** Whether the namespace lives at this instance now: it may move during any wait. */
  isHome: (namespace: string) => boolean;
  /** Marks shared rows for the outbox, in the transaction that changes them. */
  markAllDirty: (table: TableName, keys: readonly (readonly SqlValue[])[]) => void;
  /** Whether a row is not sent to the database yet. */
  isDirty: (table: TableName, key: readonly SqlValue[]) => boolean;
  /** Throws `DatabaseError`. */
  database: SqlReader;
  /** Writes to the database as a batch of the outbox does. Throws `DatabaseError`. */
  publish: (statements: readonly Statement[]) => Promise<void>;
  /** Asks the instance that had a namespace before for its digests. */
  askDigests: (
    instance: number,
    input: InternalInput<"digests">,
  ) => Promise<InternalOutput<"digests">>;
  /** An id whose order is that of time. @param now ms since the epoch */
  uuid: (now: number) => string;
  /** ms since the epoch. */
  now: () => number;
  /** Sees to it that the alarm fires at this time or before, ms since the epoch. */
  wake: (at: number) => void;
  /** Parts of recall and advice that are left out. */
  ablations: Ablations;
  /**
   * Ended episodes that a namespace recalls and learns from; the least relevant beyond it are
   * forgotten.
   */
  capacity: () => number;
  /** What patterns become is sent to the database after this many seconds. */
  publishSeconds: () => number;
  /** Tells streams and webhooks what happened; in the transaction of what it tells. */
  emit: (event: NewEvent) => void;
  meter: Counting;
  settings: () => Pick<Settings, "quota_episodes" | "quota_bytes" | "quota_lessons">;
  /** Counts and logs what a quota of lessons refuses. */
  quotaRefusals: Pick<QuotaRefusals, "add">;
  /** Makes semantic vectors; null: there are none. */
  embedder: Embedder | null;
  log: Log;
}
