/**
 * What plain search gives: the label of the past text that SQLite's FTS5 ranks first, with Porter
 * stemming, terms OR-ed, ranked by bm25().
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

export class PlainRouter {
  readonly #database = new DatabaseSync(":memory:");

  constructor() {
    this.#database.exec(
      "CREATE VIRTUAL TABLE t USING fts5 (label UNINDEXED, text, tokenize='porter unicode61')",
    );
  }

  learn(past: Iterable<{ text: string; label: string }>): void {
    const insert = this.#database.prepare("INSERT INTO t VALUES (?, ?)");
    this.#database.exec("BEGIN");
    for (const { label, text } of past) insert.run(label, text);
    this.#database.exec("COMMIT");
  }

  /** undefined: no past text has a word of it. */
  route(text: string): string | undefined {
    const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
    if (words.size === 0) return undefined;
    const match = Array.from(words, (word) => `"${word}"`).join(" OR ");
    const row = this.#database
      .prepare("SELECT label FROM t WHERE t MATCH ? ORDER BY bm25(t), rowid LIMIT 1")
      .get(match);
    return row === undefined ? undefined : String(row["label"]);
  }
}
