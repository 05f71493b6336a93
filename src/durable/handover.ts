/**
 * What moves when the number of instances changes. The new home of an episode or a namespace asks the old one for it
 * before it serves it; the old one keeps its copy until the new one has it; and what nobody asks for is offered by the
 * old home's alarm. A unit changes hands in three steps: release (a copy goes), adopt (the new home stores it),
 * confirm (the old home drops it). Each may be repeated.
 *
 * @module
 */

import { homeOf } from "../memory/rendezvous.ts";
import { TABLES, upsert, type Row, type SqlValue, type TableName } from "../storage/index.ts";
import type { Ground } from "./ground.ts";
import type { Knowledge } from "./knowledge/index.ts";
import type { Outbox } from "./outbox.ts";
import { Moved } from "./refused.ts";

/** What lives at one instance and moves as a whole. */
export type Unit =
  | { kind: "episode"; namespace: string; id: string }
  | { kind: "namespace"; namespace: string }
  /** The answers kept for repetitions of a request that names no episode. */
  | { kind: "idempotency"; home: string };

interface Carried {
  table: TableName;
  key: SqlValue[];
  /** null: deleted here, and the database has not heard yet. */
  row: SqlValue[] | null;
  unsent: boolean;
}

/** A part of a unit, as it goes from instance to instance. */
export interface Parcel {
  rows: Carried[];
  /** Rows of tables that only instances have. */
  local: { table: "errands" | "idempotency" | "knowledge_pending"; row: Row }[];
  /** Where the next part begins; null: this is the last. */
  next: number | null;
}

const OF_EPISODES: readonly TableName[] = ["episodes", "steps", "tombstones"];
const OF_NAMESPACES: readonly TableName[] = [
  "relationships",
  "recalls",
  "feedback",
  "digests",
  "patterns",
  "domains",
  "search_docs",
  "vectors",
];
/** Marks of one part, and characters of its rows. */
const PART_ROWS = 500;
const PART_CHARS = 4_000_000;
/** Units offered in one alarm. */
const OFFERED = 50;

const HANDOVER_SCHEMA: readonly string[] = [
  // What this instance took over in the running change.
  `CREATE TABLE IF NOT EXISTS claims (unit TEXT PRIMARY KEY, version INTEGER NOT NULL, stage TEXT NOT NULL) STRICT`,
];

/** The text whose hash says where a row lives; null: at the Coordinator. */
export function homeTextOf(table: TableName, key: readonly SqlValue[]): string | null {
  if (table === "api_keys") return null;
  return OF_EPISODES.includes(table) ? String(key[1]) : `ns:${String(key[0])}`;
}

function homeTextOfUnit(unit: Unit): string {
  return unit.kind === "episode" ? unit.id : unit.kind === "namespace" ? `ns:${unit.namespace}` : unit.home;
}

export class Handover {
  readonly #ground: Ground;
  readonly #outbox: Outbox;
  readonly #knowledge: Knowledge;
  readonly #settled: (version: number) => Promise<void>;
  readonly #claiming = new Map<string, Promise<void>>();
  #done = 0;

  /** @param settled tells the Coordinator that nothing of an earlier topology is left here */
  constructor(ground: Ground, outbox: Outbox, knowledge: Knowledge, settled: (version: number) => Promise<void>) {
    this.#ground = ground;
    this.#outbox = outbox;
    this.#knowledge = knowledge;
    this.#settled = settled;
    for (const statement of HANDOVER_SCHEMA) ground.sql.run(statement);
  }

