/**
 * A memory instance: the home of the episodes and namespaces that hash to it. Clients' calls come
 * in by `execute`, those of instances, the Coordinator and the Worker by `internal`, and the
 * platform's alarm by `alarm`. An expected failure is a value; only a bug is thrown. Needs nothing
 * but what its platform gives it, so that it runs wherever there is an SQLite.
 *
 * @module
 */

import type { Call, Reply } from "../../contract/call.ts";
import type { Input, OperationName, Output } from "../../contract/operations.ts";
import type { LocalSql } from "../../storage/index.ts";
import type { Control } from "../shared/control.ts";
import type {
  InstanceRpc,
  InternalInput,
  InternalOperationName,
  InternalOutput,
  InternalResult,
  Place,
  Trace,
} from "../shared/instance/protocol.ts";
import { AlarmRunner } from "../shared/parts/alarm-runner.ts";
import type { Part } from "../shared/parts/part.ts";
import { failureOf } from "../shared/refusals.ts";
import { Background } from "./background.ts";
import { alarmPartsOf } from "./build/alarm-parts.ts";
import { contextOf } from "./build/context.ts";
import { foundationOf } from "./build/foundation.ts";
import { episodePartsOf, knowledgeOf, placementPartsOf, taskPartsOf } from "./build/parts.ts";
import { accessPartsOf, internalHandlersOf, pipelineOf } from "./build/requests.ts";
import { reporterOf, viewerOf } from "./build/status.ts";
import { storagePartsOf, type StorageParts } from "./build/storage.ts";
import { migratePendingTasks } from "./episodes/tasks/pending-tasks.ts";
import { Peers } from "./peers.ts";
import { migrateClaims } from "./placement/claims.ts";
import type { InstancePlatform } from "./platform.ts";
import { onBehalf } from "./requests/call-scope.ts";
import type { RequestPipeline } from "./requests/pipeline.ts";
import type { Reporter } from "./status/report.ts";

export class Instance implements InstanceRpc {
  readonly #storage: StorageParts;
  readonly #peers: Peers;
  readonly #pipeline: RequestPipeline;
  readonly #background: Background;
  readonly #reporter: Reporter;

  constructor(platform: InstancePlatform) {
    const foundation = foundationOf(platform);
    const storage = storagePartsOf(platform, foundation, () => this.#onBreakerTransition());
    const { outbox, position } = storage;
    const peers = new Peers({
      position,
      instance: platform.instance,
      handlers: () => handlers,
      ensureHere: (shard) => placement.rebalance.ensureHere(shard),
    });
    const context = contextOf(platform, foundation, storage, peers);
    const given = { platform, foundation, storage, context };

    const tasks = taskPartsOf(given);
    const knowledge = knowledgeOf(given, tasks);
    const placement = placementPartsOf(given, tasks, knowledge);
    const episodes = episodePartsOf(given, tasks, placement);
    const working = { tasks, knowledge, placement, episodes };
    const access = accessPartsOf(given, episodes);
    makeTables(context.sql, [
      outbox,
      tasks.cached,
      tasks.failures,
      tasks.tasks,
      tasks.answers,
      placement.relationships,
      placement.rebalance,
      episodes.eraser,
      access.keys,
    ]);

    const alarmParts = alarmPartsOf({ ...storage, ...tasks, ...placement, ...episodes, knowledge });
    const runner = new AlarmRunner(alarmParts, context);
    const view = viewerOf(given, working, access.admission, runner);
    const handlers = internalHandlersOf(given, working, access, view);
    this.#storage = storage;
    this.#peers = peers;
    this.#pipeline = pipelineOf(given, working, access);
    this.#background = new Background({ ...foundation, runner, outbox, now: platform.now });
    this.#reporter = reporterOf(given);
    this.#start(foundation.control.value);
  }

  async execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>> {
    const { position } = this.#storage;
    const reply = await this.#pipeline.execute(name, input, call, () => position.catchUp(place));
    this.#background.afterCall();
    void this.#reporter.reportLater();
    return reply;
  }

  async internal<N extends InternalOperationName>(
    place: Place,
    name: N,
    input: InternalInput<N>,
    trace?: Trace,
  ): Promise<InternalResult<InternalOutput<N>>> {
    try {
      await this.#storage.position.catchUp(place);
      const value = await onBehalf(trace, () => this.#peers.work(name, input));
      this.#background.scheduleFlush();
      return { ok: true, value };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    }
  }

  async alarm(): Promise<void> {
    await this.#background.onAlarm();
    void this.#reporter.reportLater();
  }

  #start(control: Control): void {
    const { position, breakers } = this.#storage;
    breakers.applyControl(control, position.index);
    // What was changed while this object was away, and did not reach it.
    void position.pull().catch(() => undefined);
    this.#background.schedule();
  }

  #onBreakerTransition(): void {
    const { breakers, outbox } = this.#storage;
    // However it closed, what waited for it need not wait longer.
    if (breakers.states().turso === "closed") outbox.resetBackoff();
    this.#background.schedule();
    void this.#reporter.reportNow();
  }
}

/** Makes the tables of the parts, and takes over what an earlier release kept otherwise. */
function makeTables(sql: LocalSql, parts: readonly Part[]): void {
  for (const { schema } of parts) for (const statement of schema ?? []) sql.run(statement);
  migratePendingTasks(sql);
  migrateClaims(sql);
}
