/**
 * What moves between instances, shard by shard, and how a shard is read at its old home: part by part,
 * each bounded in bytes, what the database has not seen first. A shard is as it was when its first
 * part was read: it is no longer changed there, and what is sent to the database meanwhile may come
 * twice, which does no harm.
 *
 * @module
 */

import {
  bytesOfValues,
  TABLES,
  takeSlice,
  type LocalSql,
  type Row,
  type SqlValue,
  type TableName,
} from "../../../storage/index.ts";
import {
  type Carried,
  type LocalName,
  type Shard,
  type ShardSlice,
  type ShardCursor,
  homeTextOfShard,
  OF_NAMESPACES,
  OF_EPISODES,
} from "../../shared/placement.ts";

/** Makes a rowid negative, and exact in JavaScript. */
const ABOVE_ROWIDS = 2 ** 52;
/** The number of an unsent row. */
const NUMBER = { outbox: "seq", dead_letters: `(rowid - ${ABOVE_ROWIDS})` } as const;
/** Rows of one part. */
const PART_ROWS = 500;
export class ShardReader {
  readonly #sql: LocalSql;
  readonly #isMarked: (table: TableName, key: readonly SqlValue[]) => boolean;

  /** @param isMarked whether the database has not seen the row as it is */
  constructor(sql: LocalSql, isMarked: (table: TableName, key: readonly SqlValue[]) => boolean) {
    this.#sql = sql;
    this.#isMarked = isMarked;
  }

  /** A part of what is here of the shard. */
  read(shard: Shard, after: ShardCursor): ShardSlice {
    const { stage, table, after: place } = cursorOf(after);
    if (shard.kind === "idempotency" || stage === "local")
      return this.#localPart(shard, table, place);
    if (stage === "unsent") return this.#unsentPart(shard, place);
    return shard.kind === "episode" ? this.#storedPart(shard, place) : this.#localPart(shard, 0, 0);
  }

  /** Rows that the database has not seen, behind a number, as many as fit. */
  #unsentPart(shard: Exclude<Shard, { kind: "idempotency" }>, after: number): ShardSlice {
    const marks = this.dirtyRows(shard, after, PART_ROWS + 1);
    const loaded = function* (
      rowOf: (table: TableName, key: readonly SqlValue[]) => SqlValue[] | null,
    ) {
      for (const mark of marks) yield { ...mark, row: rowOf(mark.table, mark.key) };
    };
    const { rows: found, more } = takeSlice(loaded(this.#rowOf), { rows: PART_ROWS }, ({ row }) =>
      bytesOfValues(row ?? []),
    );
    const rows = found.map(({ table, key, row }): Carried => ({ table, key, row, unsent: true }));
    const next: ShardCursor = more
      ? { stage: "unsent", table: 0, after: found.at(-1)?.seq ?? after }
      : {
          stage: shard.kind === "episode" ? "stored" : "local",
          table: 0,
          after: shard.kind === "episode" ? -1 : 0,
        };
    return { rows, local: [], next };
  }

