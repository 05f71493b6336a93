/**
 * Shows people what patterns there are: brings patterns that more than one episode showed to the
 * database's table `patterns`, for its SQL, exports and backups. Nothing is read from there but
 * whether patterns are heuristics, by an instance that learns their namespace anew. What changes
 * often goes seldom: a pattern that a hundred episodes touched goes once.
 *
 * @module
 */

import {
  definitionOf,
  episodesOf,
  HEURISTIC_EPISODES_MIN,
  HEURISTIC_KINDS,
} from "../../../memory/learning/index.ts";
import type { PatternRow } from "../../../memory/learning/types.ts";
import {
  DatabaseError,
  remove,
  upsert,
  type SqlReader,
  type SqlValue,
} from "../../../storage/index.ts";
import type { Part } from "../../shared/context.ts";
import type { KnowledgeDeps } from "./deps.ts";
import type { LearnedNamespace } from "./learned/namespace.ts";
import { codeOf, type ChangedPatterns, type NumberedPattern } from "./learned/patterns.ts";
import { standingOf, type FormerStanding } from "./learned/standings.ts";

/** Patterns that are brought at once. */
const PATTERNS_AT_ONCE = 500;
/** Patterns of which is read at once whether they are heuristics. */
const STANDINGS_AT_ONCE = 5_000;
/** Checkpoints whose patterns are brought together. */
const CHECKPOINTS_AT_ONCE = 200;
/** Characters of an error that are kept. */
const ERROR_LENGTH_MAX = 300;
/** A pattern of fewer episodes is one episode's path, which the episode shows. */
const SHOWN_EPISODES_MIN = 2;

