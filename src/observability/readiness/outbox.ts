/**
 * Judges whether writes that wait for the database have room, and reach it.
 *
 * @module
 */

import { degraded, healthy, numbersOf, spanText, total, unhealthy, type Check } from "./check.ts";
import type { AnsweringInstance } from "./facts.ts";
import { REMEDIES } from "./remedies.ts";

/** A row that waits for longer says that flushing lags, ms. */
const LAG_MS = 60_000;

export const outbox: Check = ({ now, limits }, answering) => {
  const full = answering.filter(
    ({ view: { outbox: own } }) =>
      own.rows >= limits.outbox_max_rows || own.bytes >= limits.outbox_max_bytes,
  );
  if (full.length > 0) {
    return unhealthy(
      `the outbox of instances ${numbersOf(full)} is full: no episode can be started there. Mend the database, or raise outbox_max_rows and outbox_max_bytes`,
    );
  }

  const rows = total(answering, ({ view }) => view.outbox.rows);
  const oldest = Math.max(0, ...answering.map(({ view }) => ageOf(now, view.outbox.oldest_at)));
  const waiting =
    rows === 0 ? "nothing waits" : `${rows} rows wait, the longest for ${spanText(oldest)}`;
  const dead = total(answering, ({ view }) => view.outbox.dead);
  if (dead > 0) {
    return degraded(
      `${dead} rows are parked that the database never takes; ${waiting}. See GET /admin/outbox/dead, mend the cause, then POST /admin/outbox/dead/retry`,
    );
  }
  if (oldest > LAG_MS) {
    return degraded(
      `${waiting}${failedBatches(answering)}. It drains when the database takes writes; POST /admin/storage/flush tries at once`,
    );
  }
  return healthy(waiting);
};

function ageOf(now: number, at: string | null): number {
  return at === null ? 0 : now - Date.parse(at);
}

/** Why batches fail, where that is known. */
function failedBatches(answering: readonly AnsweringInstance[]): string {
  const errors = new Set(
    answering.flatMap(({ view }) => (view.outbox.rows > 0 ? (view.outbox.last_error ?? []) : [])),
  );
  const reasons = [...errors].map((error) => {
    const remedy = REMEDIES[error.split(":")[0] ?? ""];
    return remedy === undefined ? error : `[${error}] ${remedy}`;
  });
  return reasons.length === 0 ? "" : `; the last batch failed: ${reasons.join("; ")}`;
}
