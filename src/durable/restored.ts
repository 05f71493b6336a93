/**
 * What an instance does about a restore of the database: while it runs, the database is not asked and nothing is sent;
 * afterwards, what was only a copy is dropped and read anew, and what was unsent is sent or set aside, as it was chosen.
 *
 * @module
 */

import { isPutBack, PUT_BACK, putBackValues } from "../backup/index.ts";
import { TABLES, type Row, type SqlValue, type TableName } from "../storage/index.ts";
import type { Ground } from "./ground.ts";
import type { Knowledge } from "./knowledge/index.ts";
import type { Outbox } from "./outbox.ts";
import type { Internals } from "./protocol.ts";
import { Refused } from "./refused.ts";

const OF_EPISODES = ["episodes", "steps", "tombstones"] as const;

export class Restored {
  readonly #ground: Ground;
  readonly #outbox: Outbox;
  readonly #knowledge: Knowledge;

  constructor(ground: Ground, outbox: Outbox, knowledge: Knowledge) {
    this.#ground = ground;
    this.#outbox = outbox;
    this.#knowledge = knowledge;
  }

  /** Waits for a batch in flight; from then on nothing is sent, because the control document says so. */
  async hold(): Promise<{ writer: string; batch: number }> {
    await this.#outbox.settled();
    return { writer: `instance-${this.#ground.place().index}`, batch: this.#outbox.lastBatch() };
  }

  /** The database is as the backup says. */
  done({ namespace, episode, outbox }: Internals["restore_done"]["input"]): { replayed: number; kept: number } {
    const { sql, transaction, now } = this.#ground;
    const within = (column: string): { sql: string; args: SqlValue[] } => ({
      sql: namespace === null ? "1" : `${column} = ?`,
      args: namespace === null ? [] : [namespace],
    });
    let [replayed, kept] = [0, 0];
    transaction(() => {
      const marks = sql
        .all<{ table_name: TableName; key: string }>("SELECT table_name, key FROM outbox")
        .map(({ table_name, key }) => ({ table: table_name, text: key, key: JSON.parse(key) as SqlValue[] }))
        .filter(({ table, key }) => table !== "api_keys" && (namespace === null || key[0] === namespace))
        .filter(({ table, key }) => episode === null || (isOfEpisode(table) && key[1] === episode));
      if (outbox === "keep") {
        for (const { table, text } of marks) {
          this.#outbox.park(table, text, "restore", "set aside by a restore");
          kept += 1;
        }
      } else {
        replayed = marks.length;
        // An episode of which something is unsent is sent whole: the database may have an older one now.
        const episodes = new Map<string, SqlValue[]>();
        for (const { table, key } of marks) if (isOfEpisode(table)) episodes.set(JSON.stringify(key.slice(0, 2)), key);
        for (const key of episodes.values()) this.#markWhole(String(key[0]), String(key[1]));
      }
      this.#dropCopies(within, episode);
    });
    if (episode === null) {
      this.#knowledge.resync(namespace ?? "*");
      const { sql: where, args } = within("namespace");
      sql.run(`DELETE FROM relationships_loaded WHERE ${where}`, ...args);
    }
    this.#outbox.encourage();
    this.#ground.wake(now());
    return { replayed, kept };
  }

  /** Takes rows that only instances have, where nothing is in their place. */
  put(table: string, rows: readonly Row[]): number {
    const { sql, transaction, wake, now } = this.#ground;
    // They come out of a bucket: names that are not these must not reach SQL, whoever sends them.
    if (!isPutBack(table)) throw new Refused("validation_failed", `Rows of ${table} are not put back.`);
    const columns = PUT_BACK[table];
    const text = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
    transaction(() => {
      for (const row of rows) {
        const values = putBackValues(table, row);
        if (!values)
          throw new Refused("validation_failed", `A row of ${table} has columns or values that it cannot have.`);
        sql.run(text, ...values);
      }
    });
    wake(now());
    return rows.length;
  }

  #markWhole(namespace: string, id: string): void {
    const { sql } = this.#ground;
    const present = sql.all("SELECT 1 AS n FROM episodes WHERE namespace = ? AND id = ?", namespace, id).length > 0;
    if (!present) return;
    this.#outbox.mark("episodes", [namespace, id]);
    const steps = sql.all<{ number: number }>(
      "SELECT number FROM steps WHERE namespace = ? AND episode_id = ?",
      namespace,
      id,
    );
    for (const { number } of steps) this.#outbox.mark("steps", [namespace, id, number]);
  }

  /** Episodes, tombstones and relationships that the database has as well. */
  #dropCopies(within: (column: string) => { sql: string; args: SqlValue[] }, episode: string | null): void {
    const { sql } = this.#ground;
    const { sql: where, args } = within("namespace");
    for (const { namespace, id } of sql.all<{ namespace: string; id: string }>(
      `SELECT namespace, id FROM episodes WHERE ${where} ${episode === null ? "" : "AND id = ?"}`,
      ...args,
      ...(episode === null ? [] : [episode]),
    )) {
      const numbers = sql.all<{ number: number }>(
        "SELECT number FROM steps WHERE namespace = ? AND episode_id = ?",
        namespace,
        id,
      );
      const busy =
        this.#outbox.isMarked("episodes", [namespace, id]) ||
        numbers.some(({ number }) => this.#outbox.isMarked("steps", [namespace, id, number])) ||
        sql.all("SELECT 1 AS n FROM errands WHERE namespace = ? AND id = ?", namespace, id).length > 0;
      if (busy) continue;
      sql.run("DELETE FROM episodes WHERE namespace = ? AND id = ?", namespace, id);
      sql.run("DELETE FROM steps WHERE namespace = ? AND episode_id = ?", namespace, id);
      sql.run("DELETE FROM cached WHERE namespace = ? AND id = ?", namespace, id);
    }
    for (const table of ["tombstones", "relationships"] as const) {
      const { columns, key } = TABLES[table];
      const keys = columns.slice(0, key);
      for (const row of sql.all(`SELECT ${keys.join(", ")} FROM ${table} WHERE ${where}`, ...args)) {
        const values = keys.map((column) => row[column] ?? null);
        if (this.#outbox.isMarked(table, values)) continue;
        sql.run(`DELETE FROM ${table} WHERE ${keys.map((column) => `${column} = ?`).join(" AND ")}`, ...values);
      }
    }
    if (episode !== null) sql.run(`DELETE FROM relationships_loaded WHERE ${where}`, ...args);
  }
}

function isOfEpisode(table: TableName): boolean {
  return (OF_EPISODES as readonly string[]).includes(table);
}
