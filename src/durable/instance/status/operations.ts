/**
 * The internal operations by which an instance is watched and directed, and its view of itself for
 * operators and readiness: what it holds, what waits, how its alarm goes.
 *
 * @module
 */

import type { BackgroundView } from "../../../contract/cluster/answers.ts";
import type { LogRing } from "../../../observability/index.ts";
import type { OwnedDatabase } from "../../../storage/index.ts";
import { isoTimeOrNull } from "../../../util/time.ts";
import type { Webhooks } from "../../webhooks/webhooks.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { OwnInstanceView } from "../../shared/instance/protocol.ts";
import type { MetricsStore } from "../../shared/metrics-store.ts";
import type { AlarmRunner } from "../../shared/alarm.ts";
import type { InstanceContext } from "../context.ts";
import type { Breakers } from "../database/breakers.ts";
import type { CachedRows } from "../episodes/store/cached-rows.ts";
import type { EpisodeRows } from "../episodes/store/episode-rows.ts";
import type { PendingTasks } from "../episodes/tasks/pending-tasks.ts";
import type { TaskFailures } from "../episodes/tasks/task-failures.ts";
import type { Traces } from "../episodes/traces/traces.ts";
import type { InternalHandlers } from "../handlers.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { Offers } from "../placement/offers.ts";
import type { QuotaKeeper } from "../quotas/quota-keeper.ts";
import type { Meta } from "../meta.ts";
import type { Position } from "../position.ts";
import type { Admission } from "../requests/admission.ts";
import { InstanceGauges } from "./gauges.ts";
import { InstanceHealth } from "./health.ts";
import type { UsageCounter } from "./usage-counts.ts";

/** A part of the alarm that failed so many times in a row is named. */
const FAILING_AFTER = 3;

interface StatusParts {
  context: InstanceContext;
  outbox: Outbox;
  metrics: MetricsStore;
  position: Position;
  breakers: Breakers;
  rows: EpisodeRows;
  cached: CachedRows;
  tasks: PendingTasks;
  failures: TaskFailures;
  knowledge: Knowledge;
  traces: Traces;
  offers: Offers;
  admission: Admission;
  runner: AlarmRunner;
  usage: UsageCounter;
  keeper: QuotaKeeper;
  meta: Meta;
  owned: Pick<OwnedDatabase, "lookAgain">;
  logs: LogRing;
  /** What Workers logged, for as long as they sent it here. */
  workerLogs: LogRing;
  webhooks: Webhooks;
  /** Of the instance's own storage. */
  storageBytes: () => number;
  bookmark: () => Promise<string | null>;
  /** The version of the service that it runs. */
  release: string;
}

export function statusInternals(parts: StatusParts) {
  const { context, outbox, metrics, position, failures } = parts;
  const { now, place } = context;
  const health = new InstanceHealth(context, parts.breakers.guard);
  const gauges = new InstanceGauges(context, parts);
  const view = (): OwnInstanceView => viewOfInstance(parts);
  return {
    view,
    health: ({ wait_ms }) => health.health(view(), wait_ms),
    metrics: () => gauges.samples(view()),
    usage: ({ over, by }) => ({ ...parts.usage.share(over, by), quotas: parts.keeper.known() }),
    logs: ({ since, bytes }) => parts.logs.since(since, bytes),
    worker_logs: ({ since, bytes }) => parts.workerLogs.since(since, bytes),
    bookmark: () => parts.bookmark(),
    count: (delta) => {
      if (!metrics.take(delta, now())) return null;
      for (const { at, line } of delta.lines ?? []) parts.workerLogs.add(line, at);
      return null;
    },
    deployment: ({ id }) => {
      if (id !== null) belongTo(parts, id);
      return { id: parts.meta.get("deployment") };
    },
    control: (control) => {
      position.accept(control);
      return { version: position.control.version };
    },
    flush: async () => {
      outbox.resetBackoff();
      parts.knowledge.loading.resetBackoff();
      await outbox.flush(true);
      await parts.knowledge.publisher.flush(now());
      return view();
    },
    events: ({ namespace, after, limit }) => parts.webhooks.events(namespace, after, limit),
    webhooks_dead: ({ limit }) => parts.webhooks.dead(limit),
    webhooks_retry: () => ({ retried: parts.webhooks.retry() }),
    dead: ({ limit }) => {
      const instance = place().index;
      const rows = outbox.dead(limit).map((letter) => ({ instance, ...letter }));
      return [...rows, ...failures.list(instance, limit)].slice(0, limit);
    },
    retry_dead: () => {
      const retried = outbox.retryDead() + failures.retryDead();
      if (retried > 0) context.wake(now());
      return { retried };
    },
  } satisfies Partial<InternalHandlers>;
}

/** The database may be this deployment's now: what waited for it is tried at once. */
function belongTo({ context, meta, owned, outbox, knowledge }: StatusParts, id: string): void {
  meta.set("deployment", id);
  owned.lookAgain();
  outbox.resetBackoff();
  knowledge.loading.resetBackoff();
  context.wake(context.now());
}

/** Reads only. */
function viewOfInstance(parts: StatusParts): OwnInstanceView {
  const { context, rows, cached, breakers } = parts;
  const running = rows.running();
  const held = cached.totals();
  const { oldest_at, ...unsent } = parts.outbox.state();
  const { version, topology } = context.control();
  return {
    instance: context.place().index,
    release: parts.release,
    control_version: version,
    topology_version: topology.version,
    active_episodes: running.count,
    oldest_active_at: isoTimeOrNull(running.oldest_at),
    cached_episodes: held.episodes,
    cached_bytes: held.bytes,
    outbox: { ...unsent, oldest_at: isoTimeOrNull(oldest_at) },
    breakers: breakers.views(),
    connections: breakers.connections(),
    in_flight: parts.admission.inFlight,
    storage_bytes: parts.storageBytes(),
    moving: parts.offers.isMoving(),
    background: backgroundView(parts),
  };
}

function backgroundView({
  tasks,
  failures,
  knowledge,
  offers,
  runner,
}: StatusParts): BackgroundView {
  const { namespaces, since, last_error } = knowledge.loading.view();
  const dead = failures.dead();
  const handover = offers.failing();
  return {
    tasks: { pending: tasks.count(), dead: dead.count, last_error: dead.last_error },
    loading: { namespaces, since: isoTimeOrNull(since), last_error },
    handover: { failing: handover.shards, last_error: handover.last_error },
    unpublished: knowledge.publisher.view(),
    failing: runner.failing(FAILING_AFTER),
  };
}
