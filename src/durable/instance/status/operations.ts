/**
 * The internal operations by which an instance is watched and directed.
 *
 * @module
 */

import type { Outbox } from "../../outbox/outbox.ts";
import type { Control } from "../../shared/control.ts";
import type { MetricsStore } from "../../shared/metrics-store.ts";
import type { OwnInstanceView } from "../../shared/instance/views.ts";
import type { InstanceContext } from "../context.ts";
import type { TaskFailures } from "../episodes/tasks/task-failures.ts";
import type { InternalHandlers } from "../handlers.ts";
import type { InstanceGauges } from "./gauges.ts";
import type { InstanceHealth } from "./health.ts";

export interface StatusParts {
  context: Pick<InstanceContext, "place" | "control" | "now" | "wake">;
  view: () => OwnInstanceView;
  health: InstanceHealth;
  gauges: InstanceGauges;
  metrics: MetricsStore;
  outbox: Outbox;
  failures: TaskFailures;
  /** Takes a control document over, if it is newer. */
  accept: (control: Control) => void;
}

export function statusInternals(parts: StatusParts) {
  const { context, view, health, gauges, metrics, outbox, failures, accept } = parts;
  return {
    view: () => view(),
    health: ({ wait_ms }) => health.health(view(), wait_ms),
    metrics: () => gauges.samples(view()),
    count: (delta) => {
      metrics.take(delta, context.now());
      return null;
    },
    control: (control) => {
      accept(control);
      return { version: context.control().version };
    },
    flush: async () => {
      outbox.resetBackoff();
      await outbox.flush(true);
      return view();
    },
    dead: ({ limit }) => {
      const instance = context.place().index;
      const rows = outbox.dead(limit).map((letter) => ({ instance, ...letter }));
      return [...rows, ...failures.list(instance, limit)].slice(0, limit);
    },
    retry_dead: () => {
      const retried = outbox.retryDead() + failures.retryDead();
      if (retried > 0) context.wake(context.now());
      return { retried };
    },
  } satisfies Partial<InternalHandlers>;
}
