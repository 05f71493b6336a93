/**
 * Brings the rows of a namespace that its home holds into a database that is being restored:
 * relationships, judgements, vectors, lessons, decisions, settings. Those that are newer in the
 * database stay, and so does what it has beside them.
 *
 * @module
 */

import type { HeldTable } from "../../durable/shared/instance/holdings.ts";
import { TABLES, upsertChanged, type SqlValue, type Table } from "../../storage/index.ts";
import type { JobContext } from "../job-context.ts";
import type { HeldSteps, Key, Write } from "./held-steps.ts";

/** Which of two rows is the newer one. */
const NEWER: Partial<Record<HeldTable, string>> = {
  feedback: "updated_at",
  lessons: "updated_at",
  lesson_evidence: "counted_at",
  curation: "updated_at",
  namespace_settings: "updated_at",
};
/** Keys of the database that are compared at once. */
const KEYS_AT_ONCE = 2_000;

/** A page of a table of a namespace. */
export interface TablePage {
  instance: number;
  namespace: string;
  table: HeldTable;
  after: Key;
}

/** Rows that came in, and where the next page begins. */
export interface TablePageResult {
  rows: number;
  next: Key;
}

/** One page of the home's rows comes in. */
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

  for await (const stored of storedKeys(context, page, next)) {
    for (const row of stored) {
      const mine = own.get(text(row));
      // The home's own must not take the place of a row that is newer there.
      if (mine !== undefined && newer !== undefined && Number(row[key]) > mine)
        own.delete(text(row));
    }
  }
  const fresh = rows.filter((row) => own.has(text(row)));
  if (fresh.length > 0) await write([upsertChanged(table, fresh)]);
  return { rows: fresh.length, next };
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
