/**
 * Brings what the database knows of a namespace to an instance that does not, in slices bounded in
 * bytes, from its alarm. Namespaces take turns, and one that fails waits longer each time: none
 * holds back another.
 *
 * @module
 */

import type { Digest } from "../../../memory/learning/types.ts";
import {
  readNamespaceSlice,
  remove,
  SLICE_BYTES,
  TABLES,
  takeSlice,
  upsertRow,
  type SqlValue,
} from "../../../storage/index.ts";
import { Moved } from "../../shared/refusals.ts";
import type { FeedbackRecord, KnowledgeDeps } from "./deps.ts";
import { addUsage } from "./rows.ts";
import { backoffMs } from "../../../util/backoff.ts";

const LOADED = [
  "digests",
  "patterns",
  "domains",
  "search_docs",
  "recalls",
  "feedback",
  "vectors",
] as const;
/** Rows of one slice; most are small. */
const SLICE_ROWS = 1_000;
/** The database is not asked about an unknown namespace more often than this, ms. */
const ASK_INTERVAL_MS = 2_000;
/** The wait after the first failure of a namespace, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 60_000;
/** Digests that are learned at once. */
const PENDING_ROWS = 50;
/** A database that did not say is asked again after this, ms. */
export const ASK_AGAIN_MS = ASK_INTERVAL_MS;
/** Namespaces that are looked at for one whose turn it is. */
const CANDIDATES = 200;

/** What waits to be learned of a namespace and is due. */
const DUE = `FROM knowledge_pending p LEFT JOIN task_failures f
    ON f.kind = 'absorb' AND f.namespace = p.namespace AND f.id = p.episode_id
  WHERE p.namespace = ? AND (f.kind IS NULL OR (f.dead_at IS NULL AND f.next_at <= ?))`;

export type LoadState = "ready" | "loading" | "cold";

interface Cursor {
  table: number;
  after: SqlValue[] | null;
  /** When loading began, ms since the epoch; absent in cursors of earlier versions. */
  since?: number;
  /** The table whose copies are being dropped, before anything is read anew; absent: none is. */
  drop?: number;
}

/** How loading goes, for readiness. */
export interface LoadingView {
  namespaces: number;
  /** When the one that takes longest was begun, ms since the epoch; null: none is loading. */
  since: number | null;
  /** Why the last try of one that fails did; null: none fails. */
  last_error: string | null;
}

