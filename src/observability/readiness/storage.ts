/**
 * Judges the database: whether it takes writes, by the small write of each instance, whether
 * what it holds is whole, and whether its schema is the one that this release needs.
 *
 * @module
 */

import {
  type AnsweringInstance,
  type Check,
  degraded,
  type Finding,
  healthy,
  numbersOf,
  REMEDIES,
  spanText,
  unhealthy,
} from "./check.ts";

/** One that tried whether the database takes a write. */
type WritingInstance = AnsweringInstance & {
  probe_write: NonNullable<AnsweringInstance["probe_write"]>;
};

export const storage: Check = ({ now, latency_ms: askedFor }, answering) => {
  if (answering.length === 0) {
    return { ...degraded("unknown: no instance answers"), latency_ms: askedFor };
  }

  const writing = answering.filter((answer): answer is WritingInstance => !!answer.probe_write);
  if (writing.length === 0) {
    const message = "unknown: no instance answers that tries whether the database takes a write";
    return { ...degraded(message), latency_ms: askedFor };
  }

  const latency_ms = Math.max(...writing.map(({ probe_write }) => probe_write.latency_ms));
  const failing = writing.filter(({ probe_write }) => probe_write.failed !== null);
  if (failing.length > 0) {
    return { ...noWrites(failing, writing, lastBatch(now, answering)), latency_ms };
  }
  return (
    damage(now, answering) ?? {
      ...healthy(`the database takes writes; ${lastBatch(now, answering)}`),
      latency_ms,
    }
  );
};

function lastBatch(now: number, answering: readonly AnsweringInstance[]): string {
  const at = Math.max(0, ...answering.map(({ last_flush_at }) => last_flush_at ?? 0));
  return at === 0 ? "nothing was sent to it yet" : `it last took a batch ${spanText(now - at)} ago`;
}

function noWrites(
  failing: readonly WritingInstance[],
  writing: readonly WritingInstance[],
  last: string,
): Finding {
  // An instance that does not ask says less than one that asked.
  const kinds = failing.map(({ probe_write }) => probe_write.failed ?? "not_asked");
  const kind = kinds.find((own) => own !== "not_asked") ?? "not_asked";
  const where = failing.length === writing.length ? "" : ` (instances ${numbersOf(failing)})`;
  const what = `the database does not take writes${where} [${kind}]: ${REMEDIES[kind] ?? kind}; ${last}`;
  if (kind === "foreign") return unhealthy(`${what}. Writes are durable here meanwhile`);
  return degraded(`${what}. Memory goes on: writes are durable here and are sent afterwards`);
}

/** The database takes writes, but a part of what it holds is damaged; null: nobody met one. */
function damage(now: number, answering: readonly AnsweringInstance[]): Finding | null {
  const met = answering.filter(({ damage_seen_at }) => typeof damage_seen_at === "number");
  if (met.length === 0) return null;
  const last = Math.max(...met.map(({ damage_seen_at }) => damage_seen_at ?? 0));
  return degraded(
    `the database answers, but not for all that it holds [corrupt]: ${REMEDIES["corrupt"]}; instances ${numbersOf(met)} met it, last ${spanText(now - last)} ago`,
  );
}

export const migrations: Check = ({ schema_version: needed }, answering) => {
  const versions = answering.flatMap(({ schema_version }) => schema_version ?? []);
  if (versions.length === 0) {
    return degraded("unknown: the database was not seen since the instances started");
  }

  const version = Math.min(...versions);
  const message = `schema version ${version}, this version needs ${needed}`;
  const problems = new Set(answering.flatMap(({ schema_problems = [] }) => schema_problems));
  if (problems.size > 0) {
    return unhealthy(`${[message, ...problems].join("; ")}. See GET /admin/migrations`);
  }
  // A newer schema is what a version before a rollback left: it is backward compatible by one
  // version.
  if (version < needed) return unhealthy(`${message}. Run the migrations`);
  const waiting = new Set(answering.flatMap(({ schema_waiting = [] }) => schema_waiting));
  const rest =
    waiting.size > 0
      ? `; waiting for memory-cli migrate --execute: ${[...waiting].join(", ")}`
      : "";
  return healthy(message + rest);
};
