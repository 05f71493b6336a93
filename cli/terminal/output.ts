/**
 * What a person or a program reads: tables and colours on a terminal, JSON or YAML when asked for.
 *
 * @module
 */

import Table from "cli-table3";
import pc from "picocolors";
import type { Io, Output } from "./io.ts";

export type Format = "table" | "json" | "yaml";

export type Colors = ReturnType<typeof pc.createColors>;

/** What a command shows: the data, and how a person reads it. */
export interface Shown {
  data: unknown;
  text: (colors: Colors, width: number) => string;
  /** Not 0 when what is shown is bad news. */
  exit?: number;
}

/** Colours when the output is a terminal; NO_COLOR and FORCE_COLOR are heeded. */
export function colorsFor(stream: Output, env: Io["env"], isWanted: boolean): Colors {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (!isWanted || NO_COLOR) return pc.createColors(false);
  return pc.createColors(Boolean(FORCE_COLOR) || (stream.isTTY === true && TERM !== "dumb"));
}

/** @param width columns that a table may take */
export async function render(
  shown: Shown,
  format: Format,
  colors: Colors,
  width: number,
): Promise<string> {
  if (format === "json") return `${escaped(JSON.stringify(shown.data ?? null, null, 2))}\n`;
  // Loaded here and not above: few ask for it, and every command would take longer to start.
  if (format === "yaml") return yamlOf(shown.data ?? null, (await import("yaml")).stringify);
  const text = shown.text(colors, width);
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** Only a text in double quotes may have escapes: all have them where one needs them. */
function yamlOf(data: unknown, stringify: typeof import("yaml").stringify): string {
  const plain = stringify(data);
  if (escaped(plain) === plain) return plain;
  const quotes = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_DOUBLE" } as const;
  return escaped(stringify(data, quotes));
}

export type Row = { [key: string]: unknown };

/** A column: its title, and what stands in it. */
export type Column = readonly [title: string, value: (row: Row) => unknown];

const plainChars = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Rows in columns, the last one cut to the width; nothing found is said. */
export function table(
  rows: readonly Row[],
  columns: readonly Column[],
  colors: Colors,
  width: number,
): string {
  if (rows.length === 0) return colors.dim("Nothing found.");
  const cells = rows.map((row) => columns.map(([, value]) => cell(value(row))));
  const titles = columns.map(([title]) => title);
  const widths = titles.map((title, i) =>
    Math.max(title.length, ...cells.map((line) => line[i]?.length ?? 0)),
  );
  const last = widths.length - 1;
  const rest = width - widths.slice(0, last).reduce((sum, one) => sum + one + 2, 0);
  widths[last] = Math.max(
    titles[last]?.length ?? 0,
    Math.min(widths[last] ?? 0, Math.max(20, rest)),
  );
  const made = new Table({
    head: titles.map((title) => colors.bold(title)),
    colWidths: widths,
    chars: plainChars,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  });
  made.push(...cells);
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Names and values, one under the other; lists and objects further in. */
export function details(value: Row, colors: Colors, indent = ""): string {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const width = Math.max(0, ...entries.map(([name]) => safe(name).length));
  return entries
    .map(([given, item]) => {
      const name = safe(given);
      const title = `${indent}${colors.bold(name.padEnd(width))}`;
      if (Array.isArray(item)) {
        if (item.length === 0) return `${title}  -`;
        if (item.every((one) => typeof one !== "object"))
          return `${title}  ${item.map(cell).join(", ")}`;
        return `${title}\n${item.map((one) => block(one, colors, `${indent}  `)).join("\n")}`;
      }
      if (typeof item === "object" && item !== null) {
        return Object.keys(item).length === 0
          ? `${title}  -`
          : `${title}\n${details(item as Row, colors, `${indent}  `)}`;
      }
      return `${title}  ${cell(item)}`;
    })
    .join("\n");
}

function block(item: unknown, colors: Colors, indent: string): string {
  if (typeof item !== "object" || item === null) return `${indent}- ${cell(item)}`;
  return details(item as Row, colors, `${indent}  `).replace(`${indent}  `, `${indent}- `);
}

/** A value in a cell: one line, without control characters, which stored text may hold. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "number")
    return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(3)));
  return safe(typeof value === "string" ? value : JSON.stringify(value));
}

/**
 * Text of others must not steer the terminal: without control characters, and without what turns
 * the direction of what stands beside it.
 */
export function safe(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, " ").trimEnd();
}

/** Lines of text, each as `safe` has it. */
export function safeLines(text: string): string {
  return text.split("\n").map(safe).join("\n");
}

/** JSON in which the control characters that it may hold as they are, are written as escapes. */
export function escaped(text: string): string {
  return text.replaceAll(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [count, 0];
  while (value >= 1_024 && unit < units.length - 1) [value, unit] = [value / 1_024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** "1 check", "2 checks". @param noun whose plural ends in an s */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;