  /**
   * An episode and its steps that the database has, behind the number of a step; −1: from the
   * episode itself on.
   */
  #storedPart({ namespace, id }: { namespace: string; id: string }, after: number): ShardSlice {
    const rows: Carried[] = [];
    const add = (table: "episodes" | "steps", values: SqlValue[]): void => {
      const key = values.slice(0, TABLES[table].key);
      // What is unsent went before, and nothing becomes unsent here any more.
      if (!this.#isMarked(table, key)) rows.push({ table, key, row: values, unsent: false });
    };
    if (after < 0) {
      const episode = this.#rowOf("episodes", [namespace, id]);
      if (episode) add("episodes", episode);
    }
    const { columns } = TABLES.steps;
    const found = this.#sql.each(
      `SELECT ${columns.join(", ")} FROM steps WHERE namespace = ? AND episode_id = ? AND number > ? ORDER BY number`,
      namespace,
      id,
      after,
    );
    const { rows: steps, more } = takeSlice(found, { rows: PART_ROWS });
    for (const step of steps)
      add(
        "steps",
        columns.map((column) => step[column] ?? null),
      );
    const last = Number(steps.at(-1)?.["number"] ?? after);
    return {
      rows,
      local: [],
      next: more
        ? { stage: "stored", table: 0, after: last }
        : { stage: "local", table: 0, after: 0 },
    };
  }

  /** Rows of a shard that only instances have, as many as fit. */
  #localPart(shard: Shard, first: number, after: number): ShardSlice {
    const queries = localQueries(shard);
    for (const [table, { name, columns, where, args }] of queries.entries()) {
      if (table < first) continue;
      const found = this.#sql.each<Row & { _rowid: number }>(
        `SELECT rowid AS _rowid, ${columns} FROM ${name} WHERE ${where} AND rowid > ? ORDER BY rowid`,
        ...args,
        table === first ? after : 0,
      );
      const { rows, more } = takeSlice(found, { rows: PART_ROWS });
      const local = rows.map(({ _rowid, ...row }) => ({ table: name, row }));
      const last = rows.at(-1)?._rowid ?? 0;
      if (more) return { rows: [], local, next: { stage: "local", table, after: last } };
      if (table + 1 === queries.length) return { rows: [], local, next: null };
      if (local.length > 0)
        return { rows: [], local, next: { stage: "local", table: table + 1, after: 0 } };
    }
    return { rows: [], local: [], next: null };
  }

  /**
   * What is unsent of a shard, in the order of the outbox; what is set aside comes before it, with
   * negative numbers.
   *
   * @param after only those behind this number @param most of them, the first ones
   */
  dirtyRows(
    shard: Exclude<Shard, { kind: "idempotency" }>,
    after = Number.MIN_SAFE_INTEGER,
    most = Number.MAX_SAFE_INTEGER,
  ): { table: TableName; key: SqlValue[]; text: string; seq: number }[] {
    const sql = this.#sql;
    // Keys are JSON arrays; those that begin alike are a range. A digit or a quote follows the
    // comma.
    const begin = JSON.stringify(
      shard.kind === "episode" ? [shard.namespace, shard.id] : [shard.namespace],
    ).slice(0, -1);
    const tables = shard.kind === "episode" ? OF_EPISODES : OF_NAMESPACES;
    const found = tables.flatMap((table) =>
      (["outbox", "dead_letters"] as const).flatMap((source) =>
        sql.all<{ seq: number; table_name: TableName; key: string }>(
          `SELECT ${NUMBER[source]} AS seq, table_name, key FROM ${source}
            WHERE table_name = ? AND (key = ? OR (key >= ? AND key < ?)) AND ${NUMBER[source]} > ?
            ORDER BY ${NUMBER[source]} LIMIT ?`,
          table,
          `${begin}]`,
          `${begin},`,
          `${begin}-`,
          after,
          most,
        ),
      ),
    );
    return found
      .sort((a, b) => a.seq - b.seq)
      .slice(0, most)
      .map(({ seq, table_name, key }) => ({
        table: table_name,
        key: JSON.parse(key) as SqlValue[],
        text: key,
        seq,
      }));
  }

  readonly #rowOf = (table: TableName, key: readonly SqlValue[]): SqlValue[] | null => {
    const { columns } = TABLES[table];
    const [row] = this.#sql.all(
      `SELECT ${columns.join(", ")} FROM ${table} WHERE ${keyIs(table)}`,
      ...key,
    );
    return row ? columns.map((column) => row[column] ?? null) : null;
  };
}

export function keyIs(table: TableName): string {
  const { columns, key } = TABLES[table];
  return columns
    .slice(0, key)
    .map((column) => `${column} = ?`)
    .join(" AND ");
}

/** Where a part begins, as it is said here. */
function cursorOf(after: ShardCursor): Exclude<ShardCursor, number> {
  if (typeof after !== "number") return after;
  return { stage: "unsent", table: 0, after: after === 0 ? Number.MIN_SAFE_INTEGER : after };
}

/** What only instances have of a shard. */
function localQueries(
  shard: Shard,
): { name: LocalName; columns: string; where: string; args: SqlValue[] }[] {
  const answers = {
    name: "idempotency",
    columns: "*",
    where: "home = ?",
    args: [homeTextOfShard(shard)],
  } as const;
  if (shard.kind === "idempotency") return [{ ...answers, args: [...answers.args] }];
  const own: { name: LocalName; columns: string; where: string; args: SqlValue[] } =
    shard.kind === "episode"
      ? {
          name: "pending_tasks",
          columns: "*",
          where: "namespace = ? AND id = ?",
          args: [shard.namespace, shard.id],
        }
      : {
          name: "knowledge_pending",
          // Its own numbers would be another row's there.
          columns: "namespace, episode_id, body",
          where: "namespace = ?",
          args: [shard.namespace],
        };
  return [{ ...answers, args: [...answers.args] }, own];
}
