/**
 * A memory instance: the home of the episodes and namespaces that hash to it. This file only puts
 * its parts together.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import { parseEnv, type Env } from "../../env.ts";
import { NO_ABLATIONS, type Ablations } from "../../memory/ablations.ts";
import { uuidv7 } from "../../memory/id.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import type { Call, Reply, Result } from "../../contract/call.ts";
import type { Input, OperationName, Output } from "../../contract/operations.ts";
import { logger } from "../../observability/index.ts";
import { migrated, openDatabase, SCHEMA, type MigratedDatabase } from "../../storage/index.ts";
import { Background } from "./background.ts";
import { Breakers } from "./database/breakers.ts";
import { Completion } from "./episodes/completion.ts";
import { ControlCopy, type Control } from "../shared/control.ts";
import { callTrace, onBehalf, traceOfCall, traceparentOfCall } from "./requests/call-scope.ts";
import { EpisodeStore } from "./episodes/episode-store.ts";
import { Episodes } from "./episodes/episodes.ts";
import { Eraser } from "./episodes/eraser.ts";
import { Eviction } from "./episodes/eviction.ts";
import { RequestPipeline } from "./requests/pipeline.ts";
import { LOCAL_SCHEMA, migrateLocal, type InstanceContext } from "./context.ts";
import { Rebalance } from "./placement/rebalance.ts";
import { operationHandlers } from "./operations.ts";
import {
  homeTextOfInternal,
  internalHandlers,
  type InternalHandlers,
} from "./internal-operations.ts";
import { ApiKeyCopies } from "./requests/api-keys.ts";
import { workersAi } from "./knowledge/vectors/embedder.ts";
import { Knowledge } from "./knowledge/index.ts";
import { RateLimiter } from "./requests/rate-limiter.ts";
import { EpisodeQueries } from "./episodes/episode-queries.ts";
import { DamageDetector } from "./database/local-damage.ts";
import { InstanceHealth } from "./health.ts";
import { InstanceMetrics } from "./metrics.ts";
import { Alarm, localSql, Transactions } from "../shared/sqlite.ts";
import { DirtyRows } from "../outbox/dirty-rows.ts";
import { MetricsStore } from "../shared/metrics-store.ts";
import { createOutbox, OUTBOX_SCHEMA, sentInTime, type Outbox } from "../outbox/outbox.ts";
import type { InstanceRpc, InternalName, Internals, Place, Trace } from "../shared/protocol.ts";
import { askCoordinator } from "../shared/coordinator/client.ts";
import type { CommandInput, CommandOutput, CommandsOf } from "../shared/coordinator/commands.ts";
import { ReadCopies } from "./episodes/read-copies.ts";
import { failureOf, Moved, Refused } from "../shared/refusals.ts";
import { AfterRestore } from "./placement/after-restore.ts";
import { Relationships } from "./episodes/relationships.ts";
import { TaskFailures } from "./episodes/task-failures.ts";
import { WriteLeaseHolder } from "../outbox/write-lease.ts";
import { instanceOf, coordinatorOf, instanceName } from "../shared/objects.ts";

/**
 * What is marked within this time goes to the database together, and no answer waits while a batch
 * is made, ms.
 */
const GATHER_MS = 10;
/** An instance that serves tells the Coordinator what it finds no more often than this, ms. */
const REPORT_MS = 1_000;

export class MemoryInstance extends DurableObject<Env> implements InstanceRpc {
  readonly #context: InstanceContext;
  readonly #alarm: Alarm;
  readonly #outbox: Outbox;
  readonly #database: MigratedDatabase;
  readonly #breakers: Breakers;
  readonly #control: ControlCopy;
  readonly #store: EpisodeStore;
  readonly #knowledge: Knowledge;
  readonly #rebalance: Rebalance;
  readonly #background: Background;
  readonly #pipeline: RequestPipeline;
  readonly #internalOperations: InternalHandlers;
  #index: number | null = null;
  #owned: { home: string; version: number } | null = null;
  #reportedAt = 0;
  /**
   * Statements that wrote to the storage, and how many there had been when the next alarm was last
   * thought about.
   */
  #writes = 0;
  #scheduled = -1;
  /** A flush is about to begin. */
  #gathering = false;
  #pulling: Promise<void> | null = null;

