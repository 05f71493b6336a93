/**
 * An instance's health for readiness: its view, and whether the database takes a write from it.
 *
 * @module
 */

import {
  schemaProblems,
  schemaWaiting,
  type DatabaseErrorKind,
  type SchemaStatus,
} from "../../../storage/index.ts";
import { withDeadline } from "../../../util/deadline.ts";
import type {
  InstanceHealthView,
  OwnInstanceView,
  ProbeFinding,
} from "../../shared/instance/protocol.ts";
import type { InstanceContext } from "../context.ts";
import { kindOf, type GuardedDatabase } from "../database/guarded-database.ts";

/** What was seen of the database's migrations is read again after this, ms. */
const SCHEMA_AGE_MS = 10_000;

export class InstanceHealth {
  readonly #context: InstanceContext;
  readonly #guard: GuardedDatabase;
  readonly #probeWrite: ProbeWrite;
  #schema: SchemaStatus | null = null;
  #schemaAt = 0;

  constructor(context: InstanceContext, guard: GuardedDatabase) {
    this.#context = context;
    this.#guard = guard;
    this.#probeWrite = new ProbeWrite({ write: () => this.#write(), kindOf, now: context.now });
  }

  /** @param waitMs the longest that the database is waited for; null: nothing is written to it */
  async health(view: OwnInstanceView, waitMs: number | null): Promise<InstanceHealthView> {
    const { meter } = this.#context;
    const probe_write = waitMs === null ? null : await this.#probeWrite.ask(waitMs);
    const flushed = meter.value("memory_last_flush_timestamp_seconds");
    return {
      view,
      probe_write,
      schema_version: this.#schema?.version ?? null,
      schema_problems: this.#schema ? schemaProblems(this.#schema) : [],
      schema_waiting: this.#schema ? schemaWaiting(this.#schema) : [],
      last_flush_at: flushed === 0 ? null : flushed * 1_000,
      damage_seen_at: this.#guard.damageSeenAt,
      local_damage: meter.value("memory_local_damage_total"),
      cache_hits: meter.value("memory_cache_hit_total"),
      cache_misses: meter.value("memory_cache_miss_total"),
    };
  }

  async #write(): Promise<void> {
    const { database, now } = this.#context;
    const guard = this.#guard;
    // An open breaker would answer in place of the database, and hide what is wrong with it.
    const breaker = guard.breaker.state(now());
    const isShut = breaker === "open" || breaker === "half_open";
    if (!isShut && (!this.#schema || now() - this.#schemaAt >= SCHEMA_AGE_MS)) {
      this.#schema = await database.status();
      this.#schemaAt = now();
    }
    try {
      await guard.probeWrite();
    } catch (error) {
      if (kindOf(error) === "schema") this.#schema = null;
      throw error;
    }
  }
}

/** A finding is as good as a new one for this long, ms. */
const FRESH_MS = 5_000;

interface ProbeWriteDeps {
  /** A small write. */
  write: () => Promise<void>;
  /** Sorts what it throws. */
  kindOf: (error: unknown) => DatabaseErrorKind;
  now: () => number;
}

/**
 * Finds out whether the database takes a write from here, with a small one: reads stay green while
 * writes stall or are blocked. A write is made at most every few seconds however often it is asked
 * for, and nobody waits for it longer than they asked to.
 */
export class ProbeWrite {
  readonly #deps: ProbeWriteDeps;
  #last: ProbeFinding | null = null;
  #running: { begun: number; finding: Promise<ProbeFinding> } | null = null;

  constructor(deps: ProbeWriteDeps) {
    this.#deps = deps;
  }

  /**
   * The last finding while it is fresh, else a new one; "late" after `waitMs`, while the write goes
   * on.
   */
  ask(waitMs: number): Promise<ProbeFinding> {
    const { now } = this.#deps;
    if (this.#last && now() - this.#last.at < FRESH_MS) return Promise.resolve(this.#last);
    this.#running ??= { begun: now(), finding: this.#try() };
    const { begun, finding } = this.#running;
    return withDeadline(finding, waitMs, (): ProbeFinding => {
      const at = now();
      return { at, latency_ms: at - begun, failed: "late" };
    });
  }

  async #try(): Promise<ProbeFinding> {
    const { write, kindOf, now } = this.#deps;
    const begun = now();
    let failed: ProbeFinding["failed"] = null;
    try {
      await write();
    } catch (error) {
      failed = kindOf(error);
    }
    const at = now();
    this.#last = { at, latency_ms: at - begun, failed };
    this.#running = null;
    return this.#last;
  }
}