  /** Makes sure that the unit is here, if this is its home. Throws when its old home is out of reach. */
  async claim(unit: Unit): Promise<void> {
    const { topology } = this.#ground.control();
    const before = this.#oldHome(unit);
    if (before === null) return;
    const name = JSON.stringify(unit);
    if (this.#stage(name, topology.version) === "done") return;
    let claiming = this.#claiming.get(name);
    if (!claiming) {
      claiming = this.#take(unit, before, topology.version).finally(() => this.#claiming.delete(name));
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
  release(unit: Unit, after: number): Parcel {
    const { sql } = this.#ground;
    const home = homeTextOfUnit(unit);
    const local: Parcel["local"] = [];
    const add = (table: Parcel["local"][number]["table"], text: string, ...args: SqlValue[]): void => {
      for (const row of sql.all(text, ...args)) local.push({ table, row });
    };
    if (after === 0) {
      add("idempotency", "SELECT * FROM idempotency WHERE home = ?", home);
      if (unit.kind === "episode") {
        add("errands", "SELECT * FROM errands WHERE namespace = ? AND id = ?", unit.namespace, unit.id);
      } else if (unit.kind === "namespace") {
        const text = "SELECT namespace, episode_id, body FROM knowledge_pending WHERE namespace = ? ORDER BY seq";
        add("knowledge_pending", text, unit.namespace);
      }
    }
    if (unit.kind === "idempotency") return { rows: [], local, next: null };
    const { marks, next } = this.#marks(unit, after);
    const rows = marks.map(({ table, key }): Carried => ({ table, key, row: this.#row(table, key), unsent: true }));
    if (unit.kind === "episode") rows.push(...this.#rest(unit, new Set(marks.map(({ text }) => text))));
    return { rows, local, next };
  }

  /** At the old home: the unit is at its new one. Returns the number of the last batch that may still carry it. */
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

  /** Offers some of what moved to its new homes. Throws when one of them is out of reach; called again later. */
  async offer(): Promise<void> {
    if (!this.isMoving()) return;
    const { topology } = this.#ground.control();
    const { index, count } = this.#ground.place();
    const foreign = this.#units().filter((unit) => homeOf(homeTextOfUnit(unit), count) !== index);
    for (const unit of foreign.slice(0, OFFERED)) {
      if (this.#isIdle(unit) || this.#isStray(unit)) this.#ground.transaction(() => this.#forget(unit));
      else await this.#ground.ask(homeOf(homeTextOfUnit(unit), count), "claim", { unit });
    }
    if (foreign.length > 0) return;
    await this.#settled(topology.version);
    this.#done = topology.version;
    this.#ground.log({ event: "handover_settled", level: "info", topology: topology.version });
  }

  async #take(unit: Unit, from: number, version: number): Promise<void> {
    const { sql, transaction, ask } = this.#ground;
    const name = JSON.stringify(unit);
    // Once adopted it is never dropped again: the old home may have been told, and have nothing left.
    if (this.#stage(name, version) !== "adopted") {
      // What is left here of an earlier time as its home is older than what comes.
      transaction(() => this.#forget(unit));
      let after: number | null = 0;
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
      this.#outbox.fenceOff(`instance-${from}`, last);
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
    const byTable = Map.groupBy(parcel.rows, ({ table }) => table);
    for (const [table, carried] of byTable) {
      const rows = carried.flatMap(({ row }) => (row ? [row] : []));
      if (rows.length > 0) {
        const { sql: text, args } = upsert(table, rows);
        sql.run(text, ...args);
      }
      for (const { key, unsent } of carried) if (unsent) this.#outbox.mark(table, key);
    }
    for (const { table, row } of parcel.local) {
      const columns = Object.keys(row);
      sql.run(
        `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
        ...Object.values(row),
      );
    }
    if (unit.kind === "episode") {
      sql.run(
        `INSERT OR REPLACE INTO cached (namespace, id, used_at, loaded_at, bytes)
          SELECT namespace, id, ?, ?, length(CAST(body AS BLOB)) + coalesce((SELECT sum(length(CAST(s.body AS BLOB)))
            FROM steps s WHERE s.namespace = e.namespace AND s.episode_id = e.id), 0)
          FROM episodes e WHERE namespace = ? AND id = ?`,
        now(),
        now(),
        unit.namespace,
        unit.id,
      );
    } else if (unit.kind === "namespace") this.#knowledge.adopted(unit.namespace, parcel.rows);
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
    } else if (unit.kind === "namespace") {
      for (const table of [...OF_NAMESPACES, "relationships_loaded"]) {
        sql.run(`DELETE FROM ${table} WHERE namespace = ?`, unit.namespace);
      }
      this.#knowledge.erase(unit.namespace);
    }
    for (const { table, text } of unit.kind === "idempotency" ? [] : this.#marks(unit, 0, true).marks) {
      this.#outbox.unmark(table, text);
    }
  }

  /** Rows of a unit that are unsent, parked ones included, from this place in the outbox on. */
  #marks(
    unit: Exclude<Unit, { kind: "idempotency" }>,
    after: number,
    all = false,
  ): { marks: { table: TableName; key: SqlValue[]; text: string }[]; next: number | null } {
    const { sql } = this.#ground;
    // Keys are JSON arrays; those that begin alike are a range. A digit or a quote follows the comma.
    const begin = JSON.stringify(unit.kind === "episode" ? [unit.namespace, unit.id] : [unit.namespace]).slice(0, -1);
    const tables = unit.kind === "episode" ? OF_EPISODES : OF_NAMESPACES;
    const found = tables.flatMap((table) =>
      ["outbox", "dead_letters"].flatMap((source) =>
        sql.all<{ seq: number; table_name: TableName; key: string }>(
          `SELECT ${source === "outbox" ? "seq" : "0 AS seq"}, table_name, key FROM ${source}
            WHERE table_name = ? AND (key = ? OR (key >= ? AND key < ?))`,
          table,
          `${begin}]`,
          `${begin},`,
          `${begin}-`,
        ),
      ),
    );
    const ordered = found.filter(({ seq }) => seq > after || after === 0).sort((a, b) => a.seq - b.seq);
    const marks: { table: TableName; key: SqlValue[]; text: string }[] = [];
    let chars = 0;
    for (const { seq, table_name, key } of ordered) {
      const values = JSON.parse(key) as SqlValue[];
      marks.push({ table: table_name, key: values, text: key });
      if (all || unit.kind === "episode") continue;
      chars += JSON.stringify(this.#row(table_name, values)).length;
      if (seq > 0 && (marks.length >= PART_ROWS || chars >= PART_CHARS)) {
        return { marks, next: seq === ordered.at(-1)?.seq ? null : seq };
      }
    }
    return { marks, next: null };
  }

  /** The rows of an episode that the database has as well. */
  #rest({ namespace, id }: { namespace: string; id: string }, unsent: ReadonlySet<string>): Carried[] {
    const { sql } = this.#ground;
    const of = (table: "episodes" | "steps", where: string): Carried[] =>
      sql
        .all(`SELECT ${TABLES[table].columns.join(", ")} FROM ${table} WHERE ${where}`, namespace, id)
        .map((row): Carried => {
          const values = TABLES[table].columns.map((column) => row[column] ?? null);
          return { table, key: values.slice(0, TABLES[table].key), row: values, unsent: false };
        })
        .filter(({ key }) => !unsent.has(JSON.stringify(key)));
    return [
      ...of("episodes", "namespace = ? AND id = ?"),
      ...of("steps", "namespace = ? AND episode_id = ? ORDER BY number"),
    ];
  }

  #row(table: TableName, key: readonly SqlValue[]): SqlValue[] | null {
    const { columns, key: width } = TABLES[table];
    const where = columns.slice(0, width).map((column) => `${column} = ?`);
    const [row] = this.#ground.sql.all(
      `SELECT ${columns.join(", ")} FROM ${table} WHERE ${where.join(" AND ")}`,
      ...key,
    );
    return row ? columns.map((column) => row[column] ?? null) : null;
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
    const answers = sql.all<{ home: string }>("SELECT DISTINCT home FROM idempotency WHERE home GLOB 'idem:*'");
    return [
      ...episodes.map(({ namespace, id }): Unit => ({ kind: "episode", namespace, id })),
      ...namespaces.map(({ namespace }): Unit => ({ kind: "namespace", namespace })),
      ...answers.map(({ home }): Unit => ({ kind: "idempotency", home })),
    ];
  }

  /**
   * What did not live here before the change either, with nothing unsent: its new home does not ask here for it, so
   * that a change would wait for it for ever.
   */
  #isStray(unit: Unit): boolean {
    const { topology } = this.#ground.control();
    const { index } = this.#ground.place();
    if (topology.previous === null || homeOf(homeTextOfUnit(unit), topology.previous) === index) return false;
    if (unit.kind !== "idempotency" && this.#marks(unit, 0).marks.length > 0) return false;
    if (unit.kind === "episode" && this.#hasErrand(unit)) return false;
    this.#ground.log({ event: "handover_stray", level: "warn", kind: unit.kind });
    return true;
  }

  #hasErrand({ namespace, id }: { namespace: string; id: string }): boolean {
    const text = "SELECT 1 AS n FROM errands WHERE namespace = ? AND id = ?";
    return this.#ground.sql.all(text, namespace, id).length > 0;
  }

  /** An ended episode that the database has in full: its new home reads it there when it is asked for. */
  #isIdle(unit: Unit): boolean {
    if (unit.kind !== "episode") return false;
    const { sql } = this.#ground;
    if (this.#marks(unit, 0).marks.length > 0) return false;
    const { namespace, id } = unit;
    if (this.#hasErrand(unit)) return false;
    if (sql.all("SELECT 1 AS n FROM idempotency WHERE home = ? LIMIT 1", id).length > 0) return false;
    const [row] = sql.all<{ status: string }>(
      "SELECT status FROM episodes WHERE namespace = ? AND id = ?",
      namespace,
      id,
    );
    return row?.status !== "in_progress";
  }
}
