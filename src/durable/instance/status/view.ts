/**
 * An instance's view of itself for operators and readiness: what it holds, what waits, how its
 * alarm goes.
 *
 * @module
 */

import type { BackgroundView } from "../../../contract/cluster/answers.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { FailingPart } from "../../shared/parts/alarm-runner.ts";
import type { OwnInstanceView } from "../../shared/instance/views.ts";
import type { InstanceContext } from "../context.ts";
import type { Breakers } from "../database/breakers.ts";
import type { CachedRows } from "../episodes/table/cached-rows.ts";
import type { EpisodeRows } from "../episodes/table/episode-rows.ts";
import type { PendingTasks } from "../episodes/tasks/pending-tasks.ts";
import type { TaskFailures } from "../episodes/tasks/task-failures.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { Offers } from "../placement/offers.ts";
import type { Admission } from "../requests/admission.ts";
import { isoTimeOrNull } from "../../../util/time.ts";

/** A part of the alarm that failed so many times in a row is named. */
const FAILING_AFTER = 3;

export interface ViewDeps {
  context: Pick<InstanceContext, "place" | "control">;
  rows: EpisodeRows;
  cached: CachedRows;
  outbox: Outbox;
  breakers: Breakers;
  tasks: PendingTasks;
  failures: TaskFailures;
  knowledge: Pick<Knowledge, "loading">;
  offers: Offers;
  admission: Admission;
  storageBytes: () => number;
  /** Parts of the alarm that failed at least so many times in a row. */
  failingParts: (atLeast: number) => FailingPart[];
}

/** Reads only. */
export function viewOfInstance(deps: ViewDeps): OwnInstanceView {
  const { context, rows, cached, outbox, breakers, offers, admission, storageBytes } = deps;
  const running = rows.running();
  const held = cached.totals();
  const { oldest_at, ...unsent } = outbox.state();
  const { version, topology } = context.control();
  return {
    instance: context.place().index,
    control_version: version,
    topology_version: topology.version,
    active_episodes: running.count,
    oldest_active_at: isoTimeOrNull(running.oldest_at),
    cached_episodes: held.episodes,
    cached_bytes: held.bytes,
    outbox: { ...unsent, oldest_at: isoTimeOrNull(oldest_at) },
    breakers: breakers.views(),
    connections: breakers.connections(),
    in_flight: admission.inFlight,
    storage_bytes: storageBytes(),
    moving: offers.isMoving(),
    background: backgroundView(deps),
  };
}

function backgroundView(deps: ViewDeps): BackgroundView {
  const { tasks, failures, knowledge, offers, failingParts } = deps;
  const { namespaces, since, last_error } = knowledge.loading.view();
  const dead = failures.dead();
  const handover = offers.failing();
  return {
    tasks: { pending: tasks.count(), dead: dead.count, last_error: dead.last_error },
    loading: { namespaces, since: isoTimeOrNull(since), last_error },
    handover: { failing: handover.shards, last_error: handover.last_error },
    failing: failingParts(FAILING_AFTER),
  };
}
