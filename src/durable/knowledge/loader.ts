/**
 * Brings what the database knows of a namespace to an instance that does not, in slices, from its alarm.
 *
 * @module
 */

import type { Digest } from "../../memory/learning/types.ts";
import { TABLES, upsert, type SqlValue } from "../../storage/index.ts";
import { Moved } from "../refused.ts";
import type { FeedbackRecord, KnowledgeDeps } from "./deps.ts";
import { addUsage } from "./rows.ts";

const LOADED = ["digests", "patterns", "domains", "search_docs", "recalls", "feedback", "vectors"] as const;
/** Rows of one slice. */
const SLICE = 200;
/** The database is not asked about an unknown namespace more often than this, ms. */
const ASK_INTERVAL_MS = 2_000;

export type LoadState = "ready" | "loading" | "cold";

interface Cursor {
  table: number;
  after: SqlValue[] | null;
}

export class Loader {
  readonly #deps: KnowledgeDeps;
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Map<string, Promise<LoadState>>();

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
    if (now - (this.#askedAt.get(namespace) ?? Number.NEGATIVE_INFINITY) < ASK_INTERVAL_MS) return "cold";
    this.#askedAt.set(namespace, now);
    const answer = this.#ask(namespace).finally(() => this.#asking.delete(namespace));
    this.#asking.set(namespace, answer);
    return answer;
  }

  async #ask(namespace: string): Promise<LoadState> {
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
    this.#set(namespace, "loading", { table: any ? 0 : LOADED.length, after: null });
    return "loading";
  }

  /** A namespace that is being loaded, or that the database must still be asked about; null when there is none. */
  next(): string | null {
    const [row] = this.#deps.sql.all<{ namespace: string }>(
      `SELECT namespace FROM knowledge_namespaces WHERE state = 'loading'
        UNION SELECT p.namespace FROM knowledge_pending p LIMIT 1`,
    );
    return row?.namespace ?? null;
  }

  /** Copies one slice. True when the last one has come. Throws `DatabaseError`. */
  async slice(namespace: string): Promise<boolean> {
    const { sql, database, transaction, isDirty } = this.#deps;
    const [row] = sql.all<{ cursor: string }>("SELECT cursor FROM knowledge_namespaces WHERE namespace = ?", namespace);
    const cursor = JSON.parse(row?.cursor ?? '{"table":0,"after":null}') as Cursor;
    const name = LOADED[cursor.table];
    if (!name) return true;
    const { columns, key } = TABLES[name];
    const keys = columns.slice(1, key);
    const after = cursor.after;
    const rows = await database.all(
      `SELECT ${columns.join(", ")} FROM ${name} WHERE namespace = ?
        ${after ? `AND (${keys.join(", ")}) > (${keys.map(() => "?").join(", ")})` : ""}
        ORDER BY ${keys.join(", ")} LIMIT ?`,
      namespace,
      ...(after ?? []),
      SLICE,
    );
    const last = rows.at(-1);
    const full = rows.length === SLICE && last !== undefined;
    const present = (): boolean => this.#state(namespace) === "loading";
    transaction(() => {
      // Erased, or moved to another instance, while the database answered.
      if (!present()) return;
      // A row that changed or went here while the database answered is newer than its.
      const fresh = rows
        .map((found) => columns.map((column) => found[column] ?? null))
        .filter((values) => !isDirty(name, values.slice(0, key)));
      if (fresh.length > 0) {
        const statement = upsert(name, fresh);
        sql.run(statement.sql, ...statement.args);
      }
      if (name === "feedback") for (const values of fresh) this.#count(namespace, String(values.at(-1)));
      const next: Cursor = full
        ? { table: cursor.table, after: keys.map((column) => last[column] ?? null) }
        : { table: cursor.table + 1, after: null };
      this.#set(namespace, "loading", next);
    });
    return !full && cursor.table + 1 >= LOADED.length;
  }

  finish(namespace: string): void {
    this.#set(namespace, "ready", { table: LOADED.length, after: null });
    this.#deps.sql.run(
      `UPDATE knowledge_namespaces SET digests = (SELECT count(*) FROM digests WHERE namespace = ?)
        WHERE namespace = ?`,
      namespace,
      namespace,
    );
  }

  /** Drops what the database has as well, and begins anew; in a transaction. */
  restart(namespace: string): void {
    const { sql, isDirty } = this.#deps;
    for (const name of LOADED) {
      const { columns, key } = TABLES[name];
      const keys = columns.slice(0, key);
      for (const row of sql.all(`SELECT ${keys.join(", ")} FROM ${name} WHERE namespace = ?`, namespace)) {
        const values = keys.map((column) => row[column] ?? null);
        if (isDirty(name, values)) continue;
        sql.run(`DELETE FROM ${name} WHERE ${keys.map((column) => `${column} = ?`).join(" AND ")}`, ...values);
      }
    }
    sql.run("DELETE FROM knowledge_usage WHERE namespace = ?", namespace);
    for (const row of sql.all<{ body: string }>("SELECT body FROM feedback WHERE namespace = ?", namespace)) {
      this.#count(namespace, row.body);
    }
    this.#set(namespace, "loading", { table: 0, after: null });
  }

  /** Digests that wait to be learned, oldest first; a null body is an episode to be forgotten. */
  pendingOf(namespace: string): { episode_id: string; digest: Digest | null }[] {
    return this.#deps.sql
      .all<{ episode_id: string; body: string | null }>(
        "SELECT episode_id, body FROM knowledge_pending WHERE namespace = ? ORDER BY seq LIMIT 50",
        namespace,
      )
      .map(({ episode_id, body }) => ({ episode_id, digest: body === null ? null : (JSON.parse(body) as Digest) }));
  }

  pending(namespace: string): boolean {
    return this.#deps.sql.all("SELECT 1 AS n FROM knowledge_pending WHERE namespace = ? LIMIT 1", namespace).length > 0;
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
    if (!this.#deps.lives(namespace)) throw new Moved(namespace);
    this.#deps.sql.run(
      `INSERT INTO knowledge_namespaces (namespace, state, cursor) VALUES (?, ?, ?)
        ON CONFLICT (namespace) DO UPDATE SET state = excluded.state, cursor = excluded.cursor`,
      namespace,
      state,
      JSON.stringify(cursor),
    );
  }
}
