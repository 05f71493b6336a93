/**
 * Answers to writes that came with an Idempotency-Key, kept for a day so that a repetition gets the
 * same answer. Bounded in bytes for each API key and for the instance: what is beyond is dropped,
 * the oldest first, counted and logged. An answer that is too large by itself is not kept, but that
 * it was given is: its repetition is refused and changes nothing.
 *
 * Reads are never kept: they change nothing, and may be large.
 *
 * @module
 */

import { LIMITS, MS } from "../../../contract/limits.ts";
import { Refused } from "../../shared/refusals.ts";
import type { InstanceContext } from "../context.ts";
import { byteLength } from "../../../util/bytes.ts";

/** How long an answer is kept, ms. */
const KEPT_MS = 24 * MS.hour;
/** What a row has beside the answer: hashes, keys and two entries of indexes, bytes. */
const ROW_BYTES = 400;
/** What is left of a bound after the oldest were dropped, so that this is rare. */
const LEFT_SHARE = 0.75;
/** Rows come and go with other instances as well: after this what is here is counted anew, ms. */
const RECOUNT_MS = MS.hour;
/** In place of an answer that was too large. No answer is an empty text. */
const TOO_LARGE = "";

/**
 * Whose answer: an API key's hash, or root; in which namespace; to which of its Idempotency-Keys.
 */
export interface AnswerKey {
  who: string;
  namespace: string;
  key: string;
}

export class KeptAnswers {
  readonly #context: InstanceContext;
  /** Bytes of each API key's answers; null: not counted yet. At least what is here. */
  #held: Map<string, number> | null = null;
  #countedAt = 0;

  constructor(context: InstanceContext) {
    this.#context = context;
  }

  /**
   * The answer to the same request, as JSON; null: it is the first of its kind. Throws `Refused`
   * when the key was used for another request, and when the answer was too large to be kept.
   */
  find(of: AnswerKey, fingerprint: string): string | null {
    const kept = this.#row(markOf(of)) ?? this.#earlier(of, fingerprint);
    if (!kept) return null;
    const path = { path: "Idempotency-Key" };
    if (kept.fingerprint !== fingerprint) {
      throw new Refused(
        "idempotency_conflict",
        "The Idempotency-Key was used for another request.",
        path,
      );
    }
    if (kept.result === TOO_LARGE) {
      const detail =
        "This request was carried out before. Its answer was too large to be kept: read what it changed.";
      throw new Refused("conflict", detail, path);
    }
    return kept.result;
  }

  /**
   * Keeps an answer, in the transaction that carries out the request.
   *
   * @param home where a repetition looks for it
   */
  keep(of: AnswerKey, home: string, fingerprint: string, value: unknown): void {
    const json = JSON.stringify(value);
    const bytes = byteLength(json);
    const large = bytes > LIMITS.kept_answer_max_bytes;
    if (large) this.#dropped("too_large", 1);
    const result = large ? TOO_LARGE : json;
    this.#context.sql.run(
      "INSERT OR REPLACE INTO idempotency (scope, home, fingerprint, result, created_at) VALUES (?, ?, ?, ?, ?)",
      markOf(of),
      home,
      fingerprint,
      result,
      this.#context.now(),
    );
    const held = this.#counted();
    held.set(of.who, (held.get(of.who) ?? 0) + (large ? 0 : bytes) + ROW_BYTES);
    this.#bound(of.who);
  }

  /** Drops answers that are older than they are kept for. */
  forget(): void {
    const now = this.#context.now();
    this.#context.sql.run("DELETE FROM idempotency WHERE created_at <= ?", now - KEPT_MS);
    if (now - this.#countedAt > RECOUNT_MS) this.#held = null;
  }

  #row(mark: string): { fingerprint: string; result: string } | null {
    const [kept] = this.#context.sql.all<{ fingerprint: string; result: string }>(
      "SELECT fingerprint, result FROM idempotency WHERE scope = ? AND created_at > ?",
      mark,
      this.#context.now() - KEPT_MS,
    );
    return kept ?? null;
  }

  /** As an earlier version kept it, without the namespace: the same request is in the same one. */
  #earlier(
    { who, key }: AnswerKey,
    fingerprint: string,
  ): { fingerprint: string; result: string } | null {
    const kept = this.#row(`${who}|${key}`);
    return kept?.fingerprint === fingerprint ? kept : null;
  }

  #counted(): Map<string, number> {
    if (this.#held) return this.#held;
    const rows = this.#context.sql.all<{ who: string; bytes: number }>(
      `SELECT substr(scope, 1, instr(scope, '|') - 1) AS who, sum(octet_length(result) + ${ROW_BYTES}) AS bytes
        FROM idempotency GROUP BY who`,
    );
    this.#held = new Map(rows.map(({ who, bytes }) => [who, bytes]));
    this.#countedAt = this.#context.now();
    return this.#held;
  }

  #bound(who: string): void {
    const [ofKey, ofInstance] = [LIMITS.kept_answers_key_max_bytes, LIMITS.kept_answers_max_bytes];
    const over = (): "key" | "instance" | null => {
      const held = this.#counted();
      if ((held.get(who) ?? 0) > ofKey) return "key";
      return [...held.values()].reduce((sum, bytes) => sum + bytes, 0) > ofInstance
        ? "instance"
        : null;
    };
    if (over() === null) return;
    // What was counted may be more than there is: a transaction was taken back, or rows moved away.
    this.#held = null;
    const which = over();
    if (which === null) return;
    if (which === "key") this.#drop(which, (1 - LEFT_SHARE) * ofKey, `${who}|`, `${who}}`);
    else this.#drop(which, (1 - LEFT_SHARE) * ofInstance, "", "~");
    this.#held = null;
  }

  /** Drops the oldest answers of this many bytes among those whose mark is in this range. */
  #drop(reason: "key" | "instance", bytes: number, from: string, to: string): void {
    const { sql } = this.#context;
    const oldest = sql.all<{ scope: string; created_at: number; bytes: number }>(
      `SELECT scope, created_at, octet_length(result) + ${ROW_BYTES} AS bytes FROM idempotency
        WHERE scope >= ? AND scope < ? ORDER BY created_at, scope`,
      from,
      to,
    );
    let dropped = 0;
    for (let freed = 0; freed < bytes && dropped < oldest.length; dropped++)
      freed += oldest[dropped]?.bytes ?? 0;
    const last = oldest[dropped - 1];
    if (!last) return;
    sql.run(
      "DELETE FROM idempotency WHERE scope >= ? AND scope < ? AND (created_at, scope) <= (?, ?)",
      from,
      to,
      last.created_at,
      last.scope,
    );
    this.#dropped(reason, dropped);
  }

  #dropped(reason: "key" | "instance" | "too_large", count: number): void {
    this.#context.meter.count("memory_idempotency_dropped_total", { reason }, count);
    this.#context.log({ event: "answers_dropped", level: "warn", reason, count });
  }
}

/** The name of a row. Neither a hash nor a namespace has the sign between them. */
function markOf({ who, namespace, key }: AnswerKey): string {
  return `${who}|${namespace}|${key}`;
}
