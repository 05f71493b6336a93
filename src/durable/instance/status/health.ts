/**
 * An instance's health for readiness: its view, and whether the database takes a write from it.
 *
 * @module
 */

import type { Meter } from "../../../observability/index.ts";
import { schemaProblems, type SchemaStatus } from "../../../storage/index.ts";
import type { InstanceHealthView, OwnInstanceView } from "../../shared/instance/views.ts";
import type { InstanceContext } from "../context.ts";
import { kindOf, type GuardedDatabase } from "../database/guarded-database.ts";
import { ProbeWrite } from "../database/probe-write.ts";

/** What was seen of the database's migrations is read again after this, ms. */
const SCHEMA_AGE_MS = 10_000;

export class InstanceHealth {
  readonly #context: InstanceContext;
  readonly #guard: GuardedDatabase;
  readonly #meter: Meter;
  readonly #probeWrite: ProbeWrite;
  #schema: SchemaStatus | null = null;
  #schemaAt = 0;

  constructor(context: InstanceContext, guard: GuardedDatabase, meter: Meter) {
    this.#context = context;
    this.#guard = guard;
    this.#meter = meter;
    this.#probeWrite = new ProbeWrite({ write: () => this.#write(), kindOf, now: context.now });
  }

  /** @param waitMs the longest that the database is waited for */
  async health(view: OwnInstanceView, waitMs: number): Promise<InstanceHealthView> {
    const meter = this.#meter;
    const probe_write = await this.#probeWrite.ask(waitMs);
    const flushed = meter.value("memory_last_flush_timestamp_seconds");
    return {
      view,
      probe_write,
      schema_version: this.#schema?.version ?? null,
      schema_problems: this.#schema ? schemaProblems(this.#schema) : [],
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
