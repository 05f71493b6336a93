/**
 * Writes rows of a backup, and reads them: a JSON array, its values in the order of the table's
 * columns. Every value comes back exactly as it was, in any SQLite from 3.38 on:
 *
 * - TEXT is a JSON string; text with NULs an array of the parts between them, because SQLite before
 *   3.45 ends a JSON string at a NUL.
 * - INTEGER is a JSON number of any size, which SQLite reads exactly and JavaScript would not.
 * - REAL, which tables had in backups of earlier releases only, is `[m, f, g]` there, meaning
 *   m / f^17 / g, or `[m, f, g, 1]`, meaning m × f^17 × g; f and g are powers of two.
 *
 * @module
 */

import type { TypedValue } from "../../storage/index.ts";

/** One row as text. Throws for what no table of ours holds: reals and blobs. */
export function encodeRow(values: readonly TypedValue[]): string {
  return `[${values.map(encodeValue).join(",")}]`;
}

function encodeValue(value: TypedValue): string {
  switch (value.type) {
    case "null":
      return "null";
    case "integer":
      return value.value;
    case "float":
      throw new Error("A backup holds no reals.");
    case "text":
      return JSON.stringify(value.value.includes("\0") ? value.value.split("\0") : value.value);
    case "blob":
      throw new Error("A backup holds no blobs.");
  }
}

/** Whether some text of the row is written in parts, because it contains NULs. */
export function isInParts(values: readonly TypedValue[]): boolean {
  return values.some((value) => value.type === "text" && value.value.includes("\0"));
}

/** A row's key: text and safe integers, in the order of the key's columns. */
export type RowKey = (string | number)[];

/** The key of a row whose key columns come first. Throws when it holds anything but text and integers. */
export function keyOfRow(row: readonly TypedValue[], width: number): RowKey {
  return row.slice(0, width).map((value) => {
    if (value.type === "text") return value.value;
    if (value.type === "integer") return Number(value.value);
    throw new Error(`A key holds ${value.type}.`);
  });
}

/**
 * SQL for a value within a line's JSON array.
 *
 * @param line an SQL expression for the line @param parts whether text may be written in parts
 */
export function valueSql(index: number, line: string, parts: boolean): string {
  const value = `json_extract(${line}, '$[${index}]')`;
  if (!parts) return value;
  return `CASE json_type(${line}, '$[${index}]') WHEN 'array'
    THEN (SELECT group_concat(value, char(0)) FROM json_each(${line}, '$[${index}]')) ELSE ${value} END`;
}
