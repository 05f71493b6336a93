/**
 * Damage to a SQLite file, as a failing disk does it.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/**
 * Overwrites the page, of 4,096 bytes, that has this text first. Nobody else may have the file
 * open.
 */
export function spoilPage(file: string, text: string): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const content = readFileSync(file);
  const at = content.indexOf(text);
  if (at < 0) throw new Error(`${file} does not have the text ${text}`);
  content.fill(0xee, at - (at % 4_096), at - (at % 4_096) + 4_096);
  writeFileSync(file, content);
}
