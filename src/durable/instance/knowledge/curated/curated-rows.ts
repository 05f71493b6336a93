/**
 * The rows of a namespace that agents and people wrote, at its home: `lessons`, `lesson_evidence`
 * and `curation`. They are read from the database before their first use here; what changed here
 * meanwhile is newer, and stays. Each change is marked for the outbox, in the transaction that makes
 * it. Nothing here decides anything.
 *
 * @module
 */

import type { CuratedKind } from "../../../../contract/vocabulary.ts";
import type { EvidenceEntry, Statement } from "../../../../contract/lessons/requests.ts";
import { LIMITS, MS } from "../../../../contract/limits.ts";
import type { DaySum } from "../../../../memory/lessons/index.ts";
import {
  DatabaseError,
  readNamespaceSlice,
  TABLES,
  upsertRow,
  type Slice,
  type SqlValue,
} from "../../../../storage/index.ts";
import { isoTime } from "../../../../util/time.ts";
import { Moved, Refused } from "../../../shared/refusals.ts";
import type { KnowledgeDeps } from "../deps.ts";
import type { CurationRecord, LessonRecord } from "./records.ts";

export const CURATED_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS curated_loaded (namespace TEXT PRIMARY KEY) STRICT`,
];

const TABLE_NAMES = ["lessons", "lesson_evidence", "curation"] as const;
/** Rows that are read from the database at once. */
const LOAD_ROWS = 1_000;
/** What a setting of the namespace stands under, beside the kinds of items. */
const SETTING_KIND = "namespace";

export type CuratedDeps = Pick<
  KnowledgeDeps,
  "sql" | "transaction" | "database" | "isHome" | "isDirty" | "markAllDirty" | "now"
>;

export interface StoredLesson {
  id: string;
  /** ms since the epoch. */
  updatedAt: number;
  record: LessonRecord;
}

export interface StoredCuration {
  kind: CuratedKind;
  id: string;
  /** ms since the epoch. */
  updatedAt: number;
  record: CurationRecord;
}

type BodyRow = { id: string; updated_at: number; body: string };

export class CuratedRows {
  readonly #deps: CuratedDeps;
  readonly #listeners: ((namespace: string | null) => void)[] = [];
  #onLoaded: (namespace: string) => void = () => undefined;

  constructor(deps: CuratedDeps) {
    this.#deps = deps;
  }

  /** Calls back with each change of a namespace's rows; null: of all. */
  onChange(listener: (namespace: string | null) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls back when a namespace's rows were read, in the transaction that notes it. */
  onLoaded(listener: (namespace: string) => void): void {
    this.#onLoaded = listener;
  }

  isLoaded(namespace: string): boolean {
    const text = "SELECT 1 AS n FROM curated_loaded WHERE namespace = ?";
    return this.#deps.sql.all(text, namespace).length > 0;
  }

  /** Namespaces of which all rows are here, in order: behind this one, at most this many. */
  loadedNamespaces(after: string, limit: number): string[] {
    const text =
      "SELECT namespace FROM curated_loaded WHERE namespace > ? ORDER BY namespace LIMIT ?";
    return this.#deps.sql
      .all<{ namespace: string }>(text, after, limit)
      .map(({ namespace }) => namespace);
  }

  /** Those of the namespace, or of all for null, are read anew before their next use. */
  reload(namespace: string | null): void {
    const { sql } = this.#deps;
    if (namespace === null) sql.run("DELETE FROM curated_loaded");
    else sql.run("DELETE FROM curated_loaded WHERE namespace = ?", namespace);
    this.#changed(namespace);
  }

  /** Brings the namespace's rows here, once. Throws `DatabaseError`, `Moved`. */
  async load(namespace: string): Promise<void> {
    if (this.isLoaded(namespace)) return;
    for (const table of TABLE_NAMES) await this.#loadTable(namespace, table);
    this.#deps.transaction(() => {
      this.#requireHome(namespace);
      this.#deps.sql.run("INSERT OR IGNORE INTO curated_loaded (namespace) VALUES (?)", namespace);
      this.#onLoaded(namespace);
      this.#changed(namespace);
    });
  }

  /** As `load`; false when the database cannot be read. Throws `Moved`. */
  async tryLoad(namespace: string): Promise<boolean> {
    try {
      await this.load(namespace);
      return true;
    } catch (error) {
      if (error instanceof DatabaseError) return false;
      throw error;
    }
  }

  async #loadTable(namespace: string, table: (typeof TABLE_NAMES)[number]): Promise<void> {
    const { database, transaction, isDirty, sql } = this.#deps;
    const { key } = TABLES[table];
    for (let after: SqlValue[] | null = null; ;) {
      const bounds = { rows: LOAD_ROWS };
      const slice: Slice<SqlValue[]> = await readNamespaceSlice(
        database,
        table,
        namespace,
        after,
        bounds,
      );
      transaction(() => {
        this.#requireHome(namespace);
        for (const values of slice.rows)
          if (!isDirty(table, values.slice(0, key))) sql.run(upsertRow(table), ...values);
      });
      after = slice.rows.at(-1)?.slice(1, key) ?? null;
      if (!slice.more || !after) return;
    }
  }

  /** All lessons, those that were deleted included; at most a few thousand, each bounded. */
  lessons(namespace: string): StoredLesson[] {
    return this.#deps.sql
      .all<BodyRow>("SELECT id, updated_at, body FROM lessons WHERE namespace = ?", namespace)
      .map(lessonOf);
  }

  /** null: there is none of this id. */
  lesson(namespace: string, id: string): StoredLesson | null {
    const text = "SELECT id, updated_at, body FROM lessons WHERE namespace = ? AND id = ?";
    const [row] = this.#deps.sql.all<BodyRow>(text, namespace, id);
    return row ? lessonOf(row) : null;
  }

  putLesson(namespace: string, id: string, record: LessonRecord, updatedAt: number): void {
    this.#put("lessons", [namespace, id, updatedAt, JSON.stringify(record)]);
  }

  removeLesson(namespace: string, id: string): void {
    const text = "DELETE FROM lessons WHERE namespace = ? AND id = ?";
    this.#deps.sql.run(text, namespace, id);
    this.#marked("lessons", [[namespace, id]]);
  }

  /** A lesson's evidence, the newest first; at most as much as counts. */
  evidence(namespace: string, lesson: string): EvidenceEntry[] {
    const rows = this.#deps.sql.all<EvidenceRow>(
      `SELECT source, episode_id, counted_at, success, failure, body FROM lesson_evidence
        WHERE namespace = ? AND lesson_id = ? ORDER BY counted_at DESC, source LIMIT ?`,
      namespace,
      lesson,
      LIMITS.lesson_evidence_max,
    );
    return rows.map(entryOf);
  }

  /** The days' sums of these lessons' evidence, by lesson. */
  sums(namespace: string, lessons: readonly string[]): Map<string, DaySum[]> {
    const rows = this.#deps.sql.all<DaySum & { lesson: string } & Record<string, string | number>>(
      `SELECT lesson_id AS lesson, counted_at / ${MS.day} AS day, sum(said_count) AS said,
          sum(1 - said_count) AS used, sum(substr(source, 1, 2) = 'i:') AS imported,
          sum(success) AS success, sum(failure) AS failure
        FROM lesson_evidence WHERE namespace = ? AND lesson_id IN (SELECT value FROM json_each(?))
        GROUP BY lesson_id, day`,
      namespace,
      JSON.stringify(lessons),
    );
    return Map.groupBy(rows, ({ lesson }) => lesson);
  }

  /**
   * Adds an entry, or replaces the one of the same source. Beyond the bound what was imported goes
   * first, and then the oldest: an import takes the place of nothing that was seen here.
   */
  putEvidence(namespace: string, lesson: string, entry: EvidenceEntry): void {
    const { source, episode_id, at, success, failure, statement } = entry;
    const body = statement ? JSON.stringify(statement) : "";
    const key = [namespace, lesson, source];
    this.#put("lesson_evidence", [
      ...key,
      episode_id ?? "",
      Date.parse(at),
      statement ? 1 : 0,
      success,
      failure,
      body,
    ]);
    const beyond = this.#deps.sql.all<{ source: string }>(
      `SELECT source FROM lesson_evidence WHERE namespace = ? AND lesson_id = ?
        ORDER BY substr(source, 1, 2) = 'i:', counted_at DESC, source LIMIT -1 OFFSET ?`,
      namespace,
      lesson,
      LIMITS.lesson_evidence_max,
    );
    for (const { source: old } of beyond) this.removeEvidence(namespace, lesson, old);
  }

  removeEvidence(namespace: string, lesson: string, source: string): void {
    const key = [namespace, lesson, source];
    this.#deps.sql.run(
      "DELETE FROM lesson_evidence WHERE namespace = ? AND lesson_id = ? AND source = ?",
      ...key,
    );
    this.#marked("lesson_evidence", [key]);
  }

  /** What goes with an episode: of which lesson, by which source. */
  evidenceOfEpisode(namespace: string, episode: string): { lesson: string; source: string }[] {
    return this.#deps.sql.all<{ lesson: string; source: string }>(
      `SELECT lesson_id AS lesson, source FROM lesson_evidence
        WHERE namespace = ? AND episode_id = ?`,
      namespace,
      episode,
    );
  }

  /** Lessons that have a statement and no row. */
  unwritten(namespace: string): string[] {
    const rows = this.#deps.sql.all<{ lesson: string }>(
      `SELECT DISTINCT lesson_id AS lesson FROM lesson_evidence e WHERE namespace = ? AND said_count = 1
        AND NOT EXISTS (SELECT 1 FROM lessons l WHERE l.namespace = e.namespace AND l.id = e.lesson_id)
        LIMIT ?`,
      namespace,
      LIMITS.lessons_max,
    );
    return rows.map(({ lesson }) => lesson);
  }

  /** All that people decided; at most a few thousand items, each bounded. */
  decisions(namespace: string): StoredCuration[] {
    return this.#deps.sql
      .all<BodyRow & { kind: string }>(
        "SELECT kind, id, updated_at, body FROM curation WHERE namespace = ? AND kind <> ?",
        namespace,
        SETTING_KIND,
      )
      .map(curationOf);
  }

  /** null: nobody decided about it. */
  decision(namespace: string, kind: CuratedKind, id: string): StoredCuration | null {
    const [row] = this.#deps.sql.all<BodyRow & { kind: string }>(
      `SELECT kind, id, updated_at, body FROM curation
        WHERE namespace = ? AND kind = ? AND id = ?`,
      namespace,
      kind,
      id,
    );
    return row ? curationOf(row) : null;
  }

  /** Throws `Refused` where people have decided about as many items as may be. */
  requireRoomForDecision(namespace: string): void {
    if (this.decisions(namespace).length < LIMITS.curation_max) return;
    const detail = `People decided about ${LIMITS.curation_max} items of this namespace, which is the most.`;
    throw new Refused("limit_exceeded", detail, { path: "id" });
  }

  putDecision(namespace: string, { kind, id, updatedAt, record }: StoredCuration): void {
    this.#put("curation", [namespace, kind, id, updatedAt, JSON.stringify(record)]);
  }

  /** What the namespace is set to; null: it was not set. */
  setting(namespace: string, name: string): unknown {
    const text = "SELECT body FROM curation WHERE namespace = ? AND kind = ? AND id = ?";
    const [row] = this.#deps.sql.all<{ body: string }>(text, namespace, SETTING_KIND, name);
    return row ? (JSON.parse(row.body) as unknown) : null;
  }

  putSetting(namespace: string, name: string, value: unknown, now: number): void {
    this.#put("curation", [namespace, SETTING_KIND, name, now, JSON.stringify(value)]);
  }

  #put(table: (typeof TABLE_NAMES)[number], values: readonly SqlValue[]): void {
    this.#requireHome(String(values[0]));
    this.#deps.sql.run(upsertRow(table), ...values);
    this.#marked(table, [values.slice(0, TABLES[table].key)]);
  }

  #marked(table: (typeof TABLE_NAMES)[number], keys: readonly (readonly SqlValue[])[]): void {
    this.#deps.markAllDirty(table, keys);
    for (const [namespace] of keys) this.#changed(String(namespace));
  }

  #changed(namespace: string | null): void {
    for (const listener of this.#listeners) listener(namespace);
  }

  #requireHome(namespace: string): void {
    if (!this.#deps.isHome(namespace)) throw new Moved(namespace);
  }
}

type EvidenceRow = {
  source: string;
  episode_id: string;
  counted_at: number;
  success: number;
  failure: number;
  body: string;
};

function entryOf({
  source,
  episode_id,
  counted_at,
  success,
  failure,
  body,
}: EvidenceRow): EvidenceEntry {
  return {
    source,
    episode_id: episode_id === "" ? null : episode_id,
    at: isoTime(counted_at),
    success,
    failure,
    statement: body === "" ? null : (JSON.parse(body) as Statement),
  };
}

function lessonOf({ id, updated_at, body }: BodyRow): StoredLesson {
  return { id, updatedAt: updated_at, record: JSON.parse(body) as LessonRecord };
}

function curationOf({ kind, id, updated_at, body }: BodyRow & { kind: string }): StoredCuration {
  const record = JSON.parse(body) as CurationRecord;
  return { kind: kind as CuratedKind, id, updatedAt: updated_at, record };
}
