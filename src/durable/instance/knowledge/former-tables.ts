/**
 * Takes leave of the tables in which release 0.1 kept what an instance had learned. Episodes that
 * the database may not have yet are learned from there, the rest follows from those that it has.
 * The tables may hold gigabytes: their rows go some thousands an alarm, and an empty table is
 * dropped.
 *
 * @module
 */

import type { Digest } from "../../../memory/learning/types.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { strikeOff } from "../../outbox/retired-rows.ts";
import type { Part } from "../../shared/context.ts";
import type { KnowledgeDeps } from "./deps.ts";
import type { Learning } from "./learning.ts";

/** Rows that are read again from episodes. */
const LARGE_TABLES = ["search_docs", "digests", "patterns", "domains"] as const;
/** Those that are dropped as they are; what keeps an index is dropped after what reads it. */
const SMALL_TABLES = ["knowledge_namespaces", "search_terms", "search_index"] as const;
const PENDING_TABLE = "knowledge_pending";
/** Tables whose rows are no longer sent to the database by an outbox. */
const UNSENT_TABLES: readonly string[] = [...LARGE_TABLES, "recalls"];

const LEARNED_PER_ALARM = 50;
const ROWS_PER_ALARM = 2_000;

interface Pending {
  seq: number;
  namespace: string;
  episode_id: string;
  /** A digest as JSON; null: the episode was deleted. */
  body: string | null;
}

export class FormerTables implements Part {
  readonly #deps: KnowledgeDeps;
  readonly #learning: Learning;
  #names: string[];

  constructor(deps: KnowledgeDeps, learning: Learning) {
    this.#deps = deps;
    this.#learning = learning;
    this.#names = namesOf(deps.sql);
    if (this.#names.length > 0) deps.transaction(() => this.#begin());
  }

  /** Now while there are any; null: there is none. */
  nextAt(now: number): number | null {
    return this.#names.length === 0 ? null : now;
  }

  /** One slice. */
  onAlarm(now: number): void {
    if (this.#names.includes(PENDING_TABLE) && this.#learnPending(now)) return;
    const { transaction } = this.#deps;
    const name = [...LARGE_TABLES, PENDING_TABLE, ...SMALL_TABLES].find((one) =>
      this.#names.includes(one),
    );
    if (name === undefined) return;
    const isGone = transaction(() => this.#drop(name));
    if (isGone) this.#names = this.#names.filter((one) => one !== name);
  }

  /** Before anything is sent: what the outbox names is no longer there to be sent. */
  #begin(): void {
    const { sql } = this.#deps;
    for (const event of ["insert", "delete", "update"])
      sql.run(`DROP TRIGGER IF EXISTS search_docs_${event}`);
    const unsent = strikeOff(sql, UNSENT_TABLES, "digests");
    if (![PENDING_TABLE, "digests"].every((name) => this.#names.includes(name))) return;
    // An episode whose digest is unsent may be unsent itself, and learned from nothing else.
    for (const key of unsent)
      sql.run(
        `INSERT OR IGNORE INTO ${PENDING_TABLE} (namespace, episode_id, body)
          SELECT namespace, episode_id, body FROM digests WHERE namespace = ? AND episode_id = ?`,
        ...key,
      );
  }

  /** A slice of what waited to be learned. False: nothing does. */
  #learnPending(now: number): boolean {
    const { sql } = this.#deps;
    const rows = sql.all<Pending & Record<string, string | number | null>>(
      `SELECT seq, namespace, episode_id, body FROM ${PENDING_TABLE} ORDER BY seq LIMIT ?`,
      LEARNED_PER_ALARM,
    );
    for (const row of rows) this.#learn(row, now);
    return rows.length > 0;
  }

  /** What cannot be learned keeps nothing else waiting: the database has the episode, or none has. */
  #learn({ seq, namespace, episode_id, body }: Pending, now: number): void {
    const { sql, transaction, isHome, log } = this.#deps;
    const done = (): void => sql.run(`DELETE FROM ${PENDING_TABLE} WHERE seq = ?`, seq);
    try {
      transaction(() => {
        if (isHome(namespace) && body !== null)
          this.#learning.learn(JSON.parse(body) as Digest, now);
        else if (isHome(namespace)) this.#learning.forget(namespace, episode_id, now);
        done();
      });
    } catch (error) {
      const reason = String(error);
      log({ event: "knowledge_load_failed", level: "warn", namespace, failures: 1, reason });
      done();
    }
  }

  /** Drops a table, or some of its rows; in a transaction. True: it is gone. */
  #drop(name: string): boolean {
    const { sql } = this.#deps;
    if (!isOneOf(SMALL_TABLES, name)) {
      sql.run(
        `DELETE FROM ${name} WHERE rowid IN (SELECT rowid FROM ${name} LIMIT ?)`,
        ROWS_PER_ALARM,
      );
      if (sql.all(`SELECT 1 AS n FROM ${name} LIMIT 1`).length > 0) return false;
    }
    sql.run(`DROP TABLE ${name}`);
    return true;
  }
}

/** Those that are there. */
function namesOf(sql: LocalSql): string[] {
  return [...LARGE_TABLES, ...SMALL_TABLES, PENDING_TABLE].filter((name) => isTable(sql, name));
}

function isTable(sql: LocalSql, name: string): boolean {
  const text = "SELECT 1 AS n FROM sqlite_master WHERE type = 'table' AND name = ?";
  return sql.all(text, name).length > 0;
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
