/**
 * Shows people what patterns there are: brings patterns that more than one episode showed to the
 * database's table `patterns`, for its SQL, exports and backups. Nothing is read from there. What
 * changes often goes seldom: a pattern that a hundred episodes touched goes once.
 *
 * @module
 */

import { definitionOf, episodesOf } from "../../../memory/learning/index.ts";
import type { PatternRow } from "../../../memory/learning/types.ts";
import { DatabaseError, remove, upsert, type SqlValue } from "../../../storage/index.ts";
import type { Part } from "../../shared/context.ts";
import type { KnowledgeDeps } from "./deps.ts";
import type { LearnedNamespace } from "./learned/namespace.ts";
import type { ChangedPatterns, NumberedPattern } from "./learned/patterns.ts";

/** Patterns that are brought at once. */
const PATTERNS_AT_ONCE = 500;
/** Checkpoints whose patterns are brought together. */
const CHECKPOINTS_AT_ONCE = 200;
/** A pattern of fewer episodes is one episode's path, which the episode shows. */
const SHOWN_EPISODES_MIN = 2;

interface Unpublished {
  seq: number;
  namespace: string;
  changed: string;
}

export class Publisher implements Part {
  readonly #deps: KnowledgeDeps;
  /** When something was brought last, ms since the epoch; null: not in this life of the object. */
  #lastAt: number | null = null;

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
  }

  /** When changed patterns are due; null: none changed. */
  nextAt(now: number): number | null {
    const { sql, publishSeconds } = this.#deps;
    if (sql.all("SELECT 1 AS n FROM learned_unpublished LIMIT 1").length === 0) return null;
    this.#lastAt ??= now;
    return this.#lastAt + 1_000 * publishSeconds();
  }

  /** Brings what changed, when it is due. Never throws for what the database does. */
  async onAlarm(now: number): Promise<void> {
    const at = this.nextAt(now);
    if (at === null || at > now) return;
    this.#lastAt = now;
    try {
      while (await this.#some());
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.#deps.log({ event: "patterns_not_published", level: "warn", reason: String(error) });
    }
  }

  /** A part of what changed. False: there is no more. */
  async #some(): Promise<boolean> {
    const { sql, learned, isHome, transaction } = this.#deps;
    const waiting = sql.all<Unpublished & Record<string, SqlValue>>(
      `SELECT u.seq, n.namespace, u.changed FROM learned_unpublished u
        JOIN learned_namespaces n ON n.number = u.namespace ORDER BY u.seq LIMIT ?`,
      CHECKPOINTS_AT_ONCE,
    );
    for (const [namespace, own] of Map.groupBy(waiting, (row) => row.namespace)) {
      const open = isHome(namespace) ? learned.of(namespace) : null;
      const changes = own.map(({ changed }) => JSON.parse(changed) as ChangedPatterns);
      if (open) await this.#publish(open, changes);
    }
    transaction(() =>
      sql.run(
        `DELETE FROM learned_unpublished WHERE seq <= ?
          OR namespace NOT IN (SELECT number FROM learned_namespaces)`,
        waiting.at(-1)?.seq ?? 0,
      ),
    );
    return waiting.length === CHECKPOINTS_AT_ONCE;
  }

  async #publish(learned: LearnedNamespace, changes: readonly ChangedPatterns[]): Promise<void> {
    const { publish } = this.#deps;
    const { namespace } = learned;
    const numbers = [...new Set(changes.flatMap((change) => change.numbers))];
    const gone = new Set(changes.flatMap((change) => change.gone));
    for (let from = 0; from < numbers.length; from += PATTERNS_AT_ONCE) {
      const slice = learned.patterns.byNumbers(numbers.slice(from, from + PATTERNS_AT_ONCE));
      const isShown = ({ row }: NumberedPattern): boolean => episodesOf(row) >= SHOWN_EPISODES_MIN;
      const shown = slice.filter(isShown);
      // Gone, and there again.
      for (const { row } of shown) gone.delete(row.id);
      for (const one of slice) if (!isShown(one)) gone.add(one.row.id);
      if (shown.length > 0)
        await publish([
          upsert(
            "patterns",
            shown.map(({ row }) => rowOf(row)),
          ),
        ]);
    }
    const keys = [...gone].map((id) => [namespace, id]);
    for (let from = 0; from < keys.length; from += PATTERNS_AT_ONCE)
      await publish([remove("patterns", keys.slice(from, from + PATTERNS_AT_ONCE))]);
  }
}

/** A row of the database's table `patterns`. */
function rowOf(row: PatternRow): SqlValue[] {
  const { prefix, suffix, length } = definitionOf(row.content).lookup(row.content);
  const sum = (field: "success" | "failure"): number =>
    row.buckets.reduce((total, bucket) => total + bucket[field], 0);
  return [
    row.namespace,
    row.id,
    row.content.kind,
    prefix,
    suffix,
    length,
    sum("success"),
    sum("failure"),
    episodesOf(row),
    row.promoted ? 1 : 0,
    row.last_seen_at,
    JSON.stringify(row),
  ];
}
