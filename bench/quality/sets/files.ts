/**
 * Where the files of a set are: in the folder that a bench is given, else the small samples of the
 * project. A file may be packed.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The samples of the project. */
export const SAMPLES = join(import.meta.dirname, "../../../test/fixtures");
/** The first argument, or MEMORY_BENCH_DATA; null: only the samples are there. */
export const FOLDER: string | null =
  process.argv.slice(2).find((argument) => !argument.startsWith("--")) ??
  process.env["MEMORY_BENCH_DATA"] ??
  null;

/**
 * The text of a set's file.
 *
 * @param name in the folder
 * @param sample of the project, which stands in for it
 */
export function textOf(name: string, sample: string): string {
  const paths = [...(FOLDER === null ? [] : [join(FOLDER, name)]), join(SAMPLES, sample)];
  for (const path of paths) {
    if (existsSync(path)) return readFileSync(path, "utf8");
    if (existsSync(`${path}.gz`)) return gunzipSync(readFileSync(`${path}.gz`)).toString("utf8");
  }
  throw new Error(`there is no ${name}`);
}

/** A JSON value a line. */
export function jsonLinesOf<T>(name: string, sample: string): T[] {
  return textOf(name, sample)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

/** The rows of a CSV file, its head left out. Fields may be quoted, as RFC 4180 has them. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    row.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows.slice(1);
}
