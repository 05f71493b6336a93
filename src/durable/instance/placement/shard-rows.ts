/**
 * The rows of a shard in this instance's own storage, whichever tables have them: read in slices,
 * each bounded in bytes, what the database has not seen first; stored; dropped; and which shards
 * there are. Which table belongs to which shard is a column of `TABLES` and `INSTANCE_TABLES`.
 *
 * A shard is as it was when its first slice was read: it is no longer changed there, and what is
 * sent to the database meanwhile may come twice, which does no harm.
 *
 * @module
 */

import {
  bytesOfValues,
  keyColumns,
  keyCondition,
  TABLES,
  takeSlice,
  upsertRow,
  valuesOf,
  type LocalSql,
  type Row,
  type SqlValue,
  type TableName,
} from "../../../storage/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { unsentRows, unsentShards } from "../../outbox/unsent.ts";
import {
  homeTextOfShard,
  tablesOfShards,
  type MovedRow,
  type RowShard,
  type Shard,
  type ShardCursor,
  type ShardSlice,
} from "../../shared/instance/placement.ts";
import {
  INSTANCE_TABLES,
  instanceTables,
  type InstanceTable,
  type InstanceTableName,
  type MovingTableName,
} from "../../shared/tables/instance-tables.ts";
import type { EpisodeRows } from "../episodes/store/episode-rows.ts";

/** Rows of one slice. */
const SLICE_ROWS = 500;
/** Where a shard begins. */
const FIRST: ShardCursor = { stage: "unsent", table: 0, after: Number.MIN_SAFE_INTEGER };
/** The text of a home that an answer has by itself, beside any episode or namespace. */
const ANSWERS_OF_NO_EPISODE = "home GLOB 'idem:*'";

export interface ShardRowsDeps {
  sql: LocalSql;
  outbox: Pick<Outbox, "isDirty" | "markDirty" | "clearDirty">;
  episodes: EpisodeRows;
}

export class ShardRows {
  readonly #sql: LocalSql;
  readonly #deps: ShardRowsDeps;

  constructor(deps: ShardRowsDeps) {
    this.#sql = deps.sql;
    this.#deps = deps;
  }

  /** A slice of what is here of the shard. @param after null: the first */
  read(shard: Shard, after: ShardCursor | null): ShardSlice {
    const cursor = after ?? FIRST;
    // It was dropped between two slices, as soon as the database had it.
    if (after && !this.#isAnyHere(shard)) return { rows: [], local: [], next: null, isGone: true };
    if (cursor.stage === "local") return this.#localSlice(shard, cursor);
    if (shard.kind === "idempotency") return this.#localSlice(shard, beginOf("local"));
    if (cursor.stage === "unsent") return this.#unsentSlice(shard, cursor.after);
    return shard.kind === "episode"
      ? this.#storedSlice(shard, cursor.after)
      : this.#localSlice(shard, beginOf("local"));
  }

  /** Stores a slice as it was read at another instance; in a transaction. */
  store({ rows, local }: ShardSlice): void {
    for (const { table, key, row, isUnsent } of rows) {
      if (row) this.#sql.run(upsertRow(table), ...row);
      // Deleted at the old home, and the database has not heard yet.
      else this.#sql.run(`DELETE FROM ${table} WHERE ${keyCondition(table)}`, ...key);
      if (isUnsent) this.#deps.outbox.markDirty(table, key);
    }
    for (const { table, row } of local) {
      const columns = INSTANCE_TABLES[table].moves;
      this.#sql.run(
        `INSERT OR REPLACE INTO ${table} (${columns.join(", ")})
          VALUES (${columns.map(() => "?").join(", ")})`,
        ...columns.map((column) => row[column] ?? null),
      );
    }
  }

