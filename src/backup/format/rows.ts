/**
 * How a row is written in a backup: a JSON array, its values in the order of the table's columns.
 * Every value comes back exactly as it was, in any SQLite from 3.38 on:
 *
 * - TEXT is a JSON string; text with NULs an array of the parts between them, because SQLite before
 *   3.45 ends a JSON string at a NUL.
 * - INTEGER is a JSON number of any size, which SQLite reads exactly and JavaScript would not.
 * - REAL is `[m, f, g]`, meaning m / f^17 / g, or `[m, f, g, 1]`, meaning m × f^17 × g; f and g are
 *   powers of two, f is 1 for all but the smallest and largest. SQLite's decimal parser is off by
 *   one unit in the last place now and then, and not every build knows pow().
 *
 * @module
 */

import { TABLES, type Table, type TableName, type TypedValue } from "../../storage/index.ts";

/** One row as text. Throws for what no table of ours holds: blobs and infinities. */
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
      return encodeReal(value.value);
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

/** How often the factor f is applied: enough for every exponent, with f and g below 2^63. */
const TIMES = 17;

function encodeReal(value: number): string {
  if (!Number.isFinite(value)) throw new Error("A backup holds finite numbers only.");
  if (value === 0) return "[0,1,1]";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const high = view.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  let mantissa = (BigInt(high & 0xfffff) << 32n) | BigInt(view.getUint32(4));
  let exponent = biased === 0 ? -1074 : biased - 1075;
  if (biased !== 0) mantissa |= 1n << 52n;
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  const size = Math.abs(exponent);
  const each = size <= 62 ? 0 : Math.ceil((size - 62) / TIMES);
  const [f, g] = [1n << BigInt(each), 1n << BigInt(size - TIMES * each)];
  return `[${value < 0 ? "-" : ""}${mantissa},${f},${g}${exponent > 0 ? ",1" : ""}]`;
}

/**
 * SQL for the value of a column within a line's JSON array.
 * @param line an SQL expression for the line @param parts whether text may be written in parts
 */
export function valueSql(
  name: TableName,
  column: string,
  index: number,
  line: string,
  parts: boolean,
): string {
  const { real = [] }: Table = TABLES[name];
  const at = (path: string): string => `json_extract(${line}, '$[${index}]${path}')`;
  if (real.includes(column)) {
    const chain = (sign: string): string => `m * 1.0 ${`${sign} f `.repeat(TIMES)}${sign} g`;
    return `(SELECT CASE WHEN up THEN ${chain("*")} ELSE ${chain("/")} END FROM (SELECT ${at("[0]")} AS m,
      ${at("[1]")} AS f, ${at("[2]")} AS g, ${at("[3]")} AS up))`;
  }
  if (!parts) return at("");
  return `CASE json_type(${line}, '$[${index}]') WHEN 'array'
    THEN (SELECT group_concat(value, char(0)) FROM json_each(${line}, '$[${index}]')) ELSE ${at("")} END`;
}