export class Publisher implements Part {
  readonly #deps: KnowledgeDeps;
  /** When the database failed last, ms since the epoch; 0: it did not. */
  #failedAt = 0;
  /** How it did; null: it did not. */
  #lastError: string | null = null;

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps;
  }

  /** When changed patterns are due; null: none changed. */
  nextAt(): number | null {
    const { learned, publishSeconds } = this.#deps;
    const at = learned.unpublished.oldestAt();
    return at === null ? null : Math.max(at, this.#failedAt) + 1_000 * publishSeconds();
  }

  /** Brings what changed, when it is due. Never throws for what the database does. */
  async onAlarm(now: number): Promise<void> {
    const at = this.nextAt();
    if (at !== null && at <= now) await this.#bring(now);
  }

  /** Brings all that was learned, due or not. Never throws for what the database does. */
  async flush(now: number): Promise<void> {
    const { learned, transaction } = this.#deps;
    for (const { namespace } of learned.opened())
      transaction(() => {
        const open = learned.of(namespace);
        if (open?.isChanged) learned.checkpoint(open);
      });
    await this.#bring(now);
  }

  /** What the database does not show yet. */
  view(): { changes: number; last_error: string | null } {
    return { changes: this.#deps.learned.unpublished.count(), last_error: this.#lastError };
  }

  async #bring(now: number): Promise<void> {
    try {
      while (await this.#some());
      this.#failedAt = 0;
      this.#lastError = null;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const reason = String(error);
      this.#failedAt = now;
      this.#lastError = reason.slice(0, ERROR_LENGTH_MAX);
      this.#deps.log({ event: "patterns_not_published", level: "warn", reason });
    }
  }

  /** A part of what changed. False: there is no more. */
  async #some(): Promise<boolean> {
    const { unpublished } = this.#deps.learned;
    const waiting = unpublished.first(CHECKPOINTS_AT_ONCE);
    for (const [namespace, own] of Map.groupBy(waiting, (change) => change.namespace))
      await this.#publish(
        namespace,
        own.map(({ changed }) => changed),
      );
    unpublished.published(waiting.map(({ seq }) => seq));
    return waiting.length === CHECKPOINTS_AT_ONCE;
  }

  async #publish(namespace: string, changes: readonly ChangedPatterns[]): Promise<void> {
    const { learned } = this.#deps;
    const number = learned.of(namespace)?.number;
    const anew = changes.findLastIndex(({ isAnew }) => isAnew);
    const valid = changes.slice(Math.max(0, anew));
    const numbers = [...new Set(valid.flatMap((change) => change.numbers))];
    const gone = new Set(valid.flatMap((change) => change.gone));
    for (let from = 0; from < numbers.length; from += PATTERNS_AT_ONCE) {
      const open = this.#here(namespace, number);
      if (!open) return;
      const slice = open.patterns.byNumbers(numbers.slice(from, from + PATTERNS_AT_ONCE));
      const shown = slice.filter(isShown).map(({ row }) => row);
      // Gone, and there again.
      for (const row of shown) gone.delete(row.id);
      for (const one of slice) if (!isShown(one)) gone.add(one.row.id);
      if (shown.length > 0) await this.#deps.publish([upsert("patterns", shown.map(rowOf))]);
    }
    if (anew >= 0) await this.#removeOthers(namespace, number);
    else await this.#remove(namespace, this.#here(namespace, number) ? [...gone] : []);
  }

  /** null: it was erased, learned anew, or moved meanwhile. */
  #here(namespace: string, number: number | undefined): LearnedNamespace | null {
    const { learned, isHome } = this.#deps;
    const open = isHome(namespace) ? learned.of(namespace) : null;
    return open?.number === number ? open : null;
  }

  /**
   * Takes away the rows of a namespace whose patterns are not here. Those that are stay in place,
   * so that at every moment the database knows which are heuristics.
   */
  async #removeOthers(namespace: string, number: number | undefined): Promise<void> {
    for (let after: string | undefined = ""; after !== undefined;) {
      const rows: { id: string }[] = await this.#deps.database.all(
        "SELECT id FROM patterns WHERE namespace = ? AND id > ? ORDER BY id LIMIT ?",
        namespace,
        after,
        PATTERNS_AT_ONCE,
      );
      const open = this.#here(namespace, number);
      if (!open) return;
      const ids = rows.map(({ id }) => id);
      const here = new Set([...open.patterns.byIds(ids).values()].filter(isShown).map(idOf));
      await this.#remove(
        namespace,
        ids.filter((id) => !here.has(id)),
      );
      after = ids.at(-1);
    }
  }

  async #remove(namespace: string, ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += PATTERNS_AT_ONCE) {
      const keys = ids.slice(from, from + PATTERNS_AT_ONCE).map((id) => [namespace, id]);
      await this.#deps.publish([remove("patterns", keys)]);
    }
  }
}

/**
 * What the database shows of patterns that are heuristics or can be: a page, in the order of the
 * ids. Throws `DatabaseError`.
 *
 * @param after the id that the last page ended with; "": from the first
 */
export async function readStandings(
  database: SqlReader,
  namespace: string,
  after: string,
): Promise<{ standings: FormerStanding[]; last: string | null }> {
  const rows = await database.all<{ id: string; episodes: number; promoted: number }>(
    `SELECT id, episodes, promoted FROM patterns WHERE namespace = ? AND id > ?
        AND (promoted = 1 OR (episodes >= ? AND kind IN (SELECT value FROM json_each(?))))
      ORDER BY id LIMIT ?`,
    namespace,
    after,
    HEURISTIC_EPISODES_MIN,
    JSON.stringify(HEURISTIC_KINDS),
    STANDINGS_AT_ONCE,
  );
  const last = rows.length === STANDINGS_AT_ONCE ? (rows.at(-1)?.id ?? null) : null;
  return { standings: rows.map((row) => standingOf({ ...row, code: codeOf(row.id) })), last };
}

function isShown({ row }: NumberedPattern): boolean {
  return episodesOf(row) >= SHOWN_EPISODES_MIN;
}

function idOf({ row }: NumberedPattern): string {
  return row.id;
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