  /** Drops what is here of the shard; in a transaction. */
  drop(shard: Shard): void {
    if (shard.kind !== "idempotency") {
      for (const table of tablesOfShards(shard.kind)) {
        const { where, args } = whereKey(table, shard);
        this.#sql.run(`DELETE FROM ${table} WHERE ${where}`, ...args);
      }
      for (const { table, text } of unsentRows(this.#sql, shard))
        this.#deps.outbox.clearDirty(table, text);
    }
    for (const { table, where, args } of localRowsOf(shard))
      this.#sql.run(`DELETE FROM ${table} WHERE ${where}`, ...args);
  }

  /** Whether something of the shard is unsent. */
  isUnsent(shard: RowShard): boolean {
    return unsentRows(this.#sql, shard).length > 0;
  }

  #isAnyHere(shard: Shard): boolean {
    const stored =
      shard.kind === "idempotency"
        ? []
        : tablesOfShards(shard.kind).map((table) => ({ table, ...whereKey(table, shard) }));
    const local = localRowsOf(shard).filter(({ moves }) => moves !== null);
    return [...stored, ...local].some(
      ({ table, where, args }) =>
        this.#sql.all(`SELECT 1 AS n FROM ${table} WHERE ${where} LIMIT 1`, ...args).length > 0,
    );
  }

  /** Every shard that is here, each once. */
  shards(): Shard[] {
    const found = new Map<string, Shard>();
    const add = (shard: Shard): void => void found.set(JSON.stringify(shard), shard);
    const pairs = (table: string): { namespace: string; id: string }[] =>
      this.#sql.all(`SELECT DISTINCT namespace, id FROM ${table}`);
    const names = (table: string): { namespace: string }[] =>
      this.#sql.all(`SELECT DISTINCT namespace FROM ${table}`);

    for (const table of ["episodes", ...offered("episode")])
      for (const { namespace, id } of pairs(table)) add({ kind: "episode", namespace, id });
    for (const table of offered("namespace"))
      for (const { namespace } of names(table)) add({ kind: "namespace", namespace });
    for (const shard of unsentShards(this.#sql)) add(shard);
    for (const table of offered("answer")) {
      const text = `SELECT DISTINCT home FROM ${table} WHERE ${ANSWERS_OF_NO_EPISODE}`;
      for (const { home } of this.#sql.all<{ home: string }>(text))
        add({ kind: "idempotency", home });
    }
    return [...found.values()];
  }

  /** Rows that the database has not seen, behind a number, as many as fit. */
  #unsentSlice(shard: RowShard, after: number): ShardSlice {
    const named = unsentRows(this.#sql, shard, after, SLICE_ROWS + 1);
    const loaded = function* (rowOf: (table: TableName, key: SqlValue[]) => SqlValue[] | null) {
      for (const dirty of named) yield { ...dirty, row: rowOf(dirty.table, dirty.key) };
    };
    const slice = takeSlice(loaded(this.#rowOf), { rows: SLICE_ROWS }, ({ row }) =>
      bytesOfValues(row ?? []),
    );
    const rows = slice.rows.map(({ table, key, row }): MovedRow => ({
      table,
      key,
      row,
      isUnsent: true,
    }));
    const last = slice.rows.at(-1)?.seq ?? after;
    const next = beginOf(shard.kind === "episode" ? "stored" : "local");
    return { rows, local: [], next: slice.more ? { ...FIRST, after: last } : next };
  }

  /**
   * An episode and its steps, behind the number of a step; below 0: from the episode itself on.
   * Steps that are unsent by the episode's watermark are among them.
   */
  #storedSlice({ namespace, id }: { namespace: string; id: string }, after: number): ShardSlice {
    const rows: MovedRow[] = [];
    const { outbox } = this.#deps;
    const shard: RowShard = { kind: "episode", namespace, id };
    // What is named went before, and nothing becomes unsent here any more.
    const named = new Set(unsentRows(this.#sql, shard).map(({ table, text }) => table + text));
    const add = (table: "episodes" | "steps", row: SqlValue[]): void => {
      const key = row.slice(0, TABLES[table].key);
      if (!named.has(table + JSON.stringify(key)))
        rows.push({ table, key, row, isUnsent: outbox.isDirty(table, key) });
    };
    const episode = after < 0 ? this.#deps.episodes.episodeValues(namespace, id) : null;
    if (episode) add("episodes", episode);

    const found = this.#deps.episodes.stepValues(namespace, id, after);
    const slice = takeSlice(found, { rows: SLICE_ROWS }, bytesOfValues);
    for (const step of slice.rows) add("steps", step);
    const last = Number(slice.rows.at(-1)?.[STEP_NUMBER] ?? after);
    const next: ShardCursor = slice.more
      ? { stage: "stored", table: 0, after: last }
      : beginOf("local");
    return { rows, local: [], next };
  }

  /** Rows of a shard that only instances have, as many as fit. */
  #localSlice(shard: Shard, { table: first, after }: ShardCursor): ShardSlice {
    const moving = localRowsOf(shard).flatMap(({ table, moves, ...rest }) =>
      moves === null ? [] : [{ ...rest, table: table as MovingTableName, moves }],
    );
    for (const [at, { table, moves, where, args }] of moving.entries()) {
      if (at < first) continue;
      const found = this.#sql.each<Row & { _rowid: number }>(
        `SELECT rowid AS _rowid, ${moves.join(", ")} FROM ${table} WHERE ${where} AND rowid > ?
          ORDER BY rowid`,
        ...args,
        at === first ? after : 0,
      );
      const { rows, more } = takeSlice(found, { rows: SLICE_ROWS });
      const local = rows.map(({ _rowid, ...row }) => ({ table, row }));
      const last = rows.at(-1)?._rowid ?? 0;
      if (more) return { rows: [], local, next: { stage: "local", table: at, after: last } };
      if (at + 1 === moving.length) return { rows: [], local, next: null };
      if (local.length > 0)
        return { rows: [], local, next: { stage: "local", table: at + 1, after: 0 } };
    }
    return { rows: [], local: [], next: null };
  }

  readonly #rowOf = (table: TableName, key: readonly SqlValue[]): SqlValue[] | null => {
    const columns = TABLES[table].columns.join(", ");
    const [row] = this.#sql.all(
      `SELECT ${columns} FROM ${table} WHERE ${keyCondition(table)}`,
      ...key,
    );
    return row ? valuesOf(table, row) : null;
  };
}

const STEP_NUMBER = TABLES.steps.columns.indexOf("number");

function beginOf(stage: "stored" | "local"): ShardCursor {
  return { stage, table: 0, after: stage === "stored" ? -1 : 0 };
}

/** What the keys of a shard's rows begin with. */
function wholeKey(shard: RowShard): SqlValue[] {
  return shard.kind === "episode" ? [shard.namespace, shard.id] : [shard.namespace];
}

/** Which rows of a table that the database shares are a shard's. */
function whereKey(table: TableName, shard: RowShard): { where: string; args: SqlValue[] } {
  const args = wholeKey(shard);
  const columns = keyColumns(table).slice(0, args.length);
  return { where: columns.map((column) => `${column} = ?`).join(" AND "), args };
}

function offered(kind: InstanceTable["of"]): InstanceTableName[] {
  return instanceTables(({ of, isOffered }) => isOffered && of === kind);
}

/** The rows of a shard that only instances have: in which tables, and which rows of those. */
function localRowsOf(shard: Shard): {
  table: InstanceTableName;
  moves: readonly string[] | null;
  where: string;
  args: SqlValue[];
}[] {
  return instanceTables(({ of }) => of === "answer" || of === shard.kind).map((table) => {
    const { of, moves }: InstanceTable = INSTANCE_TABLES[table];
    if (of === "answer" || shard.kind === "idempotency")
      return { table, moves, where: "home = ?", args: [homeTextOfShard(shard)] };
    const where = of === "episode" ? "namespace = ? AND id = ?" : "namespace = ?";
    return { table, moves, where, args: wholeKey(shard) };
  });
}
