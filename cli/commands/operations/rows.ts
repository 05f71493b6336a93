/**
 * A list whose columns are the fields of its items, as they are.
 *
 * @module
 */

import { table, type Row, type Shown } from "../../terminal/output.ts";
import { columns } from "../../terminal/shown.ts";

/** More columns than this are not read on a terminal. */
const COLUMNS_MAX = 9;

/** @param key the field of the answer that has the list */
export function shownRows<K extends string>(
  answer: { readonly [key in K]: readonly object[] },
  key: K,
): Shown {
  const rows = answer[key] as readonly Row[];
  const names = new Set(
    rows.flatMap((row) => Object.keys(row).filter((name) => isPlain(row[name]))),
  );
  return {
    data: answer,
    text: (colors, width) =>
      table(rows, columns(...[...names].slice(0, COLUMNS_MAX)), colors, width),
  };
}

const isPlain = (value: unknown): boolean => typeof value !== "object" || value === null;
