/**
 * What was taken back or judged in one namespace since its last checkpoint, each with its place
 * among the digests that were learned: so that all of it can be done again in the order in which it
 * was done. The owner of the table `learned_log`.
 *
 * @module
 */

import { StoredDigest, type Intern } from "../../../../memory/learning/index.ts";
import { bytesOf, type LocalSql } from "../../../../storage/index.ts";
import type { NumberedDigest } from "./digests.ts";

/** A judged use: thousandths of a use that helped and that did not, of these patterns. */
export interface JudgedUse {
  patterns: readonly string[];
  episodes: readonly string[];
  helpful: number;
  unhelpful: number;
  day: number;
}

/** Something that was done. @param after the highest number of a digest by then */
export type LogEntry = { after: number } & (
  | ({ kind: "forget" } & NumberedDigest)
  | { kind: "judge"; use: JudgedUse; sign: 1 | -1 }
);

interface LogRow {
  kind: "forget" | "judge";
  after: number;
  number: number;
  episode: string;
  body: ArrayBuffer;
}

export class LearnedLog {
  readonly #sql: LocalSql;
  readonly #namespace: string;
  readonly #number: number;
  #length = 0;

  /** @param number of the namespace */
  constructor(sql: LocalSql, namespace: string, number: number) {
    this.#sql = sql;
    this.#namespace = namespace;
    this.#number = number;
  }

  /** How many entries there are, as far as they were read or appended. */
  get length(): number {
    return this.#length;
  }

  /** All entries, in their order. */
  read(intern: Intern): LogEntry[] {
    const rows = this.#sql.all<LogRow & Record<string, string | number | ArrayBuffer>>(
      `SELECT kind, after, number, episode, body FROM learned_log
        WHERE namespace = ? ORDER BY seq`,
      this.#number,
    );
    this.#length = rows.length;
    return rows.map(({ kind, after, number, episode, body }): LogEntry => {
      const bytes = bytesOf(body);
      if (kind === "judge") {
        const judged = JSON.parse(new TextDecoder().decode(bytes)) as JudgedAs;
        return { kind, after, ...judged };
      }
      const of = { namespace: this.#namespace, episode_id: episode };
      return { kind, after, number, digest: new StoredDigest(of, bytes, intern) };
    });
  }

  /** A digest was taken back; in a transaction. */
  forgot({ number, digest }: NumberedDigest, after: number): void {
    this.#append("forget", after, { number, episode: digest.episode_id, body: digest.packed });
  }

  /** A use was counted, or taken back; in a transaction. */
  judged(
    { patterns, episodes, helpful, unhelpful, day }: JudgedUse,
    sign: 1 | -1,
    after: number,
  ): void {
    const judged: JudgedAs = { use: { patterns, episodes, helpful, unhelpful, day }, sign };
    const body = new TextEncoder().encode(JSON.stringify(judged));
    this.#append("judge", after, { number: 0, episode: "", body });
  }

  /** All of it is in what is stored; in a transaction. */
  clear(): void {
    this.#sql.run("DELETE FROM learned_log WHERE namespace = ?", this.#number);
    this.#length = 0;
  }

  #append(
    kind: LogRow["kind"],
    after: number,
    { number, episode, body }: { number: number; episode: string; body: Uint8Array },
  ): void {
    this.#length += 1;
    this.#sql.run(
      `INSERT INTO learned_log (namespace, seq, kind, after, number, episode, body)
        VALUES (?, ?, ?, ?, ?, ?, ?)`,
      this.#number,
      this.#length,
      kind,
      after,
      number,
      episode,
      body.slice(),
    );
  }
}

type JudgedAs = { use: JudgedUse; sign: 1 | -1 };
