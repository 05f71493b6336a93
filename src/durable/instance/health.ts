/**
 * How an instance is, for readiness: what it holds, and whether the database takes a write from it.
 *
 * @module
 */

import type { Meter } from "../../observability/index.ts";
import { schemaProblems, type SchemaStatus } from "../../storage/index.ts";
import { ProbeWrite } from "./database/probe-write.ts";
import { kindOf, type GuardedDatabase } from "./database/guarded-database.ts";
import type { InstanceHealthView, OwnInstanceView } from "../shared/protocol.ts";

/** What was seen of the database's migrations is looked at again after this, ms. */
const SCHEMA_AGE_MS = 10_000;

export class InstanceHealth {
  readonly #probeWrite: ProbeWrite;
  readonly #meter: Meter;
  readonly #guard: GuardedDatabase;
  #schema: SchemaStatus | null = null;
  #schemaAt = 0;

  /** @param database migrates itself before its first use */
  constructor(
    database: { status(): Promise<SchemaStatus> },
    guard: GuardedDatabase,
    meter: Meter,
    now: () => number,
  ) {
    this.#meter = meter;
    this.#guard = guard;
    const write = async (): Promise<void> => {
      // An open breaker would answer for the database, and what ails it would not be known.
      const breaker = guard.breaker.state(now());
      const isShut = breaker === "open" || breaker === "half_open";
      if (!isShut && (!this.#schema || now() - this.#schemaAt >= SCHEMA_AGE_MS)) {
        this.#schema = await database.status();
        this.#schemaAt = now();
      }
      await guard.check().catch((error: unknown) => {
        if (kindOf(error) === "schema") this.#schema = null;
        throw error;
      });
    };
    this.#probeWrite = new ProbeWrite(write, kindOf, now);
  }

  /** @param waitMs the longest that the database is waited for */
  async look(view: OwnInstanceView, waitMs: number): Promise<InstanceHealthView> {
    const probe_write = await this.#probeWrite.ask(waitMs);
    const flushed = this.#meter.value("memory_last_flush_timestamp_seconds");
    return {
      view,
      probe_write,
      schema_version: this.#schema?.version ?? null,
      schema_problems: this.#schema ? schemaProblems(this.#schema) : [],
      last_flush_at: flushed === 0 ? null : flushed * 1_000,
      damage_seen_at: this.#guard.damageSeenAt,
      local_damage: this.#meter.value("memory_local_damage_total"),
      cache_hits: this.#meter.value("memory_cache_hit_total"),
      cache_misses: this.#meter.value("memory_cache_miss_total"),
    };
  }
}