  /** @param ablations parts of recall and advice that are left out; only a bench leaves any out */
  constructor(ctx: DurableObjectState, env: Env, ablations: Ablations = NO_ABLATIONS) {
    super(ctx, env);
    const deployment = parseEnv(env);
    this.#alarm = new Alarm(ctx.storage);
    const copies = new ReadCopies();
    const damage = new DamageDetector();
    const wrote = (text: string): void => {
      this.#writes += 1;
      copies.wrote(text);
    };
    const sql = localSql(ctx.storage, wrote, damage.guard);
    for (const statement of [...SCHEMA, ...OUTBOX_SCHEMA, ...LOCAL_SCHEMA]) sql.run(statement);
    migrateLocal(sql);
    const [index] = sql.all<{ value: string }>("SELECT value FROM meta WHERE name = 'index'");
    if (index) this.#index = Number(index.value);
    const control = new ControlCopy(sql, deployment.defaults, deployment.instanceCount);
    this.#control = control;
    const log = logger(
      () => control.settings.log_level,
      () => ({ instance: this.#index, ...traceOfCall() }),
    );
    const { run, onRollback } = new Transactions(ctx.storage);
    const metrics = new MetricsStore(sql, run);
    const { transaction, meter } = metrics;
    damage.tell({ now: Date.now, count: () => meter.count("memory_local_damage_total"), log });

    this.#breakers = new Breakers({
      sql,
      settings: () => control.settings,
      degraded: () => control.value.degraded !== null || control.value.restore !== null,
      database: openDatabase({
        url: deployment.databaseUrl,
        authToken: deployment.databaseToken,
        timeoutMs: () => control.settings.database_timeout_ms,
        traceparent: traceparentOfCall,
      }),
      writer: () => instanceName(this.#place().index),
      meter,
      log,
      moved: () => {
        // However it closed, what waited for it need not wait longer.
        if (this.#breakers.states().turso === "closed") this.#outbox.resetBackoff();
        this.#schedule();
        void this.#report(true);
      },
    });
    const database = migrated(this.#breakers.guard, Date.now);
    this.#database = database;
    const outbox = createOutbox({
      sql,
      transaction,
      onRollback,
      database,
      writer: () => instanceName(this.#place().index),
      batch: () => ({ together: control.settings.batch_writes, rows: control.settings.batch_size }),
      now: Date.now,
      random: Math.random,
      writeLease: new WriteLeaseHolder({
        source: () => ({
          acquire: () => this.#command("write_lease.acquire", null),
          release: async (token) => {
            await this.#command("write_lease.release", { token });
          },
        }),
        now: Date.now,
        log,
      }),
      sent: (rows) => {
        meter.observe("memory_flush_batch_size", rows);
        meter.set("memory_last_flush_timestamp_seconds", Date.now() / 1_000);
      },
      log,
    });
    this.#outbox = outbox;
    const marks = new DirtyRows({
      outbox,
      isHome: (home) => this.#isHome(home),
      onMarked: () => this.#alarm.wake(Date.now() + 1_000),
    });
    const context: InstanceContext = {
      sql,
      transaction,
      database,
      settings: () => control.settings,
      control: () => control.value,
      now: Date.now,
      uuid: (now) => uuidv7(now, crypto.getRandomValues(new Uint8Array(10))),
      place: () => this.#place(),
      instanceCount: () =>
        Math.max(control.value.topology.count, control.value.topology.previous ?? 0),
      isHome: (home) => this.#isHome(home),
      markDirty: (table, key, bytes) => marks.markDirty(table, key, bytes),
      begin: (shard) => this.#rebalance.begin(shard),
      isDirty: (table, key) => outbox.isDirty(table, key),
      ask: (instance, name, input) => this.#ask(instance, name, input),
      wake: (at) => this.#alarm.wake(at),
      meter,
      log,
    };
    this.#context = context;
    const keys = new ApiKeyCopies(context, () => this.#command("keys.records", null));
    this.#store = new EpisodeStore(context, copies);
    const eviction = new Eviction(context, (namespace, id) => this.#store.drop(namespace, id));
    const episodes = new Episodes(context, this.#store);
    const failures = new TaskFailures({ sql, now: Date.now, meter, log });
    const completion = new Completion(context, this.#store, episodes, failures);
    this.#knowledge = new Knowledge({
      sql,
      transaction,
      isHome: (namespace) => context.isHome(`ns:${namespace}`),
      markAllDirty: (table, keys) => marks.markAllDirty(table, keys),
      isDirty: context.isDirty,
      database,
      uuid: context.uuid,
      now: Date.now,
      failures,
      ablations,
      capacity: () => control.settings.namespace_episodes_max,
      meter,
      embedder: env.AI ? workersAi(env.AI, deployment.embeddingModel) : null,
      log,
    });
    this.#rebalance = new Rebalance(context, outbox, this.#knowledge, async (version) => {
      await this.#command("topology.settled", { instance: this.#place().index, version });
    });
    const relationships = new Relationships(context);
    const limiter = new RateLimiter(context);
    const parts = {
      context,
      store: this.#store,
      episodes,
      completion,
      knowledge: this.#knowledge,
      lists: new EpisodeQueries(context, relationships),
      relationships,
      eraser: new Eraser(context, outbox),
      keys,
      limiter,
      outbox,
      rebalance: this.#rebalance,
      breakers: this.#breakers,
      restored: new AfterRestore(context, outbox, this.#knowledge),
      running: () => this.#pipeline.running,
      storageBytes: () => ctx.storage.sql.databaseSize,
      health: new InstanceHealth(this.#database, this.#breakers.guard, metrics.meter, Date.now),
      metrics,
      told: new InstanceMetrics(context, metrics),
      failures,
      background: () => this.#background.view(),
      accept: (document: Control) => this.#accept(document),
    };
    this.#internalOperations = internalHandlers(parts);
    this.#pipeline = new RequestPipeline({
      context,
      keys,
      handlers: operationHandlers(parts),
      limit: (key) => limiter.take(key),
      claim: (shard) => this.#rebalance.ensureHere(shard),
      erasing: (namespace) => parts.eraser.runs(namespace),
      unsent: () => outbox.state(),
      forward: (instance, name, input, call) =>
        this.#stub(instance).execute(this.#placeOf(instance), name, input, call),
      stored: (marks) => sentInTime(outbox, marks),
      record: () => marks.record(),
    });
    this.#background = new Background({
      outbox,
      breakers: this.#breakers,
      completion,
      knowledge: this.#knowledge,
      rebalance: this.#rebalance,
      eviction,
      gate: this.#pipeline,
      failures,
      alarm: this.#alarm,
      now: Date.now,
      meter,
      log,
    });
    this.#breakers.applyControl(control.value, this.#index);
    // What was changed while this object was away and could not be told.
    void this.#pull().catch(() => undefined);
    this.#schedule();
  }

  async execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>> {
    const reply = await this.#pipeline.run(name, input, call, () => this.#settle(place));
    // What there is to do is in the storage: a read that changed nothing there need not look for
    // it.
    if (this.#writes !== this.#scheduled) this.#scheduleFlush();
    void this.#report(false);
    return reply;
  }

  async internal<N extends InternalName>(
    place: Place,
    name: N,
    input: Internals[N]["input"],
    trace?: Trace,
  ): Promise<Result<Internals[N]["output"]>> {
    try {
      await this.#settle(place);
      const value = await onBehalf(trace, () => this.#inside(name, input));
      this.#scheduleFlush();
      return { ok: true, value, namespace: "", durability: "none", replayed: false };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    }
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    await this.#background.run();
    void this.#report(false);
    this.#schedule();
  }

  #place(): Place {
    const { version, count } = this.#control.value.topology;
    return { index: this.#index ?? 0, count, version };
  }

  /** Whether what has this text as its home is this instance's to change. */
  #isHome(home: string | null): boolean {
    const { index, count, version } = this.#place();
    const known = this.#owned;
    // Rows come in long runs of one namespace.
    if (home === null || (known?.home === home && known.version === version)) return true;
    if (homeOf(home, count) !== index) return false;
    this.#owned = { home, version };
    return true;
  }

  #placeOf(instance: number): Place {
    return { ...this.#place(), index: instance };
  }

  #stub(instance: number): InstanceRpc {
    return instanceOf(this.env, instance);
  }

  #command<N extends CommandsOf["instance"]>(
    name: N,
    input: CommandInput<N>,
  ): Promise<CommandOutput<N>> {
    return askCoordinator(coordinatorOf(this.env), name, input);
  }

  /** Learns its own index, and what the caller knows that it does not. */
  async #settle(place: Place): Promise<void> {
    if (this.#index !== place.index) {
      this.#index = place.index;
      this.#context.sql.run(
        "INSERT OR REPLACE INTO meta (name, value) VALUES ('index', ?)",
        String(place.index),
      );
      this.#breakers.applyControl(this.#control.value, place.index);
    }
    if (this.#control.known && place.version <= this.#control.value.topology.version) return;
    try {
      await this.#pull();
      // What was asked for before the change knows nothing of it.
      if (place.version > this.#control.value.topology.version) await this.#pull();
    } catch (error) {
      this.#context.log({ event: "control_pull_failed", level: "warn", reason: String(error) });
      const detail = "The instance does not know yet what is in force. Try again in a moment.";
      if (place.version > 0) throw new Refused("not_ready", detail, { retry_after_s: 1 });
    }
  }

  #pull(): Promise<void> {
    this.#pulling ??= this.#command("control.get", null)
      .then((control) => this.#accept(control))
      .finally(() => {
        this.#pulling = null;
      });
    return this.#pulling;
  }

  #accept(control: Control): void {
    if (!this.#control.accept(control)) return;
    this.#breakers.applyControl(control, this.#index);
    this.#alarm.wake(Date.now());
  }

  /** Starts a flush without waiting for it; the alarm is there in case it is cut short. */
  #scheduleFlush(): void {
    // What follows a flush looks for everything that is left to do.
    if (this.#gathering) return;
    const at = this.#outbox.nextAt();
    if (at !== null && at <= Date.now()) {
      this.#gathering = true;
      setTimeout(() => {
        this.#gathering = false;
        void this.#outbox.flush().finally(() => this.#schedule());
      }, GATHER_MS);
      return;
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#scheduled = this.#writes;
    this.#background.schedule();
  }

  /** Tells the Coordinator how the backends look from here; takes over what changed meanwhile. */
  async #report(now: boolean): Promise<void> {
    if (this.#index === null || (!now && Date.now() - this.#reportedAt < REPORT_MS)) return;
    this.#reportedAt = Date.now();
    try {
      const { version } = this.#control.value;
      const newest = await this.#command("instance.report", {
        instance: this.#index,
        control_version: version,
        breakers: this.#breakers.states(),
        dead: this.#outbox.state().dead,
        overloaded: this.#context.meter.value("memory_refused_total", { code: "overloaded" }),
      });
      if (newest > this.#control.value.version) await this.#pull();
    } catch (error) {
      this.#context.log({ event: "report_failed", level: "debug", reason: String(error) });
    }
  }

  /** Does what another instance asks, or asks the one where it lives by now. */
  async #inside<N extends InternalName>(
    name: N,
    input: Internals[N]["input"],
  ): Promise<Internals[N]["output"]> {
    const home = homeTextOfInternal(name, input);
    for (let tries = 0; ; tries++) {
      const { index, count } = this.#place();
      const instance = home === null ? index : homeOf(home.text, count);
      if (instance !== index) return this.#ask(instance, name, input);
      try {
        if (home) await this.#rebalance.ensureHere(home.shard);
        return await this.#internalOperations[name](input);
      } catch (error) {
        if (!(error instanceof Moved) || tries > 3) throw error;
      }
    }
  }

  async #ask<N extends InternalName>(
    instance: number,
    name: N,
    input: Internals[N]["input"],
  ): Promise<Internals[N]["output"]> {
    if (instance === this.#place().index) return this.#inside(name, input);
    const result = await this.#stub(instance).internal(
      this.#placeOf(instance),
      name,
      input,
      callTrace(),
    );
    if (result.ok) return result.value;
    const { code, detail, ...more } = result.error;
    throw new Refused(code, detail, more);
  }
}
