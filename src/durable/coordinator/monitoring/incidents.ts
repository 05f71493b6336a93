/**
 * Keeps what happened to the service, in order, and the last state of what is watched; what a
 * change of the control document or of the keys says there; and the copies in R2, where incidents
 * outlive the Coordinator: `incidents/<day>/<copied at>-<from>-<to>.ndjson`, in order. No copy is
 * ever overwritten: the numbers begin anew with a Coordinator that lost its storage, the times do
 * not. The only place that reads or writes the tables `incidents` and `watched`.
 *
 * @module
 */

import type { PartContext, Part } from "../../shared/context.ts";
import type { Mode } from "../../shared/control.ts";
import type { KeyView } from "../../../contract/access/answers.ts";
import type { GrantNote } from "../../../contract/access/grants.ts";
import type { RestoreMark } from "../../../contract/backups/restore.ts";
import { MS } from "../../../contract/limits.ts";
import type { Incident, IncidentKind, Severity } from "../../../observability/index.ts";
import type { LocalSql } from "../../../storage/index.ts";
import { isoTime } from "../../../util/time.ts";

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS incidents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL,
    severity TEXT NOT NULL, title TEXT NOT NULL, detail TEXT NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE INDEX IF NOT EXISTS incidents_time ON incidents (at)`,
  `CREATE INDEX IF NOT EXISTS incidents_unstored ON incidents (seq) WHERE stored = 0`,
  // The last state of what is watched, so that a change is seen across restarts.
  `CREATE TABLE IF NOT EXISTS watched (
    name TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) STRICT`,
];

/** Entries in one object of R2, and in one answer. */
const COPIED_TOGETHER = 200;
const ANSWERED = 2_000;
/** Entries that are kept here; the older ones are in R2. */
const ENTRIES_KEPT = 20_000;
/** Characters of a title, and of its details as JSON. */
const TITLE_CHARS = 500;
const DETAIL_CHARS = 20_000;

interface Row extends Record<string, string | number | null> {
  seq: number;
  at: number;
  kind: string;
  severity: string;
  title: string;
  detail: string;
}

export class IncidentLog {
  readonly #sql: LocalSql;
  readonly #now: () => number;

  constructor(sql: LocalSql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
    for (const statement of SCHEMA) sql.run(statement);
  }

  record(
    kind: IncidentKind,
    severity: Severity,
    title: string,
    detail: Record<string, unknown> = {},
  ): void {
    this.#sql.run(
      "INSERT INTO incidents (at, kind, severity, title, detail) VALUES (?, ?, ?, ?, ?)",
      this.#now(),
      kind,
      severity,
      title.slice(0, TITLE_CHARS),
      JSON.stringify(detail).slice(0, DETAIL_CHARS),
    );
    this.#sql.run(
      "DELETE FROM incidents WHERE stored = 1 AND seq <= (SELECT max(seq) FROM incidents) - ?",
      ENTRIES_KEPT,
    );
  }

  /**
   * Remembers a state. Returns the one before when it differs, undefined when it is the same; null:
   * the first one.
   */
  changed(name: string, value: string): string | null | undefined {
    const before = this.watched(name);
    if (before === value) return undefined;
    this.#sql.run(
      "INSERT OR REPLACE INTO watched (name, value, at) VALUES (?, ?, ?)",
      name,
      value,
      this.#now(),
    );
    return before;
  }

  /** A state that is remembered under this name; null: none is. */
  watched(name: string): string | null {
    const text = "SELECT value FROM watched WHERE name = ?";
    return this.#sql.all<{ value: string }>(text, name)[0]?.value ?? null;
  }

  /** Remembers a state; null: forgets it. */
  watch(name: string, value: string | null): void {
    if (value === null) this.#sql.run("DELETE FROM watched WHERE name = ?", name);
    else this.changed(name, value);
  }

  /** Oldest first; the newest when there are too many. */
  since(at: number): Incident[] {
    return this.#sql
      .all<Row>("SELECT * FROM incidents WHERE at >= ? ORDER BY seq DESC LIMIT ?", at, ANSWERED)
      .reverse()
      .map(incidentOfRow);
  }

  /** The oldest entries that R2 does not have. */
  unstored(): Incident[] {
    return this.#sql
      .all<Row>("SELECT * FROM incidents WHERE stored = 0 ORDER BY seq LIMIT ?", COPIED_TOGETHER)
      .map(incidentOfRow);
  }

  markStored(incidents: readonly Incident[]): void {
    const last = incidents.at(-1);
    if (last)
      this.#sql.run("UPDATE incidents SET stored = 1 WHERE stored = 0 AND seq <= ?", last.seq);
  }

  /** Drops what R2 has and what is older than this. */
  prune(before: number): number {
    const [row] = this.#sql.all<{ n: number }>(
      "SELECT count(*) AS n FROM incidents WHERE stored = 1 AND at < ?",
      before,
    );
    this.#sql.run("DELETE FROM incidents WHERE stored = 1 AND at < ?", before);
    return row?.n ?? 0;
  }
}

function incidentOfRow({ seq, at, kind, severity, title, detail }: Row): Incident {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(detail) as Record<string, unknown>;
  } catch {
    // It was too long to be kept whole.
    parsed = { text: detail };
  }
  return {
    seq,
    at: isoTime(at),
    kind: kind as IncidentKind,
    severity: severity as Severity,
    title,
    detail: parsed,
  };
}

/** What happens within this time is copied together, ms. */
const GATHER_MS = MS.second;
/** Incidents that R2 did not take are sent again after this, ms. */
const COPY_AGAIN_MS = 30_000;

interface IncidentCopierPorts extends Pick<PartContext, "now" | "log"> {
  incidents: IncidentLog;
  bucket: Pick<R2Bucket, "put">;
}

export class IncidentCopier implements Part {
  readonly #ports: IncidentCopierPorts;
  #dueAt: number | null;

  constructor(ports: IncidentCopierPorts) {
    this.#ports = ports;
    this.#dueAt = ports.incidents.unstored().length > 0 ? ports.now() + GATHER_MS : null;
  }

  /** Something was recorded. */
  recorded(): void {
    this.#dueAt ??= this.#ports.now() + GATHER_MS;
  }

  nextAt(): number | null {
    return this.#dueAt;
  }

  /** Never throws. */
  async onAlarm(now: number): Promise<void> {
    if (this.#dueAt === null || this.#dueAt > now) return;
    this.#dueAt = null;
    try {
      await this.#copy();
    } catch (error) {
      this.#dueAt = this.#ports.now() + COPY_AGAIN_MS;
      const reason = String(error);
      this.#ports.log({ event: "incidents_keep_failed", reason });
    }
  }

  async #copy(): Promise<void> {
    const { incidents, bucket, now } = this.#ports;
    for (;;) {
      const batch = incidents.unstored();
      const [first, last] = [batch.at(0), batch.at(-1)];
      if (!first || !last) return;
      const day = first.at.slice(0, 10);
      const name = `${now()}-${first.seq}-${last.seq}`;
      const body = batch.map((incident) => `${JSON.stringify(incident)}\n`).join("");
      const onlyIf = { etagDoesNotMatch: "*" };
      // null: an object of this name is there, which this one must not replace.
      const put = await bucket.put(`incidents/${day}/${name}.ndjson`, body, { onlyIf });
      if (put === null) throw new Error(`there is an object ${name} already`);
      incidents.markStored(batch);
    }
  }
}

/** An entry of the timeline, before it has a number and a time. */
export interface NewIncident {
  kind: IncidentKind;
  severity: Severity;
  title: string;
  detail: Record<string, unknown>;
}

/**
 * An operator's or the service's change of what is in force.
 *
 * @param what as in the audit: a mode, circuit_breaker, instance_count, restore, deployment, api_key,
 *   oauth_grant, or a setting
 */
export function incidentOfChange(
  by: string,
  what: string,
  from: unknown,
  to: unknown,
): NewIncident {
  const detail = { by, from, to };
  switch (what) {
    case "maintenance":
    case "degraded": {
      const title = `${what} mode ${to === null ? "off" : onText(to as Mode)} (${by})`;
      return { kind: what, severity: to === null ? "info" : "warning", title, detail };
    }
    case "circuit_breaker": {
      const { action, backend } = to as { action: string; backend: string };
      const title = `order to the circuit breakers of ${backend}: ${action} (${by})`;
      return { kind: "breaker", severity: "warning", title, detail };
    }
    case "restore": {
      const { job, backup } = (to ?? from) as RestoreMark;
      const done = to === null ? "has given the database back" : "has the database";
      const title = `restore of backup ${backup} ${done} (${job}, ${by})`;
      return { kind: "restore", severity: to === null ? "info" : "warning", title, detail };
    }
    case "instance_count": {
      const title = `number of instances: ${String(from)} → ${String(to)} (${by})`;
      return { kind: "topology", severity: "info", title, detail };
    }
    case "deployment": {
      const { owner, taken } = to as { owner: string; taken: string[] };
      const title = `${taken.join(" and ")} taken over by ${owner} (${by})`;
      return { kind: "topology", severity: "warning", title, detail };
    }
    case "oauth_grant":
      return { ...wordsOfGrant(by, to as GrantNote), kind: "keys", detail };
    case "api_key": {
      const { id, name, scopes, namespaces, revoked_at, expires_at } = to as KeyView;
      const ended = revoked_at === null ? `ends ${expires_at}` : "revoked";
      const done = from === null ? "made" : ended;
      const allows = `${scopes.join(", ")} in ${namespaces.join(", ")}`;
      const title = `key ${id} (${name}) ${done}: ${allows} (${by})`;
      return { kind: "keys", severity: from === null ? "info" : "warning", title, detail };
    }
    default: {
      const title = `${what}: ${JSON.stringify(from)} → ${JSON.stringify(to)} (${by})`;
      return { kind: "settings", severity: "info", title, detail };
    }
  }
}

function wordsOfGrant(by: string, grant: GrantNote): Pick<NewIncident, "severity" | "title"> {
  const { key, id, client, namespace, scopes, state, reason } = grant;
  const allows = `${scopes.join(", ")} in ${namespace}`;
  const why = reason === null ? "" : `, ${reason}`;
  const title = `grant ${id} of key ${key} to ${client} ${state}: ${allows}${why} (${by})`;
  return { severity: state === "refused" ? "warning" : "info", title };
}

function onText({ message, until }: Mode): string {
  return `on${until ? ` until ${until}` : ""}: ${message}`;
}
