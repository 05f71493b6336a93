/**
 * What moves when the number of instances changes. The new home of an episode or a namespace asks
 * the old one for it before it serves it; the old one keeps its copy until the new one has it; and
 * what nobody asks for is offered by the old home's alarm. A unit changes hands in three steps:
 * release (a copy goes, part by part, each bounded in bytes), adopt (the new home stores it),
 * confirm (the old home drops it). Each may be repeated. A unit that cannot be handed over waits,
 * longer each time, while the others go on.
 *
 * @module
 */

import { homeOf } from "../../../memory/rendezvous.ts";
import { upsertRow, type SqlValue, type TableName } from "../../../storage/index.ts";
import type { Ground } from "../context.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { keyIs, Parcels } from "./chunks.ts";
import { Moved } from "../../shared/refusals.ts";
import {
  type Unit,
  type Parcel,
  type ParcelCursor,
  homeTextOfUnit,
  OF_NAMESPACES,
} from "../../shared/placement.ts";
import { instanceName } from "../../shared/objects.ts";

/** Units offered in one alarm, and copies dropped that the database has in full. */
const OFFERED = 50;
const DROPPED = 500;
/** A unit that failed so many times in a row is named by readiness. */
const NAMED_AFTER = 3;
/** The wait after a unit's first failure, doubled with each, and the longest, ms. */
const WAIT_MIN_MS = 500;
const WAIT_MAX_MS = 30_000;

const HANDOVER_SCHEMA: readonly string[] = [
  // What this instance took over in the running change.
  `CREATE TABLE IF NOT EXISTS claims (unit TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT`,
];

export class Handover {
  readonly #ground: Ground;
  readonly #outbox: Outbox;
  readonly #knowledge: Knowledge;
  readonly #parcels: Parcels;
  readonly #settled: (version: number) => Promise<void>;
  readonly #claiming = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, { count: number; notBefore: number; error: string }>();
  /** What is still to be offered, each in its turn, and of which topology that is. */
  #queue: Unit[] = [];
  #queueOf = 0;
  #done = 0;

  /** @param settled tells the Coordinator that nothing of an earlier topology is left here */
  constructor(
    ground: Ground,
    outbox: Outbox,
    knowledge: Knowledge,
    settled: (version: number) => Promise<void>,
  ) {
    this.#ground = ground;
    this.#outbox = outbox;
    this.#knowledge = knowledge;
    this.#settled = settled;
    this.#parcels = new Parcels(ground.sql, (table, key) => outbox.isMarked(table, key));
    for (const statement of HANDOVER_SCHEMA) ground.sql.run(statement);
  }

  /**
   * Makes sure that the unit is here, if this is its home. Throws when its old home is out of
   * reach.
   */
  async claim(unit: Unit): Promise<void> {
    const { topology } = this.#ground.control();
    const before = this.#oldHome(unit);
    if (before === null) return;
    const name = JSON.stringify(unit);
    if (this.#stage(name, topology.version) === "done") return;
    let claiming = this.#claiming.get(name);
    if (!claiming) {
      claiming = this.#take(unit, before, topology.version).finally(() =>
        this.#claiming.delete(name),
      );
      this.#claiming.set(name, claiming);
    }
    await claiming;
  }

  /** A unit that begins here has nothing to claim. In the transaction that begins it. */
  begin(unit: Unit): void {
    if (this.#oldHome(unit) !== null)
      this.#reach(JSON.stringify(unit), this.#ground.control().topology.version, "done");
  }

  /** At the old home: a part of what is here of the unit. */
  release(unit: Unit, after: ParcelCursor): Parcel {
    return this.#parcels.release(unit, after);
  }

  /**
   * At the old home: the unit is at its new one. Returns the number of the last batch that may
   * still carry it.
   */
  confirm(unit: Unit): number {
    const { sql, transaction } = this.#ground;
    transaction(() => {
      this.#forget(unit);
      sql.run("DELETE FROM claims WHERE unit = ?", JSON.stringify(unit));
    });
    return this.#outbox.lastBatch();
  }

  /** Whether units of an earlier topology may still be here. */
  isMoving(): boolean {
    const { topology } = this.#ground.control();
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
      (unit) => this.#failures.get(JSON.stringify(unit))?.notBefore ?? 0,
    );
    return times.length === 0 ? 0 : Math.min(...times);
  }

