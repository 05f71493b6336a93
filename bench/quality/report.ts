/**
 * Prints the tables of a bench, and with `--write` puts them into `docs/learning.md`, each in its
 * own block.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DOCS = join(import.meta.dirname, "../../docs");
const DOCUMENT = join(DOCS, "learning.md");
const WRITE = process.argv.includes("--write");
/** Without switching each part off in turn, which takes many times as long. */
export const QUICK = process.argv.includes("--quick");

/**
 * Rows under a heading; the first column is text, the others are figures.
 *
 * @param block the name of the block in the document: what is between `<!-- figures:NAME -->` and
 *   `<!-- end -->`
 */
export function printTable(
  block: string,
  title: string,
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const text = (value: string | number): string =>
    typeof value === "number" ? value.toFixed(4) : value;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = line(heads.map((_, i) => (i === 0 ? "---" : "--:")));
  const table = [
    `**${title}**`,
    "",
    line(heads),
    rule,
    ...rows.map((row) => line(row.map(text))),
  ].join("\n");
  console.log(`\n${table}`);
  if (WRITE) write(block, table);
}

/** With `--write`, puts a picture beside the document. */
export function writeFigure(name: string, text: string): void {
  if (WRITE) writeFileSync(join(DOCS, name), text);
}

function write(block: string, table: string): void {
  const begin = `<!-- figures:${block} -->`;
  const end = "<!-- end -->";
  const before = readFileSync(DOCUMENT, "utf8");
  const from = before.indexOf(begin);
  const to = before.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/learning.md has no block ${begin} … ${end}`);
  writeFileSync(DOCUMENT, `${before.slice(0, from)}${begin}\n\n${table}\n\n${before.slice(to)}`);
}
