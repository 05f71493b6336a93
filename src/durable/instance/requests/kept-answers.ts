/**
 * Answers to writes that came with an Idempotency-Key, kept for a day so that a repetition gets the
 * same answer. Bounded in bytes for each API key and for the instance: what is beyond is dropped,
 * the oldest first, of the instance's those of the namespaces that hold most, counted and logged. An
 * answer that is too large by itself is not kept, but that it was given is: its repetition is
 * refused and changes nothing.
 *
 * Reads are never kept: they change nothing, and may be large. The owner of the table
 * `idempotency`.
 *
 * @module
 */

import { byteLength } from "../../../util/bytes.ts";
import { LIMITS, MS } from "../../../contract/limits.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { Refused } from "../../shared/refusals.ts";
import type { Part } from "../../shared/context.ts";
import type { InstanceContext } from "../context.ts";

export const KEPT_ANSWERS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS idempotency (
    scope TEXT PRIMARY KEY, home TEXT NOT NULL, fingerprint TEXT NOT NULL, result TEXT NOT NULL,
    created_at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX IF NOT EXISTS idempotency_home ON idempotency (home)`,
  `CREATE INDEX IF NOT EXISTS idempotency_age ON idempotency (created_at)`,
];

/** How long an answer is kept, ms. */
const ANSWER_MS = 24 * MS.hour;
/** What a row has beside the answer: hashes, keys and two entries of indexes, bytes. */
const ROW_OVERHEAD_BYTES = 400;
/** What is left of a bound after the oldest were dropped, so that this is rare. */
const SHARE_LEFT = 0.75;
/** Rows that are dropped at once: what names them is less than a megabyte. */
const DROPPED_AT_ONCE = 2_000;
/** Rows come and go with other instances as well: after this what is here is counted anew, ms. */
const RECOUNT_MS = MS.hour;
/** In place of an answer that was too large. No answer is an empty text. */
const TOO_LARGE = "";

type DropReason = "key" | "instance" | "too_large";

/**
 * Whose answer: an API key's hash, or root; in which namespace; to which of its Idempotency-Keys.
 */
export interface AnswerKey {
  who: string;
  namespace: string;
  key: string;
}

interface KeptAnswer {
  fingerprint: string;
  /** As JSON, or TOO_LARGE. */
  result: string;
}

export type KeptAnswersContext = Pick<InstanceContext, "sql" | "now" | "meter" | "log">;

export class KeptAnswers implements Part {
  readonly schema = KEPT_ANSWERS_SCHEMA;
  readonly #context: KeptAnswersContext;
  readonly #sql: LocalSql;
  /** Bytes of each API key's answers; null: not counted yet. At least what is here. */
  #bytesOfKeys: Map<string, number> | null = null;
  #countedAt = 0;

  constructor(context: KeptAnswersContext) {
    this.#context = context;
    this.#sql = context.sql;
  }

  /**
   * The answer to the same request, as JSON; null: it is the first of its kind. Throws `Refused`
   * when the key was used for another request, and when the answer was too large to be kept.
   */
  find(of: AnswerKey, fingerprint: string): string | null {
    const kept = this.#row(scopeOf(of)) ?? this.#withoutNamespace(of, fingerprint);
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
   * @param home the home text at whose instance a repetition finds it
   */
  keep(of: AnswerKey, home: string, fingerprint: string, value: unknown): void {
    const json = JSON.stringify(value);
    const bytes = byteLength(json);
    const isLarge = bytes > LIMITS.kept_answer_max_bytes;
    if (isLarge) this.#reportDropped("too_large", 1);
    this.#sql.run(
      `INSERT OR REPLACE INTO idempotency (scope, home, fingerprint, result, created_at)
        VALUES (?, ?, ?, ?, ?)`,
      scopeOf(of),
      home,
      fingerprint,
      isLarge ? TOO_LARGE : json,
      this.#context.now(),
    );
    const held = this.#counted();
    const before = held.get(of.who) ?? 0;
    held.set(of.who, before + (isLarge ? 0 : bytes) + ROW_OVERHEAD_BYTES);
    this.#bound(of.who);
  }

  /** Whether an answer with this home text is kept. */
  hasAnyAt(home: string): boolean {
    const text = "SELECT 1 AS n FROM idempotency WHERE home = ? LIMIT 1";
    return this.#sql.all(text, home).length > 0;
  }

  /** Drops answers that are older than they are kept for. */
  onAlarm(now: number): void {
    this.#sql.run("DELETE FROM idempotency WHERE created_at <= ?", now - ANSWER_MS);
    if (now - this.#countedAt > RECOUNT_MS) this.#bytesOfKeys = null;
  }

  #row(scope: string): KeptAnswer | null {
    const [kept] = this.#sql.all<{ fingerprint: string; result: string }>(
      "SELECT fingerprint, result FROM idempotency WHERE scope = ? AND created_at > ?",
      scope,
      this.#context.now() - ANSWER_MS,
    );
    return kept ?? null;
  }

  /** As release 0.1 kept it at first; the same request is in the same namespace. */
  #withoutNamespace({ who, key }: AnswerKey, fingerprint: string): KeptAnswer | null {
    const kept = this.#row(`${who}|${key}`);
    return kept?.fingerprint === fingerprint ? kept : null;
  }

  #counted(): Map<string, number> {
    if (this.#bytesOfKeys) return this.#bytesOfKeys;
    const rows = this.#sql.all<{ who: string; bytes: number }>(
      `SELECT substr(scope, 1, instr(scope, '|') - 1) AS who,
        sum(octet_length(result) + ${ROW_OVERHEAD_BYTES}) AS bytes
        FROM idempotency GROUP BY who`,
    );
    this.#bytesOfKeys = new Map(rows.map(({ who, bytes }) => [who, bytes]));
    this.#countedAt = this.#context.now();
    return this.#bytesOfKeys;
  }

  /** Drops the oldest answers where there are more than may be. */
  #bound(who: string): void {
    if (this.#exceeded(who) === null) return;
    // What was counted may be more than there is: a transaction was taken back, or rows moved away.
    this.#bytesOfKeys = null;
    const bound = this.#exceeded(who);
    if (bound === null) return;
    const share = 1 - SHARE_LEFT;
    // Between these two sorts whatever begins with the key's hash and the sign behind it.
    if (bound === "key")
      this.#drop(share * LIMITS.kept_answers_key_max_bytes, `${who}|`, `${who}}`);
    else this.#dropOfLargest(share * LIMITS.kept_answers_max_bytes);
    this.#bytesOfKeys = null;
  }

  /** Which bound the answers are beyond, as far as was counted. */
  #exceeded(who: string): "key" | "instance" | null {
    const held = this.#counted();
    if ((held.get(who) ?? 0) > LIMITS.kept_answers_key_max_bytes) return "key";
    const all = [...held.values()].reduce((sum, bytes) => sum + bytes, 0);
    return all > LIMITS.kept_answers_max_bytes ? "instance" : null;
  }

  /**
   * Drops the oldest answers of this many bytes, of the namespaces that hold most: what others keep
   * stays until these hold no more than they.
   */
  #dropOfLargest(bytes: number): void {
    const oldest = this.#sql.all<{ scope: string; bytes: number }>(
      `SELECT scope, octet_length(result) + ${ROW_OVERHEAD_BYTES} AS bytes
        FROM idempotency ORDER BY created_at, scope`,
    );
    const held = new Map<string, number>();
    for (const row of oldest) {
      const namespace = namespaceOf(row.scope);
      held.set(namespace, (held.get(namespace) ?? 0) + row.bytes);
    }
    const most = levelAfter([...held.values()], bytes);
    const dropped = oldest.filter((row) => {
      const namespace = namespaceOf(row.scope);
      const own = held.get(namespace) ?? 0;
      if (own <= most) return false;
      held.set(namespace, own - row.bytes);
      return true;
    });
    for (let first = 0; first < dropped.length; first += DROPPED_AT_ONCE) {
      const scopes = dropped.slice(first, first + DROPPED_AT_ONCE).map(({ scope }) => scope);
      this.#sql.run(
        "DELETE FROM idempotency WHERE scope IN (SELECT value FROM json_each(?))",
        JSON.stringify(scopes),
      );
    }
    this.#reportDropped("instance", dropped.length);
  }

  /** Drops the oldest answers of this many bytes among those whose scope is in this range. */
  #drop(bytes: number, from: string, to: string): void {
    const oldest = this.#sql.all<{ scope: string; created_at: number; bytes: number }>(
      `SELECT scope, created_at, octet_length(result) + ${ROW_OVERHEAD_BYTES} AS bytes
        FROM idempotency
        WHERE scope >= ? AND scope < ? ORDER BY created_at, scope`,
      from,
      to,
    );
    let dropped = 0;
    for (let freed = 0; freed < bytes && dropped < oldest.length; dropped++)
      freed += oldest[dropped]?.bytes ?? 0;
    const last = oldest[dropped - 1];
    if (!last) return;
    this.#sql.run(
      "DELETE FROM idempotency WHERE scope >= ? AND scope < ? AND (created_at, scope) <= (?, ?)",
      from,
      to,
      last.created_at,
      last.scope,
    );
    this.#reportDropped("key", dropped);
  }

  #reportDropped(reason: DropReason, count: number): void {
    this.#context.meter.count("memory_idempotency_dropped_total", { reason }, count);
    this.#context.log({ event: "answers_dropped", level: "warn", reason, count });
  }
}

/** The name of a row. Neither a hash nor a namespace has the sign between them. */
function scopeOf({ who, namespace, key }: AnswerKey): string {
  return `${who}|${namespace}|${key}`;
}

/** "" for one of release 0.1, which names none. */
function namespaceOf(scope: string): string {
  const [, namespace = "", key] = scope.split("|", 3);
  return key === undefined ? "" : namespace;
}

/** To what the largest of these are to come down so that this much less is left. */
function levelAfter(sizes: readonly number[], less: number): number {
  const sorted = sizes.toSorted((a, b) => b - a);
  let rest = less;
  for (const [i, size] of sorted.entries()) {
    const step = (size - (sorted[i + 1] ?? 0)) * (i + 1);
    if (step >= rest) return size - rest / (i + 1);
    rest -= step;
  }
  return 0;
}
