/**
 * The usual ways in which a command shows an answer: a list, one thing, a sentence. Each has the
 * data for `--format json` and `yaml`, and a text for people.
 *
 * @module
 */

import { details, table, type Colors, type Column, type Row, type Shown } from "./output.ts";

/**
 * A list as a table. Says when there are more pages, and when the database was out of reach.
 *
 * @param data a list, or a page that has it
 * @param key the field of the page that has the list
 */
export function shownList(data: unknown, key: string, columns: readonly Column[]): Shown {
  const page = data as { [name: string]: unknown };
  const rows = (Array.isArray(data) ? data : (page[key] ?? [])) as Row[];
  return {
    data,
    text: (colors, width) => {
      const lines = [table(rows, columns, colors, width)];
      if (page["degraded"] === true)
        lines.push(colors.yellow("The database is out of reach: this is what the instances hold."));
      if (typeof page["next_cursor"] === "string")
        lines.push(colors.dim(`More: --cursor ${page["next_cursor"]}`));
      return lines.join("\n");
    },
  };
}

/** One thing, field by field. */
export function shownFields(data: unknown): Shown {
  const row = (typeof data === "object" && data !== null ? data : { result: data }) as Row;
  return { data, text: (colors) => details(row, colors) };
}

/** A sentence. */
export function shownText(data: unknown, text: string | ((colors: Colors) => string)): Shown {
  return { data, text: (colors) => (typeof text === "string" ? text : text(colors)) };
}

/** Columns by field name. */
export const columns = (...names: string[]): Column[] =>
  names.map((name) => [name.toUpperCase().replaceAll("_", " "), (row) => row[name]]);
