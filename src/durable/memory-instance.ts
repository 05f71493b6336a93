/**
 * A memory instance: the home of the episodes and namespaces that hash to it. This file only puts its parts together.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import { parseSettings, type Env, type Settings } from "../env.ts";
import { DEFAULT_LEARNING } from "../memory/learning/index.ts";
import { uuidv7 } from "../memory/id.ts";
import type { Call, Input, OperationName, Output, Result } from "../memory/operations.ts";
import { migrated, openDatabase, SCHEMA, type Database, type SqlValue, type TableName } from "../storage/index.ts";
import { Completion } from "./completion.ts";
import { COORDINATOR_NAME } from "./coordinator.ts";
import { EpisodeStore } from "./episode-store.ts";
import { Episodes } from "./episodes.ts";
import { Eraser } from "./eraser.ts";
import { Gate, IDEMPOTENCY_KEPT_MS } from "./gate.ts";
import { LOCAL_SCHEMA, type Ground } from "./ground.ts";
import { handlersOf, internalsOf, type InternalHandlers } from "./handlers.ts";
import { Keys } from "./keys.ts";
import { Knowledge } from "./knowledge/index.ts";
import { Lists } from "./lists.ts";
import { Alarm, localSql, logEvent } from "./local-storage.ts";
import { createOutbox, OUTBOX_SCHEMA, type Outbox } from "./outbox.ts";
import type { InstanceRpc, InternalName, Internals, Place } from "./protocol.ts";
import { failureOf, Refused } from "./refused.ts";
import { Relationships } from "./relationships.ts";

/** How long a client that asked for `wait=stored` waits before it is told `queued`, ms. */
const STORED_WAIT_MS = 10_000;
/** The least time between two alarms, ms. */
const ALARM_MIN_MS = 500;

type Mark = readonly [TableName, readonly SqlValue[]];

export class MemoryInstance extends DurableObject<Env> implements InstanceRpc {
  readonly #settings: Settings;
  readonly #ground: Ground;
  readonly #alarm: Alarm;
  readonly #outbox: Outbox;
  readonly #database: Database & { version(): Promise<number> };
  readonly #store: EpisodeStore;
  readonly #completion: Completion;
  readonly #knowledge: Knowledge;
  readonly #gate: Gate;
  readonly #internals: InternalHandlers;
  readonly #recorders = new Set<Mark[]>();
  #place: Place | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = parseSettings(env);
    this.#alarm = new Alarm(ctx.storage);
    const sql = localSql(ctx.storage);
    for (const statement of [...SCHEMA, ...OUTBOX_SCHEMA, ...LOCAL_SCHEMA]) sql.run(statement);
    const [place] = sql.all<{ value: string }>("SELECT value FROM meta WHERE name = 'place'");
    if (place) this.#place = JSON.parse(place.value) as Place;

