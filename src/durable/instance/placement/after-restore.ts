/**
 * Takes an instance through a restore of the database. While it runs, the database is not asked and
 * nothing is sent; afterwards copies are dropped and read anew, and unsent rows are sent or set
 * aside, as the operator chose. What is held here and the database lacks was brought into it before
 * (`workflows/restore/held.ts`), where that was wanted.
 *
 * @module
 */

import { isPutBack, PUT_BACK, putBackValues } from "../../../backup/index.ts";
import {
  TABLE_NAMES,
  TABLES,
  type LocalSql,
  type Row,
  type SqlValue,
  type TableName,
} from "../../../storage/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { rowIsSent, waitingRows } from "../../outbox/unsent.ts";
import type { InternalInput, InternalOutput } from "../../shared/instance/protocol.ts";
import { instanceName } from "../../shared/objects.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import type { Relationships } from "../episodes/relationships.ts";
import type { EpisodeRows } from "../episodes/store/episode-rows.ts";
import type { CuratedRows } from "../knowledge/curated/curated-rows.ts";
import { dropCopies } from "../episodes/store/restore-copies.ts";

/** Copies that one slice drops, with all their steps: far from what a turn may take. */
const DROPPED_PER_SLICE = 500;
/** Tables whose copies are dropped by themselves, and read anew with their next use. */
const DROPPED_TABLES = TABLE_NAMES.filter((name) => TABLES[name].restore === "rows");

type DoneInput = InternalInput<"restore_done">;
type DoneOutput = InternalOutput<"restore_done">;

interface AfterRestoreDeps {
  context: InstanceContext;
  outbox: Outbox;
  episodes: EpisodeRows;
  relationships: Relationships;
  knowledge: {
    /**
     * What the namespace, or all for "*", has taught is learned from the database again.
     */
    resync: (namespace: string) => unknown;
    curated: { rows: Pick<CuratedRows, "reload"> };
  };
}

export class AfterRestore {
  readonly #deps: AfterRestoreDeps;
  readonly #sql: LocalSql;

  constructor(deps: AfterRestoreDeps) {
    this.#deps = deps;
    this.#sql = deps.context.sql;
  }

  /**
   * Waits for a batch in flight; from then on nothing is sent, because the control document forbids
   * it.
   */
  async hold(): Promise<InternalOutput<"restore_hold">> {
    const { outbox, context } = this.#deps;
    await outbox.whenIdle();
    return { writer: instanceName(context.place().index), batch: outbox.lastBatch() };
  }

  /**
   * The database is as in the backup. The first slice sees to unsent rows, each drops some
   * copies, and the last ends it.
   */
  done(input: DoneInput): DoneOutput {
    const { context } = this.#deps;
    const { after, copies = "drop" } = input;
    const unsent =
      after === null ? context.transaction(() => this.#unsent(input)) : { replayed: 0, kept: 0 };
    const next = copies === "drop" ? context.transaction(() => this.#dropSlice(input)) : null;
    if (next === null) this.#end(input);
    return { ...unsent, next };
  }

  /** Takes rows that only instances have, where nothing is in their place. Returns how many. */
  put(table: string, rows: readonly Row[]): number {
    const { context } = this.#deps;
    // They come out of a bucket: names that are not these must not reach SQL, whoever sends them.
    if (!isPutBack(table))
      throw new Refused("validation_failed", `Rows of ${table} are not put back.`);
    const columns = PUT_BACK[table];
    const text = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")})
      VALUES (${columns.map(() => "?").join(", ")})`;
    context.transaction(() => {
      for (const row of rows) {
        const values = putBackValues(table, row);
        const detail = `A row of ${table} has columns or values that it cannot have.`;
        if (!values) throw new Refused("validation_failed", detail);
        this.#sql.run(text, ...values);
      }
    });
    context.wake(context.now());
    return rows.length;
  }

  /** Unsent rows of the scope: sent again, episodes whole, or set aside. In a transaction. */
  #unsent({ namespace, episode, outbox: wanted }: DoneInput): Omit<DoneOutput, "next"> {
    const { outbox } = this.#deps;
    const rows = waitingRows(this.#sql)
      .filter(({ table }) => TABLES[table].home !== "coordinator")
      .filter(({ key }) => namespace === null || key[0] === namespace)
      .filter(({ table, key }) => episode === null || (isOfEpisode(table) && key[1] === episode));
    if (wanted === "keep") {
      for (const { table, text } of rows)
        outbox.park(table, text, "restore", "set aside by a restore");
      return { replayed: 0, kept: rows.length };
    }
    // An episode of which something is unsent is sent whole: the database may have an older one
    // now.
    const episodes = new Map<string, SqlValue[]>();
    for (const { table, key } of rows)
      if (isOfEpisode(table)) episodes.set(JSON.stringify(key.slice(0, 2)), key);
    for (const [episodeNamespace, id] of episodes.values())
      this.#markWhole(String(episodeNamespace), String(id));
    return { replayed: rows.length, kept: 0 };
  }

  #markWhole(namespace: string, id: string): void {
    const { outbox, episodes } = this.#deps;
    if (episodes.status(namespace, id) === null) return;
    outbox.markDirty("episodes", [namespace, id]);
    for (const number of episodes.stepNumbers(namespace, id))
      outbox.markDirty("steps", [namespace, id, number]);
  }

  /** Where to go on; null: no copies of the scope are left to see to. In a transaction. */
  #dropSlice({ namespace, episode, after }: DoneInput): DoneOutput["next"] {
    const scope = { namespace, episode };
    const { dropped, next } = dropCopies(this.#sql, scope, after ?? ["", ""], DROPPED_PER_SLICE);
    const { meter } = this.#deps.context;
    meter.count("memory_cache_evictions_total", { reason: "restore" }, dropped);
    return next;
  }

  #end({ namespace, episode, copies = "drop" }: DoneInput): void {
    const { context, outbox, relationships, knowledge } = this.#deps;
    context.transaction(() => {
      if (copies === "drop") for (const table of DROPPED_TABLES) this.#dropRows(table, namespace);
      relationships.reload(namespace);
      knowledge.curated.rows.reload(namespace);
    });
    if (episode === null && copies === "drop") knowledge.resync(namespace ?? "*");
    outbox.resetBackoff();
    context.wake(context.now());
  }

  /** Drops rows that the database has as well; in a transaction. */
  #dropRows(table: TableName, namespace: string | null): void {
    this.#sql.run(
      `DELETE FROM ${table} WHERE ${namespace === null ? "1" : "namespace = ?"}
        AND ${rowIsSent(table)}`,
      ...(namespace === null ? [] : [namespace]),
    );
  }
}

function isOfEpisode(table: TableName): boolean {
  return TABLES[table].home === "episode";
}
