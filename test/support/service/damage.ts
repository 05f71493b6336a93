/**
 * Damage to a SQLite file, as a failing disk does it.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const PAGE_BYTES = 4_096;
/**
 * The first byte of a page of a table without rowid (https://sqlite.org/fileformat2.html#b_tree_pages).
 */
const PAGE_TYPES = { leaf: 0x0a, interior: 0x02 } as const;

/**
 * Overwrites the first page that has this text. Nobody else may have the file open.
 *
 * @param type only a page of this type counts: on an interior page many more rows depend
 */
export function spoilPage(file: string, text: string, type?: keyof typeof PAGE_TYPES): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const content = readFileSync(file);
  for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1)) {
    const page = at - (at % PAGE_BYTES);
    if (type && content[page] !== PAGE_TYPES[type]) continue;
    content.fill(0xee, page, page + PAGE_BYTES);
    writeFileSync(file, content);
    return;
  }
  throw new Error(`${file} has no ${type ?? ""} page with the text ${text}`);
}
