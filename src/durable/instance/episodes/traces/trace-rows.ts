/**
 * The owner of the tables `traces` and `trace_spans`: spans of traces until they have become
 * episodes, and for a while afterwards, for those that come late.
 *
 * @module
 */

import { LIMITS } from "../../../../contract/limits.ts";
import type { Meant, SpanRecord } from "../../../../contract/spans/requests.ts";
import type { LocalSql } from "../../../../storage/index.ts";
import { byteLength } from "../../../../util/bytes.ts";

export const TRACES_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS traces (
    namespace TEXT NOT NULL, id TEXT NOT NULL, trace TEXT NOT NULL, meant TEXT NOT NULL,
    has_root INTEGER NOT NULL, spans INTEGER NOT NULL, bytes INTEGER NOT NULL,
    revision INTEGER NOT NULL, taken_in INTEGER NOT NULL, tries INTEGER NOT NULL,
    open_at INTEGER, seen_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
    PRIMARY KEY (namespace, id)) STRICT`,
  "CREATE INDEX IF NOT EXISTS traces_due ON traces (due_at)",
  "CREATE INDEX IF NOT EXISTS traces_held ON traces (namespace, open_at, seen_at, bytes)",
  `CREATE TABLE IF NOT EXISTS trace_spans (
    namespace TEXT NOT NULL, id TEXT NOT NULL, span TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (namespace, id, span)) STRICT`,
];

/** A trace, and what is to be done about it. Times are ms since the epoch. */
export interface TraceRow {
  namespace: string;
  /** Of the episode. */
  id: string;
  trace: string;
  meant: Meant;
  /** A span without a parent of this process has come. */
  hasRoot: boolean;
  spans: number;
  bytes: number;
  /** Rises with each change of its spans. */
  revision: number;
  /** How often it became, or updated, the episode. */
  takenIn: number;
  /** How often that failed since spans came last. */
  tries: number;
  /** When the first span came that the episode does not have; null: it has all. */
  openAt: number | null;
  /** When the last span came. */
  seenAt: number;
  dueAt: number;
}

/** What a namespace has here. */
export interface HeldTraces {
  namespace: string;
  traces: number;
  bytes: number;
}

type Stored = Record<string, string | number | null>;

export class TraceRows {
  readonly #sql: LocalSql;

  constructor(sql: LocalSql) {
    this.#sql = sql;
  }

  /** null: nothing is held of it. */
  find(namespace: string, id: string): TraceRow | null {
    const text = "SELECT * FROM traces WHERE namespace = ? AND id = ?";
    const [row] = this.#sql.all(text, namespace, id);
    return row ? traceOf(row) : null;
  }

  put(row: TraceRow): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO traces (namespace, id, trace, meant, has_root, spans, bytes, revision,
          taken_in, tries, open_at, seen_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.namespace,
      row.id,
      row.trace,
      JSON.stringify(row.meant),
      row.hasRoot ? 1 : 0,
      row.spans,
      row.bytes,
      row.revision,
      row.takenIn,
      row.tries,
      row.openAt,
      row.seenAt,
      row.dueAt,
    );
  }

  /** Those that are due, the longest first. */
  due(now: number, limit: number): TraceRow[] {
    const text = "SELECT * FROM traces WHERE due_at <= ? ORDER BY due_at LIMIT ?";
    return this.#sql.all(text, now, limit).map(traceOf);
  }

  nextAt(): number | null {
    const [row] = this.#sql.all<{ at: number | null }>("SELECT min(due_at) AS at FROM traces");
    return row?.at ?? null;
  }

  /** Whether an episode lacks spans that are here. */
  isOpen(namespace: string, id: string): boolean {
    return (this.find(namespace, id)?.openAt ?? null) !== null;
  }

  /** How many of each namespace are here, and their bytes. Reads one index, of bounded length. */
  held(): HeldTraces[] {
    return this.#sql.all<Stored & HeldTraces>(
      `SELECT namespace, count(*) AS traces, total(bytes) AS bytes FROM traces
         GROUP BY namespace`,
    );
  }

  /** The traces of a namespace that wait, and to which nothing came since, the longest first. */
  quiet(namespace: string, since: number, limit: number): TraceRow[] {
    const text =
      "SELECT * FROM traces WHERE namespace = ? AND open_at IS NOT NULL AND seen_at <= ? ORDER BY seen_at LIMIT ?";
    return this.#sql.all(text, namespace, since, limit).map(traceOf);
  }

  /** The traces of a namespace whose episodes have all, the longest untouched first. */
  whole(namespace: string, limit: number): TraceRow[] {
    const text =
      "SELECT * FROM traces WHERE namespace = ? AND open_at IS NULL ORDER BY seen_at LIMIT ?";
    return this.#sql.all(text, namespace, limit).map(traceOf);
  }

  /** What is here of a span; null: nothing. */
  span({ namespace, id }: Pick<TraceRow, "namespace" | "id">, span: string): SpanRecord | null {
    const text = "SELECT body FROM trace_spans WHERE namespace = ? AND id = ? AND span = ?";
    const [row] = this.#sql.all<{ body: string }>(text, namespace, id, span);
    return row ? (JSON.parse(row.body) as SpanRecord) : null;
  }

  /** The spans of a trace, in the same order each time. */
  spansOf({ namespace, id }: Pick<TraceRow, "namespace" | "id">): SpanRecord[] {
    return this.#sql
      .all<{ body: string }>(
        "SELECT body FROM trace_spans WHERE namespace = ? AND id = ? ORDER BY span",
        namespace,
        id,
      )
      .map(({ body }) => JSON.parse(body) as SpanRecord);
  }

  /**
   * Keeps a span with its trace, which is changed; false: it is there, or one that says more.
   * "full": there is no room for it. A root always has some.
   */
  add(row: TraceRow, span: SpanRecord): boolean | "full" {
    const { namespace, id } = row;
    const before = this.span(row, span.id);
    if (before && !saysMore(span, before)) return false;
    const body = JSON.stringify(span);
    const bytes = row.bytes + byteLength(body) - (before ? byteLength(JSON.stringify(before)) : 0);
    const spans = row.spans + (before ? 0 : 1);
    const more = isRoot(span) ? ROOT_ROOM : 1;
    if (spans > LIMITS.trace_spans_max * more || bytes > LIMITS.trace_bytes_max * more)
      return "full";
    this.#sql.run(
      "INSERT OR REPLACE INTO trace_spans (namespace, id, span, body) VALUES (?, ?, ?, ?)",
      namespace,
      id,
      span.id,
      body,
    );
    Object.assign(row, { spans, bytes, hasRoot: row.hasRoot || isRoot(span) });
    return true;
  }

  /** Nothing is kept of a trace any more; in a transaction. */
  drop(namespace: string, id: string): void {
    this.#sql.run("DELETE FROM traces WHERE namespace = ? AND id = ?", namespace, id);
    this.#sql.run("DELETE FROM trace_spans WHERE namespace = ? AND id = ?", namespace, id);
  }
}

/** What roots may have of a trace's bounds. */
const ROOT_ROOM = 1.25;

/** Of this process: a parent may be in another, whose spans need not come. */
const isRoot = ({ parent, isRemote }: SpanRecord): boolean => parent === "" || isRemote;

/** Of two that have one id the same is kept in any order: the later one, or else the longer one. */
function saysMore(span: SpanRecord, before: SpanRecord): boolean {
  if (span.end !== before.end) return span.end > before.end;
  const [now, then] = [JSON.stringify(span), JSON.stringify(before)];
  return now.length === then.length ? now > then : now.length > then.length;
}

function traceOf(row: Stored): TraceRow {
  return {
    namespace: String(row["namespace"]),
    id: String(row["id"]),
    trace: String(row["trace"]),
    meant: JSON.parse(String(row["meant"])) as Meant,
    hasRoot: row["has_root"] === 1,
    spans: Number(row["spans"]),
    bytes: Number(row["bytes"]),
    revision: Number(row["revision"]),
    takenIn: Number(row["taken_in"]),
    tries: Number(row["tries"]),
    openAt: row["open_at"] === null ? null : Number(row["open_at"]),
    seenAt: Number(row["seen_at"]),
    dueAt: Number(row["due_at"]),
  };
}
