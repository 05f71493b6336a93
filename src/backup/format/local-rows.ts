/**
 * Says which tables of instances and of the Coordinator a snapshot may hold, and checks their
 * rows, which are JSON objects. Their names come from the bucket and would reach SQL, so they
 * are held to these lists where they are read and where they are written.
 *
 * @module
 */

import type { Row } from "../../storage/index.ts";

/** Tables whose rows a restore puts back at an instance, and their columns. */
export const PUT_BACK = {
  idempotency: ["scope", "home", "fingerprint", "result", "created_at"],
  pending_tasks: ["kind", "namespace", "id", "recall_id"],
  traces: [
    "namespace",
    "id",
    "trace",
    "meant",
    "has_root",
    "spans",
    "bytes",
    "revision",
    "taken_in",
    "tries",
    "open_at",
    "seen_at",
    "due_at",
  ],
  trace_spans: ["namespace", "id", "span", "body"],
  recalls: ["namespace", "id", "created_at", "body"],
  recall_groups: ["namespace", "episode_id", "percent", "held_out", "created_at"],
} as const satisfies Record<string, readonly string[]>;
export type PutBackTable = keyof typeof PUT_BACK;

/** What tables were called when a backup was written, and what they are called now. */
const FORMER_NAMES: Readonly<Record<string, string>> = { errands: "pending_tasks" };

/** The name that a table of a backup has today. */
export const presentName = (table: string): string =>
  (Object.hasOwn(FORMER_NAMES, table) ? FORMER_NAMES[table] : undefined) ?? table;

/**
 * Everything that a snapshot may hold of such tables; what is not put back is there to be looked
 * at.
 */
export const LOCAL_TABLES: readonly string[] = [
  ...Object.keys(PUT_BACK),
  ...Object.keys(FORMER_NAMES),
  // Of earlier releases: what they had not learned yet follows from episodes.
  "knowledge_pending",
  "dead_letters",
  "claims",
  "meta",
  "control",
  "rollout",
  "audit",
  "jobs",
];

export const isPutBack = (table: string): table is PutBackTable => Object.hasOwn(PUT_BACK, table);

/**
 * The row's values in the order of `PUT_BACK`; null: it is no row of this table. Extra columns make
 * it none.
 */
export function putBackValues(table: PutBackTable, row: unknown): Row[string][] | null {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return null;
  const columns: readonly string[] = PUT_BACK[table];
  if (Object.keys(row).some((name) => !columns.includes(name))) return null;
  const values = columns.map((name): unknown =>
    Object.hasOwn(row, name) ? (row as Row)[name] : null,
  );
  return values.every(isScalar) ? values : null;
}

/** Whether a line of a snapshot is a row of such a table: an object of scalars with plain names. */
export function isLocalRow(written: string, row: unknown): boolean {
  const table = presentName(written);
  if (isPutBack(table)) return putBackValues(table, row) !== null;
  if (typeof row !== "object" || row === null || Array.isArray(row)) return false;
  return Object.entries(row).every(
    ([name, value]) => /^[a-z_][a-z0-9_]{0,63}$/.test(name) && isScalar(value),
  );
}

function isScalar(value: unknown): value is string | number | null {
  return (
    value === null ||
    typeof value === "string" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}
