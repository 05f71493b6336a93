/**
 * Offers what moved to its new homes when the number of instances changed, a few shards an alarm,
 * each in its turn; what the database has in full is only dropped. A shard that cannot be handed
 * over waits, longer each time, while the others go on. When nothing is left, this is
 * reported to the Coordinator.
 *
 * @module
 */

import { homeOf } from "../../../memory/rendezvous.ts";
import { homeTextOfShard, type Shard } from "../../shared/instance/placement.ts";
import type { Part } from "../../shared/context.ts";
import type { InstanceContext } from "../context.ts";
import type { EpisodeRows } from "../episodes/store/episode-rows.ts";
import type { PendingTasks } from "../episodes/tasks/pending-tasks.ts";
import type { TraceRows } from "../episodes/traces/trace-rows.ts";
import type { InstancePlatform } from "../platform.ts";
import type { KeptAnswers } from "../requests/kept-answers.ts";
import { backoffMs, isWaitOver } from "../../../util/backoff.ts";
import { nameOfShard, type Rebalance } from "./rebalance.ts";
import type { ShardRows } from "./shard-rows.ts";

/** Shards that one alarm offers, and such that it only drops. */
const OFFERED_PER_ALARM = 50;
const DROPPED_PER_ALARM = 500;
/** A shard that failed so many times in a row is named by readiness. */
const NAMED_AFTER = 3;
/** The wait after a shard's first failure, doubled with each, and the longest, ms. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Characters of an error that are kept. */
const ERROR_CHARS = 300;

interface OffersDeps {
  context: InstanceContext;
  rows: ShardRows;
  rebalance: Rebalance;
  episodes: EpisodeRows;
  tasks: PendingTasks;
  traces: Pick<TraceRows, "isOpen">;
  answers: KeptAnswers;
  coordinator: InstancePlatform["coordinator"];
}

export class Offers implements Part {
  readonly #deps: OffersDeps;
  readonly #failures = new Map<string, { count: number; notBefore: number; error: string }>();
  /** What is still to be offered, each in its turn, and of which topology that is. */
  #queue: Shard[] = [];
  #queueVersion = 0;
  /** The topology of which everything was handed over. */
  #doneVersion = 0;

  constructor(deps: OffersDeps) {
    this.#deps = deps;
  }

  /** Whether shards of an earlier topology may still be here. */
  isMoving(): boolean {
    const { topology } = this.#deps.context.control();
    return topology.previous !== null && this.#doneVersion !== topology.version;
  }

  /** What cannot be handed over, for readiness. */
  failing(): { shards: number; last_error: string | null } {
    const failing = [...this.#failures.values()].filter(({ count }) => count >= NAMED_AFTER);
    return { shards: failing.length, last_error: failing.at(-1)?.error ?? null };
  }

  nextAt(): number | null {
    if (!this.isMoving()) return null;
    const times = this.#queue.map((shard) => this.#notBefore(shard));
    return times.length === 0 ? 0 : Math.min(...times);
  }

  async onAlarm(): Promise<void> {
    if (!this.isMoving()) return;
    const { context, rows, coordinator } = this.#deps;
    const { version } = context.control().topology;
    const { index } = context.place();
    if (this.#queueVersion !== version) {
      this.#queue = [];
      this.#failures.clear();
      this.#queueVersion = version;
    }
    if (this.#queue.length === 0) {
      const isElsewhere = (shard: Shard): boolean =>
        context.homeOf(homeTextOfShard(shard)) !== index;
      this.#queue = rows.shards().filter(isElsewhere);
    }
    if (this.#queue.length > 0) return this.#offerSome(version);

    await coordinator().handedOver(index, version);
    this.#doneVersion = version;
    context.log({ event: "handover_settled", level: "info", topology: version });
  }

  async #offerSome(version: number): Promise<void> {
    const { context, rebalance } = this.#deps;
    let [offered, dropped] = [0, 0];
    for (let left = this.#queue.length; left > 0; left--) {
      if (offered >= OFFERED_PER_ALARM || dropped >= DROPPED_PER_ALARM) return;
      const shard = this.#queue.shift();
      // The number of instances changed again during a wait.
      if (!shard || context.control().topology.version !== version) return;

      if (this.#notBefore(shard) > context.now()) this.#queue.push(shard);
      else if (this.#isStored(shard) || this.#isStray(shard)) {
        context.transaction(() => rebalance.forget(shard));
        dropped += 1;
      } else {
        offered += 1;
        await this.#offer(shard);
      }
    }
  }

  async #offer(shard: Shard): Promise<void> {
    const { context } = this.#deps;
    try {
      await context.ask(context.homeOf(homeTextOfShard(shard)), "shard_ensure", { shard });
      this.#failures.delete(nameOfShard(shard));
    } catch (error) {
      this.#failed(shard, error);
      this.#queue.push(shard);
    }
  }

  #failed(shard: Shard, error: unknown): void {
    const { now, log } = this.#deps.context;
    const name = nameOfShard(shard);
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    const wait = backoffMs(count, FIRST_WAIT_MS, LONGEST_WAIT_MS);
    const reason = String(error);
    this.#failures.set(name, {
      count,
      notBefore: now() + wait,
      error: reason.slice(0, ERROR_CHARS),
    });
    log({ event: "handover_failed", level: "warn", kind: shard.kind, failures: count, reason });
  }

  #notBefore(shard: Shard): number {
    if (this.#failures.size === 0) return 0;
    const notBefore = this.#failures.get(nameOfShard(shard))?.notBefore ?? 0;
    return isWaitOver(notBefore, this.#deps.context.now(), LONGEST_WAIT_MS) ? 0 : notBefore;
  }

  /**
   * Whether it is an ended episode that the database has in full: its new home reads it there when
   * it is asked for.
   */
  #isStored(shard: Shard): boolean {
    if (shard.kind !== "episode") return false;
    const { rows, tasks, traces, answers, episodes } = this.#deps;
    const { namespace, id } = shard;
    return (
      !rows.isUnsent(shard) &&
      !tasks.hasAny(namespace, id) &&
      !traces.isOpen(namespace, id) &&
      !answers.hasAnyAt(id) &&
      episodes.status(namespace, id) !== "in_progress"
    );
  }

  /**
   * Whether this was not its home before the change either, and nothing of it is unsent: its new
   * home does not ask here for it, so that a change would wait for it for ever.
   */
  #isStray(shard: Shard): boolean {
    const { context, rows, tasks, traces } = this.#deps;
    const { previous } = context.control().topology;
    const wasHome =
      previous === null || homeOf(homeTextOfShard(shard), previous) === context.place().index;
    if (wasHome) return false;
    if (shard.kind !== "idempotency" && rows.isUnsent(shard)) return false;
    if (shard.kind === "episode" && tasks.hasAny(shard.namespace, shard.id)) return false;
    if (shard.kind === "episode" && traces.isOpen(shard.namespace, shard.id)) return false;
    context.log({ event: "handover_stray", level: "warn", kind: shard.kind });
    return true;
  }
}
