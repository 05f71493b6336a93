/**
 * Rows of a namespace that its home holds, beside those that a database which is being restored has
 * of it: relationships, and what the home knows. The home's rows come in; what the database has
 * beside them is learned by the home where it can be, and removed where it is derived.
 *
 * @module
 */

import type { HeldTable } from "../../durable/shared/instance/holdings.ts";
import { remove, TABLES, upsertChanged, type SqlValue, type Table } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";
import type { HeldSteps, Key, Write } from "./held-steps.ts";
import { type LearnedTable, learnRows } from "./relearn.ts";

/** Which of two rows is the newer one. */
const NEWER: Partial<Record<HeldTable, string>> = { digests: "version", feedback: "updated_at" };
/** Keys of the database that are compared at once. */
const KEYS_AT_ONCE = 2_000;
/** Rows of the database that are handed to a home at once: a digest may have megabytes. */
const LEARNED_AT_ONCE = 4;

/** A page of a table of a namespace. */
export interface TablePage {
  instance: number;
  namespace: string;
  table: HeldTable;
  after: Key;
}

/** Rows that came in, rows that the home learned, and where the next page begins. */
export interface TablePageResult {
  rows: number;
  learned: number;
  next: Key;
}

/** One page: the home's rows come in, and what the database has between them is dealt with. */
export async function bringInTable(
  context: JobContext,
  held: HeldSteps,
  page: TablePage,
  write: Write,
): Promise<TablePageResult> {
  const { instance, namespace, table, after } = page;
  const { key } = TABLES[table];
  const { columns }: Table = TABLES[table];
  const newer = NEWER[table];
  const input = { table, namespace, after, onlySent: false };
  const { rows, next } = await held.ask(instance, "rows", input);
  const text = (row: readonly SqlValue[]): string => JSON.stringify(row.slice(0, key));
  const own = new Map(
    rows.map((row) => [text(row), newer === undefined ? 0 : Number(row[columns.indexOf(newer)])]),
  );

  let learned = 0;
  for await (const stored of storedKeys(context, page, next)) {
    const beside = stored.filter((row) => {
      const mine = own.get(text(row));
      return mine === undefined || (newer !== undefined && Number(row[key]) > mine);
    });
    // Of a row that is newer there the home hears; its own must not take its place meanwhile.
    for (const row of beside) own.delete(text(row));
    const keys = beside.map((row) => row.slice(0, key));
    learned += await dealWith(context, page, keys, write);
  }
  const fresh = rows.filter((row) => own.has(text(row)));
  if (fresh.length > 0) await write([upsertChanged(table, fresh)]);
  return { rows: fresh.length, learned, next };
}

/** Keys of a namespace that the database has in a page, and which version, in pages of its own. */
async function* storedKeys(
  context: JobContext,
  { table, namespace, after }: TablePage,
  through: Key,
): AsyncGenerator<SqlValue[][]> {
  const { columns, key } = TABLES[table];
  const keys = columns.slice(0, key);
  const newer = NEWER[table];
  const selected = [...keys, ...(newer === undefined ? [] : [newer])];
  const tuple = `(${keys.join(", ")})`;
  const given = `(${keys.map(() => "?").join(", ")})`;
  let from = after;
  for (;;) {
    const rows = await context.database.all(
      `SELECT ${selected.join(", ")} FROM ${table} WHERE namespace = ?
        AND ${from ? `${tuple} > ${given}` : "1"} AND ${through ? `${tuple} <= ${given}` : "1"}
        ORDER BY ${keys.join(", ")} LIMIT ?`,
      namespace,
      ...(from ?? []),
      ...(through ?? []),
      KEYS_AT_ONCE,
    );
    const page = rows.map((row) => selected.map((name) => row[name] ?? null));
    if (page.length > 0) yield page;
    if (page.length < KEYS_AT_ONCE) return;
    from = page.at(-1)?.slice(0, key) ?? null;
  }
}

/**
 * What becomes of rows that the database has and the home has not: what can be learned is, the rest
 * is derived and goes. Answers with how many were learned.
 */
async function dealWith(
  context: JobContext,
  { table, namespace }: TablePage,
  keys: SqlValue[][],
  write: Write,
): Promise<number> {
  if (keys.length === 0 || table === "relationships" || table === "tombstones") return 0;
  if (table !== "digests" && table !== "recalls" && table !== "feedback") {
    await write([remove(table, keys)]);
    return 0;
  }
  const dead = table === "digests" ? await deadOf(context, namespace, keys) : new Set<SqlValue>();
  const isDead = ([, id]: SqlValue[]): boolean => dead.has(id ?? null);
  if (dead.size > 0) await write([remove(table, keys.filter(isDead))]);
  const living = keys.filter((key) => !isDead(key));
  for (let at = 0; at < living.length; at += LEARNED_AT_ONCE) {
    const rows = await readRows(context, table, living.slice(at, at + LEARNED_AT_ONCE));
    await learnRows(context, namespace, table, rows);
  }
  return living.length;
}

/** Ids of episodes that were deleted after the backup. */
async function deadOf(
  context: JobContext,
  namespace: string,
  keys: readonly SqlValue[][],
): Promise<Set<SqlValue>> {
  const rows = await context.database.all<{ episode_id: string }>(
    `SELECT episode_id FROM _restore_dead
      WHERE namespace = ? AND episode_id IN (SELECT value FROM json_each(?))`,
    namespace,
    JSON.stringify(keys.map(([, id]) => id)),
  );
  return new Set(rows.map(({ episode_id }) => episode_id));
}

/** Rows of these keys, in the order of the table's columns. */
async function readRows(
  context: JobContext,
  table: LearnedTable,
  keys: readonly SqlValue[][],
): Promise<SqlValue[][]> {
  const { columns, key } = TABLES[table];
  const same = columns
    .slice(0, key)
    .map((column, i) => `t.${column} = json_extract(k.value, '$[${i}]')`);
  const rows = await context.database.all(
    `SELECT ${columns.map((column) => `t.${column}`).join(", ")}
      FROM json_each(?) k CROSS JOIN ${table} t ON ${same.join(" AND ")}`,
    JSON.stringify(keys),
  );
  return rows.map((row) => columns.map((column) => row[column] ?? null));
}
