/**
 * What an instance does about a restore of the database: while it runs, the database is not asked
 * and nothing is sent; afterwards, what was only a copy is dropped and read anew, and what was
 * unsent is sent or set aside, as it was chosen. What is held here and the database lacks was
 * brought into it before (`workflows/held.ts`), where that was wanted.
 *
 * @module
 */

import { isPutBack, PUT_BACK, putBackValues } from "../../../backup/index.ts";
import { TABLES, type Row, type SqlValue, type TableName } from "../../../storage/index.ts";
import { unmarked } from "../episodes/eviction.ts";
import type { InstanceContext } from "../context.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Internals } from "../../shared/protocol.ts";
import { Refused } from "../../shared/refusals.ts";
import { instanceName } from "../../shared/objects.ts";

const OF_EPISODES = ["episodes", "steps", "tombstones"] as const;
/** Copies that one slice drops, with all their steps: far from what a turn may take. */
const DROPPED_AT_ONCE = 500;

type DoneInput = Internals["restore_done"]["input"];

export class AfterRestore {
  readonly #context: InstanceContext;
  readonly #outbox: Outbox;
  readonly #knowledge: Knowledge;

  constructor(context: InstanceContext, outbox: Outbox, knowledge: Knowledge) {
    this.#context = context;
    this.#outbox = outbox;
    this.#knowledge = knowledge;
  }