    const { databaseUrl: url, databaseToken: authToken, databaseTimeoutMs: timeoutMs } = this.#settings;
    const database = migrated(openDatabase({ url, authToken, timeoutMs }), Date.now);
    this.#database = database;
    const transaction = <T>(work: () => T): T => ctx.storage.transactionSync(work);
    const outbox = createOutbox({
      sql,
      transaction,
      database,
      now: Date.now,
      random: Math.random,
      turn: (work) => this.#inTurn(work),
      log: logEvent,
    });
    this.#outbox = outbox;
    const ground: Ground = {
      sql,
      transaction,
      database,
      settings: this.#settings,
      now: Date.now,
      uuid: (now) => uuidv7(now, crypto.getRandomValues(new Uint8Array(10))),
      place: () => this.#place ?? { index: 0, count: this.#settings.instanceCount },
      dirty: (table, key) => {
        outbox.mark(table, key);
        for (const marks of this.#recorders) marks.push([table, key]);
        this.#alarm.wake(Date.now() + 1_000);
      },
      isDirty: (table, key) => outbox.isMarked(table, key),
      ask: (instance, name, input) => this.#ask(instance, name, input),
      wake: (at) => this.#alarm.wake(at),
      log: logEvent,
    };
    this.#ground = ground;
    const keys = new Keys(ground, () => this.env.COORDINATOR.getByName(COORDINATOR_NAME).allKeys());
    this.#store = new EpisodeStore(ground);
    const episodes = new Episodes(ground, this.#store);
    this.#completion = new Completion(ground, this.#store, episodes);
    this.#knowledge = new Knowledge({
      sql,
      transaction,
      dirty: ground.dirty,
      isDirty: ground.isDirty,
      database,
      uuid: ground.uuid,
      settings: DEFAULT_LEARNING,
      capacity: () => this.#settings.namespaceEpisodesMax,
      log: logEvent,
    });
    const relationships = new Relationships(ground);
    const parts = {
      ground,
      store: this.#store,
      episodes,
      completion: this.#completion,
      knowledge: this.#knowledge,
      lists: new Lists(ground, relationships),
      relationships,
      eraser: new Eraser(ground, outbox),
      keys,
      schemaVersion: () => this.#database.version(),
    };
    this.#internals = internalsOf(parts);
    this.#gate = new Gate({
      ground,
      keys,
      handlers: handlersOf(parts),
      forward: (instance, name, input, call) => this.#forward(instance, name, input, call),
      stored: (marks) => this.#stored(marks),
      record: () => this.#record(),
    });
    this.#schedule();
  }

  async execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Result<Output<N>>> {
    this.#settle(place);
    const result = await this.#gate.run(name, input, call);
    this.#kick();
    return result;
  }

  async internal<N extends InternalName>(
    place: Place,
    name: N,
    input: Internals[N]["input"],
  ): Promise<Result<Internals[N]["output"]>> {
    this.#settle(place);
    try {
      const value = await this.#internals[name](input);
      this.#kick();
      return { ok: true, value, namespace: "", durability: "none", replayed: false };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    }
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    await this.#outbox.flush();
    await this.#completion.errands();
    const idleAt = this.#completion.abandonIdle();
    if (idleAt !== null) this.#alarm.wake(Math.max(idleAt, Date.now() + ALARM_MIN_MS));
    if (this.#knowledge.needsWork()) {
      try {
        await this.#knowledge.loadSlice(Date.now());
      } catch (error) {
        logEvent({ event: "knowledge_load_failed", level: "warn", reason: String(error) });
      }
    }
    const evicted = this.#store.evict(this.#settings.cacheEpisodesMax);
    if (evicted > 0) logEvent({ event: "episodes_evicted", level: "info", count: evicted });
    this.#ground.sql.run("DELETE FROM idempotency WHERE created_at <= ?", Date.now() - IDEMPOTENCY_KEPT_MS);
    this.#schedule();
  }

  #settle(place: Place): void {
    if (this.#place?.index === place.index && this.#place.count === place.count) return;
    this.#place = place;
    this.#ground.sql.run("INSERT OR REPLACE INTO meta (name, value) VALUES ('place', ?)", JSON.stringify(place));
  }

  /** Starts a flush without waiting for it; the alarm is there in case it is cut short. */
  #kick(): void {
    const at = this.#outbox.nextAt();
    if (at !== null && at <= Date.now()) void this.#outbox.flush().finally(() => this.#schedule());
    else this.#schedule();
  }

  #schedule(): void {
    const soonest = Date.now() + ALARM_MIN_MS;
    const at = this.#outbox.nextAt();
    if (at !== null) this.#alarm.wake(Math.max(at, soonest));
    if (this.#completion.hasErrands() || this.#knowledge.needsWork()) this.#alarm.wake(soonest + 500);
  }

  #record(): () => Mark[] {
    const marks: Mark[] = [];
    this.#recorders.add(marks);
    return () => {
      this.#recorders.delete(marks);
      return marks;
    };
  }

  async #stored(marks: readonly Mark[]): Promise<boolean> {
    const deadline = Date.now() + STORED_WAIT_MS;
    for (;;) {
      if (!marks.some(([table, key]) => this.#outbox.isMarked(table, key))) return true;
      if (Date.now() > deadline) return false;
      await this.#outbox.flush(true);
      if (marks.some(([table, key]) => this.#outbox.isMarked(table, key))) await scheduler.wait(100);
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const coordinator = this.env.COORDINATOR.getByName(COORDINATOR_NAME);
    let token: number | null = null;
    try {
      token = await coordinator.takeTurn();
    } catch (error) {
      // Turns spare the database; they are not what keeps a write safe.
      logEvent({ event: "turn_unavailable", level: "warn", reason: String(error) });
    }
    try {
      return await work();
    } finally {
      if (token !== null) void coordinator.giveTurnBack(token).catch(() => undefined);
    }
  }

  async #ask<N extends InternalName>(
    instance: number,
    name: N,
    input: Internals[N]["input"],
  ): Promise<Internals[N]["output"]> {
    const { index, count } = this.#ground.place();
    if (instance === index) return this.#internals[name](input);
    const stub = this.env.MEMORY_INSTANCE.getByName(`instance-${instance}`) as unknown as InstanceRpc;
    const result = await stub.internal({ index: instance, count }, name, input);
    if (result.ok) return result.value;
    const { code, detail, ...more } = result.error;
    throw new Refused(code, detail, more);
  }

  #forward<N extends OperationName>(
    instance: number,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Result<Output<N>>> {
    const { count } = this.#ground.place();
    const stub = this.env.MEMORY_INSTANCE.getByName(`instance-${instance}`) as unknown as InstanceRpc;
    return stub.execute({ index: instance, count }, name, input, call);
  }
}
