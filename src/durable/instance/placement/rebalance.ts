/**
 * What moves when the number of instances changes. The new home of an episode or a namespace asks
 * the old one for it before it serves it; the old one keeps its copy until the new one has it; and
 * what nobody asks for is offered by the old home's alarm. A shard changes hands in three steps:
 * release (a copy goes, part by part, each bounded in bytes), adopt (the new home stores it),
 * confirm (the old home drops it). Each may be repeated. A shard that cannot be handed over waits,
 * longer each time, while the others go on.
 *
 * @module
 */

import { homeOf } from "../../../memory/rendezvous.ts";
import { upsertRow, type SqlValue, type TableName } from "../../../storage/index.ts";
import type { InstanceContext } from "../context.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { keyIs, ShardReader } from "./shard-reader.ts";
import { Moved } from "../../shared/refusals.ts";
import {
  type Shard,
  type ShardSlice,
  type ShardCursor,
  homeTextOfShard,
  OF_NAMESPACES,
} from "../../shared/placement.ts";
import { instanceName } from "../../shared/objects.ts";
import { backoffMs } from "../../../util/backoff.ts";

/** Shards offered in one alarm, and copies dropped that the database has in full. */
const OFFERED = 50;
const DROPPED = 500;
/** A shard that failed so many times in a row is named by readiness. */
const NAMED_AFTER = 3;
/** The wait after a shard's first failure, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 30_000;

const REBALANCE_SCHEMA: readonly string[] = [
  // What this instance took over in the running change.
  `CREATE TABLE IF NOT EXISTS claims (shard TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT`,
];

export class Rebalance {
  readonly #context: InstanceContext;
  readonly #outbox: Outbox;
  readonly #knowledge: Knowledge;
  readonly #reader: ShardReader;
  readonly #settled: (version: number) => Promise<void>;
  readonly #moving = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, { count: number; notBefore: number; error: string }>();
  /** What is still to be offered, each in its turn, and of which topology that is. */
  #queue: Shard[] = [];
  #queueOf = 0;
  #done = 0;

  /** @param settled tells the Coordinator that nothing of an earlier topology is left here */
  constructor(
    context: InstanceContext,
    outbox: Outbox,
    knowledge: Knowledge,
    settled: (version: number) => Promise<void>,
  ) {
    this.#context = context;
    this.#outbox = outbox;
    this.#knowledge = knowledge;
    this.#settled = settled;
    this.#reader = new ShardReader(context.sql, (table, key) => outbox.isDirty(table, key));
    for (const statement of REBALANCE_SCHEMA) context.sql.run(statement);
  }

  /**
   * Makes sure that the shard is here, if this is its home. Throws when its old home is out of
   * reach.
   */
  async ensureHere(shard: Shard): Promise<void> {
    const { topology } = this.#context.control();
    const before = this.#oldHome(shard);
    if (before === null) return;
    const name = JSON.stringify(shard);
    if (this.#stateOf(name, topology.version) === "done") return;
    let claiming = this.#moving.get(name);
    if (!claiming) {
      claiming = this.#move(shard, before, topology.version).finally(() =>
        this.#moving.delete(name),
      );
      this.#moving.set(name, claiming);
    }
    await claiming;
  }

  /** A shard that begins here has nothing to claim. In the transaction that begins it. */
  begin(shard: Shard): void {
    if (this.#oldHome(shard) !== null)
      this.#setState(JSON.stringify(shard), this.#context.control().topology.version, "done");
  }

  /** At the old home: a part of what is here of the shard. */
  readSlice(shard: Shard, after: ShardCursor): ShardSlice {
    return this.#reader.read(shard, after);
  }

  /**
   * At the old home: the shard is at its new one. Returns the number of the last batch that may
   * still carry it.
   */
  dropShard(shard: Shard): number {
    const { sql, transaction } = this.#context;
    transaction(() => {
      this.#forget(shard);
      sql.run("DELETE FROM claims WHERE shard = ?", JSON.stringify(shard));
    });
    return this.#outbox.lastBatch();
  }

  /** Whether shards of an earlier topology may still be here. */
  isMoving(): boolean {
    const { topology } = this.#context.control();
    return topology.previous !== null && this.#done !== topology.version;
  }

  /** What cannot be handed over, for readiness. */
  failing(): { units: number; last_error: string | null } {
    const failing = [...this.#failures.values()].filter(({ count }) => count >= NAMED_AFTER);
    return { units: failing.length, last_error: failing.at(-1)?.error ?? null };
  }

  /** When something should be offered, ms since the epoch; null: nothing moves. */
  nextAt(): number | null {
    if (!this.isMoving()) return null;
    const times = this.#queue.map(
      (shard) => this.#failures.get(JSON.stringify(shard))?.notBefore ?? 0,
    );
    return times.length === 0 ? 0 : Math.min(...times);
  }

  /**
   * Offers some of what moved to its new homes, each in its turn. What fails is offered again
   * later.
   */
  async offer(): Promise<void> {
    if (!this.isMoving()) return;
    const { topology } = this.#context.control();
    const { index, count } = this.#context.place();
    if (this.#queueOf !== topology.version) {
      this.#queue = [];
      this.#failures.clear();
      this.#queueOf = topology.version;
    }
    if (this.#queue.length === 0) {
      this.#queue = this.#shards().filter(
        (shard) => homeOf(homeTextOfShard(shard), count) !== index,
      );
    }
    if (this.#queue.length > 0) return this.#offerSome(topology.version);

    await this.#settled(topology.version);
    this.#done = topology.version;
    this.#context.log({ event: "handover_settled", level: "info", topology: topology.version });
  }

  async #offerSome(version: number): Promise<void> {
    const { now, transaction, control, place } = this.#context;
    let [offered, dropped] = [0, 0];
    for (
      let left = this.#queue.length;
      left > 0 && offered < OFFERED && dropped < DROPPED;
      left--
    ) {
      const shard = this.#queue.shift();
      // The number of instances changed again during a wait.
      if (!shard || control().topology.version !== version) return;
      const name = JSON.stringify(shard);
      if ((this.#failures.get(name)?.notBefore ?? 0) > now()) {
        this.#queue.push(shard);
      } else if (this.#isIdle(shard) || this.#isStray(shard)) {
        transaction(() => this.#forget(shard));
        dropped += 1;
      } else {
        offered += 1;
        try {
          await this.#context.ask(homeOf(homeTextOfShard(shard), place().count), "shard_ensure", {
            shard,
          });
          this.#failures.delete(name);
        } catch (error) {
          this.#failed(name, shard.kind, error);
          this.#queue.push(shard);
        }
      }
    }
  }

  #failed(name: string, kind: Shard["kind"], error: unknown): void {
    const { now, log } = this.#context;
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    const wait = backoffMs(count, WAIT_MIN_MS, WAIT_MAX_MS);
    const reason = String(error);
    this.#failures.set(name, { count, notBefore: now() + wait, error: reason.slice(0, 300) });
    log({ event: "handover_failed", level: "warn", kind, failures: count, reason });
  }

  async #move(shard: Shard, from: number, version: number): Promise<void> {
    const { sql, transaction, ask } = this.#context;
    const name = JSON.stringify(shard);
    // Once adopted it is never dropped again: the old home may have been told, and have nothing
    // left.
    if (this.#stateOf(name, version) !== "adopted") {
      // What is left here of an earlier time as its home is older than what comes.
      transaction(() => this.#forget(shard));
      let after: ShardCursor | null = 0;
      while (after !== null) {
        const slice: ShardSlice = await ask(from, "shard_read", { shard, after });
        after = slice.next;
        transaction(() => {
          // The number of instances changed again while the old home answered.
          if (this.#context.control().topology.version !== version) throw new Moved(name);
          this.#store(shard, slice);
          if (slice.next === null) this.#setState(name, version, "adopted");
        });
      }
    }
    const last = await ask(from, "shard_drop", { shard });
    transaction(() => {
      this.#outbox.fenceOff(instanceName(from), last);
      this.#setState(name, version, "done");
      sql.run("DELETE FROM claims WHERE version < ?", version);
    });
  }

  /** The instance that the shard moves from to here in the running change; null: it does not. */
  #oldHome(shard: Shard): number | null {
    const { topology } = this.#context.control();
    if (topology.previous === null) return null;
    const home = homeTextOfShard(shard);
    const { index } = this.#context.place();
    const before = homeOf(home, topology.previous);
    return before === index || homeOf(home, topology.count) !== index ? null : before;
  }

  #setState(shard: string, version: number, stage: "adopted" | "done"): void {
    const text = "INSERT OR REPLACE INTO claims (shard, version, stage) VALUES (?, ?, ?)";
    this.#context.sql.run(text, shard, version, stage);
  }

  #stateOf(shard: string, version: number): string | null {
    const [row] = this.#context.sql.all<{ stage: string }>(
      "SELECT stage FROM claims WHERE shard = ? AND version = ?",
      shard,
      version,
    );
    return row?.stage ?? null;
  }

  #store(shard: Shard, slice: ShardSlice): void {
    const { sql, now } = this.#context;
    for (const { table, key, row, unsent } of slice.rows) {
      if (row) sql.run(upsertRow(table), ...row);
      else this.#drop(table, key);
      if (unsent) this.#outbox.markDirty(table, key);
    }
    for (const { table, row } of slice.local) {
      const columns = Object.keys(row);
      sql.run(
        `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
        ...Object.values(row),
      );
    }
    if (shard.kind === "namespace") this.#knowledge.adopted(shard.namespace, slice.rows);
    // An episode counts as being here when all of it is.
    if (shard.kind === "episode" && slice.next === null) {
      sql.run(
        `INSERT OR REPLACE INTO cached (namespace, id, used_at, loaded_at, bytes)
          SELECT namespace, id, ?, ?, octet_length(body) + coalesce((SELECT sum(octet_length(s.body))
            FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id), 0)
          FROM episodes e WHERE namespace = ? AND id = ?`,
        now(),
        now(),
        shard.namespace,
        shard.id,
      );
    }
  }

  /** Drops what is here of a shard; in a transaction. */
  #forget(shard: Shard): void {
    const { sql } = this.#context;
    sql.run("DELETE FROM idempotency WHERE home = ?", homeTextOfShard(shard));
    if (shard.kind === "episode") {
      const { namespace, id } = shard;
      sql.run("DELETE FROM episodes WHERE namespace = ? AND id = ?", namespace, id);
      for (const table of ["steps", "tombstones"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ? AND episode_id = ?`, namespace, id);
      }
      for (const table of ["cached", "pending_tasks"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ? AND id = ?`, namespace, id);
      }
      sql.run(
        "DELETE FROM task_failures WHERE kind <> 'absorb' AND namespace = ? AND id = ?",
        namespace,
        id,
      );
    } else if (shard.kind === "namespace") {
      for (const table of [...OF_NAMESPACES, "relationships_loaded"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ?`, shard.namespace);
      }
      this.#knowledge.erase(shard.namespace);
    }
    for (const { table, text } of shard.kind === "idempotency"
      ? []
      : this.#reader.dirtyRows(shard)) {
      this.#outbox.unmarkDirty(table, text);
    }
  }

  /** Deleted at the old home, and the database has not heard yet. */
  #drop(table: TableName, key: readonly SqlValue[]): void {
    this.#context.sql.run(`DELETE FROM ${table} WHERE ${keyIs(table)}`, ...key);
  }

  /** Everything that is here, as shards. */
  #shards(): Shard[] {
    const { sql } = this.#context;
    const episodes = sql.all<{ namespace: string; id: string }>(
      `SELECT namespace, id FROM episodes
        UNION SELECT json_extract(key, '$[0]'), json_extract(key, '$[1]') FROM outbox
          WHERE table_name IN ('episodes', 'steps', 'tombstones')
        UNION SELECT json_extract(key, '$[0]'), json_extract(key, '$[1]') FROM dead_letters
          WHERE table_name IN ('episodes', 'steps', 'tombstones')
        UNION SELECT namespace, id FROM pending_tasks`,
    );
    const others = OF_NAMESPACES.map((table) => `'${table}'`).join(", ");
    const namespaces = sql.all<{ namespace: string }>(
      `SELECT namespace FROM knowledge_namespaces UNION SELECT namespace FROM knowledge_pending
        UNION SELECT namespace FROM relationships_loaded
        UNION SELECT json_extract(key, '$[0]') FROM outbox WHERE table_name IN (${others})
        UNION SELECT json_extract(key, '$[0]') FROM dead_letters WHERE table_name IN (${others})`,
    );
    const answers = sql.all<{ home: string }>(
      "SELECT DISTINCT home FROM idempotency WHERE home GLOB 'idem:*'",
    );
    return [
      ...episodes.map(({ namespace, id }): Shard => ({ kind: "episode", namespace, id })),
      ...namespaces.map(({ namespace }): Shard => ({ kind: "namespace", namespace })),
      ...answers.map(({ home }): Shard => ({ kind: "idempotency", home })),
    ];
  }

  /**
   * What did not live here before the change either, with nothing unsent: its new home does not ask
   * here for it, so that a change would wait for it for ever.
   */
  #isStray(shard: Shard): boolean {
    const { topology } = this.#context.control();
    const { index } = this.#context.place();
    if (topology.previous === null || homeOf(homeTextOfShard(shard), topology.previous) === index)
      return false;
    if (shard.kind !== "idempotency" && this.#reader.dirtyRows(shard).length > 0) return false;
    if (shard.kind === "episode" && this.#hasPendingTask(shard)) return false;
    this.#context.log({ event: "handover_stray", level: "warn", kind: shard.kind });
    return true;
  }

  #hasPendingTask({ namespace, id }: { namespace: string; id: string }): boolean {
    const text = "SELECT 1 AS n FROM pending_tasks WHERE namespace = ? AND id = ?";
    return this.#context.sql.all(text, namespace, id).length > 0;
  }

  /**
   * An ended episode that the database has in full: its new home reads it there when it is asked
   * for.
   */
  #isIdle(shard: Shard): boolean {
    if (shard.kind !== "episode") return false;
    const { sql } = this.#context;
    if (this.#reader.dirtyRows(shard).length > 0) return false;
    const { namespace, id } = shard;
    if (this.#hasPendingTask(shard)) return false;
    if (sql.all("SELECT 1 AS n FROM idempotency WHERE home = ? LIMIT 1", id).length > 0)
      return false;
    const [row] = sql.all<{ status: string }>(
      "SELECT status FROM episodes WHERE namespace = ? AND id = ?",
      namespace,
      id,
    );
    return row?.status !== "in_progress";
  }
}