  /**
   * Waits for a batch in flight; from then on nothing is sent, because the control document says
   * so.
   */
  async hold(): Promise<{ writer: string; batch: number }> {
    await this.#outbox.settled();
    return { writer: instanceName(this.#context.place().index), batch: this.#outbox.lastBatch() };
  }

  /** The database is as the backup says. Without `after` in its input, all slices at once. */
  done(input: DoneInput): Internals["restore_done"]["output"] {
    if (input.after !== undefined) return this.#slice(input, input.after);
    const first = this.#slice(input, null);
    let { next } = first;
    while (next) ({ next } = this.#slice(input, next));
    return { replayed: first.replayed, kept: first.kept };
  }

  /**
   * The first slice says what becomes of unsent rows, each drops some copies, and the last ends it.
   */
  #slice(
    input: DoneInput,
    after: [string, string] | null,
  ): Required<Internals["restore_done"]["output"]> {
    const { sql, transaction, now } = this.#context;
    const { namespace, episode, merged = false, copies = "drop" } = input;
    const unsent =
      after === null ? transaction(() => this.#unsent(input)) : { replayed: 0, kept: 0 };
    const next =
      copies === "drop" ? transaction(() => this.#dropEpisodes(input, after ?? ["", ""])) : null;
    if (next !== null) return { ...unsent, next };

    transaction(() => {
      if (copies === "drop")
        for (const table of ["tombstones", "relationships"] as const) this.#dropRows(table, input);
      const where = namespace === null ? "1" : "namespace = ?";
      sql.run(
        `DELETE FROM relationships_loaded WHERE ${where}`,
        ...(namespace === null ? [] : [namespace]),
      );
    });
    if (episode === null) this.#knowledge.resync(namespace ?? "*", !merged);
    this.#outbox.resetBackoff();
    this.#context.wake(now());
    return { ...unsent, next: null };
  }

  /** Unsent rows within the scope: sent again, episodes whole, or set aside. In a transaction. */
  #unsent({ namespace, episode, outbox }: DoneInput): { replayed: number; kept: number } {
    const marks = this.#context.sql
      .all<{ table_name: TableName; key: string }>("SELECT table_name, key FROM outbox")
      .map(({ table_name, key }) => ({
        table: table_name,
        text: key,
        key: JSON.parse(key) as SqlValue[],
      }))
      .filter(
        ({ table, key }) => table !== "api_keys" && (namespace === null || key[0] === namespace),
      )
      .filter(({ table, key }) => episode === null || (isOfEpisode(table) && key[1] === episode));
    if (outbox === "keep") {
      for (const { table, text } of marks)
        this.#outbox.park(table, text, "restore", "set aside by a restore");
      return { replayed: 0, kept: marks.length };
    }
    // An episode of which something is unsent is sent whole: the database may have an older one
    // now.
    const episodes = new Map<string, SqlValue[]>();
    for (const { table, key } of marks)
      if (isOfEpisode(table)) episodes.set(JSON.stringify(key.slice(0, 2)), key);
    for (const key of episodes.values()) this.#markWhole(String(key[0]), String(key[1]));
    return { replayed: marks.length, kept: 0 };
  }

  /** Takes rows that only instances have, where nothing is in their place. */
  put(table: string, rows: readonly Row[]): number {
    const { sql, transaction, wake, now } = this.#context;
    // They come out of a bucket: names that are not these must not reach SQL, whoever sends them.
    if (!isPutBack(table))
      throw new Refused("validation_failed", `Rows of ${table} are not put back.`);
    const columns = PUT_BACK[table];
    const text = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
    transaction(() => {
      for (const row of rows) {
        const values = putBackValues(table, row);
        if (!values)
          throw new Refused(
            "validation_failed",
            `A row of ${table} has columns or values that it cannot have.`,
          );
        sql.run(text, ...values);
      }
    });
    wake(now());
    return rows.length;
  }

  #markWhole(namespace: string, id: string): void {
    const { sql } = this.#context;
    const present =
      sql.all("SELECT 1 AS n FROM episodes WHERE namespace = ? AND id = ?", namespace, id).length >
      0;
    if (!present) return;
    this.#outbox.markDirty("episodes", [namespace, id]);
    const steps = sql.all<{ number: number }>(
      "SELECT number FROM steps WHERE namespace = ? AND episode_id = ?",
      namespace,
      id,
    );
    for (const { number } of steps) this.#outbox.markDirty("steps", [namespace, id, number]);
  }

  /**
   * Drops some copies of episodes of which nothing is unsent or to be learned; in a transaction.
   * Where to go on.
   */
  #dropEpisodes(
    { namespace, episode }: DoneInput,
    after: [string, string],
  ): [string, string] | null {
    const { sql, meter } = this.#context;
    const where = [
      namespace === null ? "1" : "c.namespace = ?",
      episode === null ? "1" : "c.id = ?",
    ];
    const idle = [
      ...["outbox", "dead_letters"].map(unmarked),
      "NOT EXISTS (SELECT 1 FROM pending_tasks r WHERE r.namespace = c.namespace AND r.id = c.id)",
    ];
    const found = sql.all<{ namespace: string; id: string; idle: number }>(
      `SELECT c.namespace, c.id, ${idle.join(" AND ")} AS idle FROM episodes c
        WHERE (c.namespace, c.id) > (?, ?) AND ${where.join(" AND ")} ORDER BY c.namespace, c.id LIMIT ?`,
      ...after,
      ...(namespace === null ? [] : [namespace]),
      ...(episode === null ? [] : [episode]),
      DROPPED_AT_ONCE,
    );
    const dropped = found.filter((copy) => copy.idle === 1);
    const keys = JSON.stringify(dropped.map((copy) => [copy.namespace, copy.id]));
    for (const [table, id] of [
      ["episodes", "id"],
      ["steps", "episode_id"],
      ["cached", "id"],
    ]) {
      sql.run(
        `DELETE FROM ${table} WHERE (namespace, ${id}) IN
          (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))`,
        keys,
      );
    }
    meter.count("memory_cache_evictions_total", { reason: "restore" }, dropped.length);
    const last = found.length === DROPPED_AT_ONCE ? found.at(-1) : undefined;
    return last ? [last.namespace, last.id] : null;
  }

  /** Drops rows that the database has as well; in a transaction. */
  #dropRows(table: "tombstones" | "relationships", { namespace }: DoneInput): void {
    const { columns, key } = TABLES[table];
    const own = columns.slice(0, key).map((column) => `${table}.${column}`);
    const sent = ["outbox", "dead_letters"].map(
      (list) =>
        `NOT EXISTS (SELECT 1 FROM ${list} o WHERE o.table_name = '${table}' AND o.key = json_array(${own.join(", ")}))`,
    );
    this.#context.sql.run(
      `DELETE FROM ${table} WHERE ${namespace === null ? "1" : "namespace = ?"} AND ${sent.join(" AND ")}`,
      ...(namespace === null ? [] : [namespace]),
    );
  }
}

function isOfEpisode(table: TableName): boolean {
  return (OF_EPISODES as readonly string[]).includes(table);
}