export class Loader {
  readonly #deps: KnowledgeDeps;
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Map<string, Promise<LoadState>>();
  readonly #failures = new Map<string, { count: number; notBefore: number; error: string }>();
  /** The namespace whose turn was last. */
  #last = "";

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
  }

  ready(namespace: string): boolean {
    return this.#state(namespace) === "ready";
  }

  /** ready: all is here. loading: slices are on their way. cold: the database did not say. */
  async ensure(namespace: string, now: number): Promise<LoadState> {
    const known = this.#state(namespace);
    if (known) return known;
    const asking = this.#asking.get(namespace);
    if (asking) return asking;
    if (now - (this.#askedAt.get(namespace) ?? Number.NEGATIVE_INFINITY) < ASK_INTERVAL_MS)
      return "cold";
    this.#askedAt.set(namespace, now);
    const answer = this.#ask(namespace, now).finally(() => this.#asking.delete(namespace));
    this.#asking.set(namespace, answer);
    return answer;
  }

  async #ask(namespace: string, now: number): Promise<LoadState> {
    let any = false;
    try {
      const rows = await this.#deps.database.all(
        `SELECT EXISTS (SELECT 1 FROM digests WHERE namespace = ?) + EXISTS (SELECT 1 FROM recalls WHERE namespace = ?)
          + EXISTS (SELECT 1 FROM domains WHERE namespace = ?) AS n`,
        namespace,
        namespace,
        namespace,
      );
      any = Number(rows[0]?.["n"] ?? 0) > 0;
    } catch {
      return "cold";
    }
    const state = this.#state(namespace);
    if (state) return state;
    this.#askedAt.delete(namespace);
    if (!any && !this.pending(namespace)) {
      this.finish(namespace);
      return "ready";
    }
    this.#set(namespace, "loading", { table: any ? 0 : LOADED.length, after: null, since: now });
    return "loading";
  }

  /** The namespace whose turn it is to be loaded, or to be asked about; null when none is due. */
  next(now: number): string | null {
    const due = ({ namespace }: { namespace: string }): boolean =>
      (this.#failures.get(namespace)?.notBefore ?? 0) <= now && this.#hasWork(namespace);
    const found =
      this.#waiting("namespace > ?", this.#last).find(due) ??
      this.#waiting("namespace <= ?", this.#last).find(due);
    if (!found) return null;
    this.#last = found.namespace;
    return found.namespace;
  }

  /** When something may be due, ms since the epoch; null: nothing waits. */
  nextAt(): number | null {
    const waiting = this.#waiting("true").filter(({ namespace }) => this.#hasWork(namespace));
    const times = waiting.map(({ namespace }) => this.#failures.get(namespace)?.notBefore ?? 0);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The namespace could not be loaded further; it is tried again after a wait that grows. */
  failed(namespace: string, error: unknown, now: number): void {
    const count = (this.#failures.get(namespace)?.count ?? 0) + 1;
    const wait = backoffMs(count, WAIT_MIN_MS, WAIT_MAX_MS);
    const reason = String(error);
    this.#failures.set(namespace, { count, notBefore: now + wait, error: reason.slice(0, 300) });
    this.#deps.log({
      event: "knowledge_load_failed",
      level: "warn",
      namespace,
      failures: count,
      reason,
    });
  }

  /** The namespace is not looked at before this, ms since the epoch. */
  later(namespace: string, at: number): void {
    const known = this.#failures.get(namespace);
    this.#failures.set(namespace, {
      count: known?.count ?? 0,
      notBefore: at,
      error: known?.error ?? "",
    });
  }

  view(): LoadingView {
    const [row] = this.#deps.sql.all<{ n: number; since: number | null }>(
      `SELECT count(*) AS n, min(json_extract(cursor, '$.since')) AS since FROM knowledge_namespaces
        WHERE state = 'loading'`,
    );
    const failing = [...this.#failures.values()].findLast(({ count }) => count > 0);
    return {
      namespaces: row?.n ?? 0,
      since: row?.since ?? null,
      last_error: failing?.error ?? null,
    };
  }

  /** Namespaces that are being loaded, or that something was told of before they were. */
  #waiting(where: string, ...args: string[]): { namespace: string }[] {
    return this.#deps.sql.all<{ namespace: string }>(
      `SELECT namespace FROM (SELECT namespace FROM knowledge_namespaces WHERE state = 'loading'
          UNION SELECT namespace FROM knowledge_pending) WHERE ${where} ORDER BY namespace LIMIT ?`,
      ...args,
      CANDIDATES,
    );
  }

  /** What was told of it before may all wait for a later try. */
  #hasWork(namespace: string): boolean {
    // It is being handed over.
    if (!this.#deps.isHome(namespace)) return false;
    if (this.#state(namespace) !== "ready") return true;
    return (
      this.#deps.sql.all(`SELECT 1 AS n ${DUE} LIMIT 1`, namespace, this.#deps.now()).length > 0
    );
  }

  /** Copies one slice, or drops one. True when the last one has come. Throws `DatabaseError`. */
  async slice(namespace: string): Promise<boolean> {
    const { sql, database, transaction, isDirty } = this.#deps;
    const [row] = sql.all<{ cursor: string }>(
      "SELECT cursor FROM knowledge_namespaces WHERE namespace = ?",
      namespace,
    );
    const cursor = JSON.parse(row?.cursor ?? '{"table":0,"after":null}') as Cursor;
    if (cursor.drop !== undefined) {
      transaction(() => this.#dropSlice(namespace, cursor, cursor.drop ?? 0));
      return false;
    }
    const name = LOADED[cursor.table];
    if (!name) return true;
    const { key } = TABLES[name];
    const { rows, more } = await readNamespaceSlice(database, name, namespace, cursor.after, {
      rows: SLICE_ROWS,
    });
    const last = rows.at(-1);
    const present = (): boolean => this.#state(namespace) === "loading";

    transaction(() => {
      // Erased, or moved to another instance, while the database answered.
      if (!present()) return;
      // A row that changed or went here while the database answered is newer than its.
      const fresh = rows.filter((values) => !isDirty(name, values.slice(0, key)));
      const statement = upsertRow(name);
      for (const values of fresh) {
        // One that was unsent when the others were dropped is here, and counted.
        if (name === "feedback" && !this.#hasFeedback(values))
          this.#count(namespace, String(values.at(-1)));
        sql.run(statement, ...values);
      }
      const next: Cursor =
        more && last
          ? { ...cursor, after: last.slice(1, key) }
          : { ...cursor, table: cursor.table + 1, after: null };
      this.#set(namespace, "loading", next);
    });
    this.#failures.delete(namespace);
    return !more && cursor.table + 1 >= LOADED.length;
  }

  /** All of it is here; called in a transaction or not. */
  finish(namespace: string, now?: number): void {
    const [row] = this.#deps.sql.all<{ since: number | null }>(
      "SELECT json_extract(cursor, '$.since') AS since FROM knowledge_namespaces WHERE namespace = ? AND state = 'loading'",
      namespace,
    );
    this.#set(namespace, "ready", { table: LOADED.length, after: null });
    if (row?.since && now !== undefined) {
      this.#deps.log({
        event: "knowledge_loaded",
        level: "info",
        namespace,
        duration_ms: now - row.since,
      });
    }
    this.#deps.sql.run(
      `UPDATE knowledge_namespaces SET digests = (SELECT count(*) FROM digests WHERE namespace = ?)
        WHERE namespace = ?`,
      namespace,
      namespace,
    );
  }

  /**
   * Begins anew: what the database has as well is dropped, slice by slice, and read again. In a
   * transaction.
   */
  restart(namespace: string, now: number): void {
    this.#failures.delete(namespace);
    this.#set(namespace, "loading", { table: 0, after: null, since: now, drop: 0 });
  }

  /** Drops some copies of a table; what is unsent stays. In a transaction. */
  #dropSlice(namespace: string, cursor: Cursor, drop: number): void {
    const { sql, isDirty } = this.#deps;
    const name = LOADED[drop];
    if (!name) {
      sql.run("DELETE FROM knowledge_usage WHERE namespace = ?", namespace);
      this.#recount(namespace);
      const { drop: _done, ...next } = cursor;
      this.#set(namespace, "loading", { ...next, table: 0, after: null });
      return;
    }
    const keys = TABLES[name].columns.slice(0, TABLES[name].key);
    const own = keys.slice(1).join(", ");
    const behind = cursor.after ? `AND (${own}) > (${cursor.after.map(() => "?").join(", ")})` : "";
    const found = sql.all(
      `SELECT ${keys.join(", ")} FROM ${name} WHERE namespace = ? ${behind} ORDER BY ${own} LIMIT ?`,
      namespace,
      ...(cursor.after ?? []),
      SLICE_ROWS,
    );
    const rows = found.map((row) => keys.map((column) => row[column] ?? null));
    const copies = rows.filter((values) => !isDirty(name, values));
    if (copies.length > 0) {
      const { sql: text, args } = remove(name, copies);
      sql.run(text, ...args);
    }
    const last = rows.at(-1);
    const isDone = rows.length < SLICE_ROWS || !last;
    this.#set(namespace, "loading", {
      ...cursor,
      drop: isDone ? drop + 1 : drop,
      after: isDone ? null : last.slice(1),
    });
  }

  /**
   * Digests that wait to be learned and whose turn it is, oldest first, a slice of them; a null
   * body is an episode to be forgotten.
   */
  pendingOf(namespace: string): { episode_id: string; digest: Digest | null }[] {
    const due = this.#deps.sql.each<{ episode_id: string; body: string | null }>(
      `SELECT p.episode_id, p.body ${DUE} ORDER BY p.seq`,
      namespace,
      this.#deps.now(),
    );
    return takeSlice(due, { rows: PENDING_ROWS, bytes: SLICE_BYTES }).rows.map(
      ({ episode_id, body }) => ({
        episode_id,
        digest: body === null ? null : (JSON.parse(body) as Digest),
      }),
    );
  }

  pending(namespace: string): boolean {
    return (
      this.#deps.sql.all(
        "SELECT 1 AS n FROM knowledge_pending WHERE namespace = ? LIMIT 1",
        namespace,
      ).length > 0
    );
  }

  /**
   * Whether something waits to be learned that has not failed: what failed does not keep the
   * namespace from serving.
   */
  isAbsorbing(namespace: string): boolean {
    const text = `SELECT 1 AS n FROM knowledge_pending p WHERE namespace = ? AND NOT EXISTS (SELECT 1 FROM task_failures f
      WHERE f.kind = 'absorb' AND f.namespace = p.namespace AND f.id = p.episode_id) LIMIT 1`;
    return this.#deps.sql.all(text, namespace).length > 0;
  }

  #hasFeedback([namespace, recallId]: readonly SqlValue[]): boolean {
    const text = "SELECT 1 AS n FROM feedback WHERE namespace = ? AND recall_id = ?";
    return this.#deps.sql.all(text, namespace ?? null, recallId ?? null).length > 0;
  }

  /** What is known of episodes' use, from the judged recalls that are left here. */
  #recount(namespace: string): void {
    for (let after = "", more = true; more;) {
      const found = this.#deps.sql.each<{ recall_id: string; body: string }>(
        "SELECT recall_id, body FROM feedback WHERE namespace = ? AND recall_id > ? ORDER BY recall_id",
        namespace,
        after,
      );
      const slice = takeSlice(found, { rows: SLICE_ROWS });
      for (const { body } of slice.rows) this.#count(namespace, body);
      after = slice.rows.at(-1)?.recall_id ?? after;
      more = slice.more;
    }
  }

  #count(namespace: string, body: string): void {
    const { episodes, helpful, unhelpful } = JSON.parse(body) as FeedbackRecord;
    for (const id of episodes) addUsage(this.#deps, namespace, id, helpful, unhelpful);
  }

  #state(namespace: string): LoadState | null {
    const [row] = this.#deps.sql.all<{ state: LoadState }>(
      "SELECT state FROM knowledge_namespaces WHERE namespace = ?",
      namespace,
    );
    return row?.state ?? null;
  }

  /** Throws `Moved` when the namespace lives elsewhere by now: nothing of it may be left here. */
  #set(namespace: string, state: LoadState, cursor: Cursor): void {
    if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
    this.#deps.sql.run(
      `INSERT INTO knowledge_namespaces (namespace, state, cursor) VALUES (?, ?, ?)
        ON CONFLICT (namespace) DO UPDATE SET state = excluded.state, cursor = excluded.cursor`,
      namespace,
      state,
      JSON.stringify(cursor),
    );
  }
}