  /**
   * Offers some of what moved to its new homes, each in its turn. What fails is offered again
   * later.
   */
  async offer(): Promise<void> {
    if (!this.isMoving()) return;
    const { topology } = this.#ground.control();
    const { index, count } = this.#ground.place();
    if (this.#queueOf !== topology.version) {
      this.#queue = [];
      this.#failures.clear();
      this.#queueOf = topology.version;
    }
    if (this.#queue.length === 0) {
      this.#queue = this.#units().filter((unit) => homeOf(homeTextOfUnit(unit), count) !== index);
    }
    if (this.#queue.length > 0) return this.#offerSome(topology.version);

    await this.#settled(topology.version);
    this.#done = topology.version;
    this.#ground.log({ event: "handover_settled", level: "info", topology: topology.version });
  }

  async #offerSome(version: number): Promise<void> {
    const { now, transaction, control, place } = this.#ground;
    let [offered, dropped] = [0, 0];
    for (
      let left = this.#queue.length;
      left > 0 && offered < OFFERED && dropped < DROPPED;
      left--
    ) {
      const unit = this.#queue.shift();
      // The number of instances changed again during a wait.
      if (!unit || control().topology.version !== version) return;
      const name = JSON.stringify(unit);
      if ((this.#failures.get(name)?.notBefore ?? 0) > now()) {
        this.#queue.push(unit);
      } else if (this.#isIdle(unit) || this.#isStray(unit)) {
        transaction(() => this.#forget(unit));
        dropped += 1;
      } else {
        offered += 1;
        try {
          await this.#ground.ask(homeOf(homeTextOfUnit(unit), place().count), "claim", { unit });
          this.#failures.delete(name);
        } catch (error) {
          this.#failed(name, unit.kind, error);
          this.#queue.push(unit);
        }
      }
    }
  }

  #failed(name: string, kind: Unit["kind"], error: unknown): void {
    const { now, log } = this.#ground;
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    const wait = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** Math.min(count - 1, 10));
    const reason = String(error);
    this.#failures.set(name, { count, notBefore: now() + wait, error: reason.slice(0, 300) });
    log({ event: "handover_failed", level: "warn", kind, failures: count, reason });
  }

  async #take(unit: Unit, from: number, version: number): Promise<void> {
    const { sql, transaction, ask } = this.#ground;
    const name = JSON.stringify(unit);
    // Once adopted it is never dropped again: the old home may have been told, and have nothing
    // left.
    if (this.#stage(name, version) !== "adopted") {
      // What is left here of an earlier time as its home is older than what comes.
      transaction(() => this.#forget(unit));
      let after: ParcelCursor | null = 0;
      while (after !== null) {
        const parcel: Parcel = await ask(from, "release", { unit, after });
        after = parcel.next;
        transaction(() => {
          // The number of instances changed again while the old home answered.
          if (this.#ground.control().topology.version !== version) throw new Moved(name);
          this.#adopt(unit, parcel);
          if (parcel.next === null) this.#reach(name, version, "adopted");
        });
      }
    }
    const last = await ask(from, "confirm", { unit });
    transaction(() => {
      this.#outbox.fenceOff(instanceName(from), last);
      this.#reach(name, version, "done");
      sql.run("DELETE FROM claims WHERE version < ?", version);
    });
  }

  /** The instance that the unit moves from to here in the running change; null: it does not. */
  #oldHome(unit: Unit): number | null {
    const { topology } = this.#ground.control();
    if (topology.previous === null) return null;
    const home = homeTextOfUnit(unit);
    const { index } = this.#ground.place();
    const before = homeOf(home, topology.previous);
    return before === index || homeOf(home, topology.count) !== index ? null : before;
  }

  #reach(unit: string, version: number, stage: "adopted" | "done"): void {
    const text = "INSERT OR REPLACE INTO claims (unit, version, stage) VALUES (?, ?, ?)";
    this.#ground.sql.run(text, unit, version, stage);
  }

  #stage(unit: string, version: number): string | null {
    const [row] = this.#ground.sql.all<{ stage: string }>(
      "SELECT stage FROM claims WHERE unit = ? AND version = ?",
      unit,
      version,
    );
    return row?.stage ?? null;
  }

  #adopt(unit: Unit, parcel: Parcel): void {
    const { sql, now } = this.#ground;
    for (const { table, key, row, unsent } of parcel.rows) {
      if (row) sql.run(upsertRow(table), ...row);
      else this.#drop(table, key);
      if (unsent) this.#outbox.mark(table, key);
    }
    for (const { table, row } of parcel.local) {
      const columns = Object.keys(row);
      sql.run(
        `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
        ...Object.values(row),
      );
    }
    if (unit.kind === "namespace") this.#knowledge.adopted(unit.namespace, parcel.rows);
    // An episode counts as being here when all of it is.
    if (unit.kind === "episode" && parcel.next === null) {
      sql.run(
        `INSERT OR REPLACE INTO cached (namespace, id, used_at, loaded_at, bytes)
          SELECT namespace, id, ?, ?, octet_length(body) + coalesce((SELECT sum(octet_length(s.body))
            FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id), 0)
          FROM episodes e WHERE namespace = ? AND id = ?`,
        now(),
        now(),
        unit.namespace,
        unit.id,
      );
    }
  }

  /** Drops what is here of a unit; in a transaction. */
  #forget(unit: Unit): void {
    const { sql } = this.#ground;
    sql.run("DELETE FROM idempotency WHERE home = ?", homeTextOfUnit(unit));
    if (unit.kind === "episode") {
      const { namespace, id } = unit;
      sql.run("DELETE FROM episodes WHERE namespace = ? AND id = ?", namespace, id);
      for (const table of ["steps", "tombstones"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ? AND episode_id = ?`, namespace, id);
      }
      for (const table of ["cached", "errands"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ? AND id = ?`, namespace, id);
      }
      sql.run(
        "DELETE FROM task_failures WHERE kind <> 'absorb' AND namespace = ? AND id = ?",
        namespace,
        id,
      );
    } else if (unit.kind === "namespace") {
      for (const table of [...OF_NAMESPACES, "relationships_loaded"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ?`, unit.namespace);
      }
      this.#knowledge.erase(unit.namespace);
    }
    for (const { table, text } of unit.kind === "idempotency" ? [] : this.#parcels.marks(unit)) {
      this.#outbox.unmark(table, text);
    }
  }

  /** Deleted at the old home, and the database has not heard yet. */
  #drop(table: TableName, key: readonly SqlValue[]): void {
    this.#ground.sql.run(`DELETE FROM ${table} WHERE ${keyIs(table)}`, ...key);
  }

  /** Everything that is here, as units. */
  #units(): Unit[] {
    const { sql } = this.#ground;
    const episodes = sql.all<{ namespace: string; id: string }>(
      `SELECT namespace, id FROM episodes
        UNION SELECT json_extract(key, '$[0]'), json_extract(key, '$[1]') FROM outbox
          WHERE table_name IN ('episodes', 'steps', 'tombstones')
        UNION SELECT json_extract(key, '$[0]'), json_extract(key, '$[1]') FROM dead_letters
          WHERE table_name IN ('episodes', 'steps', 'tombstones')
        UNION SELECT namespace, id FROM errands`,
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
      ...episodes.map(({ namespace, id }): Unit => ({ kind: "episode", namespace, id })),
      ...namespaces.map(({ namespace }): Unit => ({ kind: "namespace", namespace })),
      ...answers.map(({ home }): Unit => ({ kind: "idempotency", home })),
    ];
  }

  /**
   * What did not live here before the change either, with nothing unsent: its new home does not ask
   * here for it, so that a change would wait for it for ever.
   */
  #isStray(unit: Unit): boolean {
    const { topology } = this.#ground.control();
    const { index } = this.#ground.place();
    if (topology.previous === null || homeOf(homeTextOfUnit(unit), topology.previous) === index)
      return false;
    if (unit.kind !== "idempotency" && this.#parcels.marks(unit).length > 0) return false;
    if (unit.kind === "episode" && this.#hasErrand(unit)) return false;
    this.#ground.log({ event: "handover_stray", level: "warn", kind: unit.kind });
    return true;
  }

  #hasErrand({ namespace, id }: { namespace: string; id: string }): boolean {
    const text = "SELECT 1 AS n FROM errands WHERE namespace = ? AND id = ?";
    return this.#ground.sql.all(text, namespace, id).length > 0;
  }

  /**
   * An ended episode that the database has in full: its new home reads it there when it is asked
   * for.
   */
  #isIdle(unit: Unit): boolean {
    if (unit.kind !== "episode") return false;
    const { sql } = this.#ground;
    if (this.#parcels.marks(unit).length > 0) return false;
    const { namespace, id } = unit;
    if (this.#hasErrand(unit)) return false;
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
