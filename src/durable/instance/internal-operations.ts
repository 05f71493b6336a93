/**
 * What instances and the Coordinator ask of an instance. Never reachable from outside.
 *
 * @module
 */

import { LIMITS } from "../../contract/limits.ts";
import { answerOf, resultClass, type EpisodeWithSteps } from "../../contract/model.ts";
import type { BackgroundView, InstanceView } from "../../contract/operations.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import type { Breakers } from "./database/breakers.ts";
import type { Control } from "../shared/control.ts";
import type { Handover } from "./placement/rebalance.ts";
import type { Parts } from "./operations.ts";
import type { InstanceHealth } from "./health.ts";
import type { InstanceMetrics } from "./metrics.ts";
import type { Keys } from "./requests/api-keys.ts";
import type { Limiter } from "./requests/rate-limiter.ts";
import { holdings } from "./placement/holdings.ts";
import { localCounts, overlay } from "./episodes/episode-queries.ts";
import type { MetricsStore } from "../shared/metrics-store.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { InternalName, Internals } from "../shared/protocol.ts";
import type { Restored } from "./placement/after-restore.ts";
import { snapshotPage } from "../shared/snapshots.ts";
import type { TaskFailures } from "./episodes/task-failures.ts";
import type { Unit } from "../shared/placement.ts";

export type InternalHandlers = {
  [N in InternalName]: (
    input: Internals[N]["input"],
  ) => Promise<Internals[N]["output"]> | Internals[N]["output"];
};

interface InternalParts extends Parts {
  keys: Keys;
  limiter: Limiter;
  outbox: Outbox;
  handover: Handover;
  breakers: Breakers;
  restored: Restored;
  /** Calls that are worked on now. */
  running: () => number;
  storageBytes: () => number;
  health: InstanceHealth;
  metrics: MetricsStore;
  told: InstanceMetrics;
  failures: TaskFailures;
  /** What the alarm does in the background, and how that goes. */
  background: () => BackgroundView;
  accept: (control: Control) => void;
}

/**
 * Where a question must be asked, when that depends on what it is about; null: it is meant for this
 * very instance.
 */
export function homeTextOfInternal<N extends InternalName>(
  name: N,
  input: Internals[N]["input"],
): { text: string; unit: Unit } | null {
  const of = (namespace: string): { text: string; unit: Unit } => ({
    text: `ns:${namespace}`,
    unit: { kind: "namespace", namespace },
  });
  switch (name) {
    case "baseline":
    case "forget":
    case "relate":
    case "next_tools":
    case "restore_learn":
      return of((input as { namespace: string }).namespace);
    case "learn":
      return of((input as Internals["learn"]["input"]).digest.namespace);
    case "exists": {
      const { namespace, id } = input as Internals["exists"]["input"];
      return { text: id, unit: { kind: "episode", namespace, id } };
    }
    default:
      return null;
  }
}

export function internalsOf(parts: InternalParts): InternalHandlers {
  const { ground, store, knowledge, relationships, eraser, keys, outbox, handover } = parts;
  return {
    health: ({ wait_ms }) => parts.health.look(viewOf(parts), wait_ms),
    metrics: () => parts.told.samples(viewOf(parts)),
    count: (delta) => {
      parts.metrics.take(delta, ground.now());
      return null;
    },
    keys: ({ keys: records, complete }) => {
      keys.accept(records, complete);
      return null;
    },
    baseline: ({ namespace, domain }) => knowledge.baseline(namespace, domain, ground.now()),
    learn: async ({ digest, recall_id }) => {
      const answer = await knowledge.learn(digest, ground.now());
      if (recall_id !== null)
        knowledge.completionUsedRecall(digest.namespace, recall_id, digest, ground.now());
      return answer;
    },
    forget: async ({ namespace, episode_id }) => {
      await relationships.forget(namespace, episode_id);
      await knowledge.forget(namespace, episode_id, ground.now());
      return null;
    },
    overlay: (input) => overlay(ground.sql, input),
    counts: ({ namespace, all }) => localCounts(ground.sql, namespace, all),
    episodes: async ({ namespace, ids }) => {
      const { index, count } = ground.place();
      const found: EpisodeWithSteps[] = [];
      for (const id of ids) {
        const home = homeOf(id, count);
        if (home !== index)
          found.push(...(await ground.ask(home, "episodes", { namespace, ids: [id] })));
        else {
          await handover.claim({ kind: "episode", namespace, id });
          found.push(...(await store.many(namespace, [id])));
        }
      }
      return found;
    },
    episode_sizes: async ({ namespace, ids }) => {
      for (const id of ids) await handover.claim({ kind: "episode", namespace, id });
      const sizes = await store.sizes(namespace, ids);
      return [...sizes].map(([id, bytes]) => ({ id, bytes }));
    },
    exists: async ({ namespace, id }) => (await store.find(namespace, id)) !== null,
    relate: async ({ namespace, relationships: ties }) => {
      await relationships.put(namespace, ties);
      return null;
    },
    next_tools: async ({ namespace, episode }) => {
      const { task, context } = episode;
      const recent_steps = episode.steps.slice(-LIMITS.recent_steps_max).map((step) => ({
        tool: step.tool,
        result: resultClass(step.result),
        message: answerOf(step.result) ?? "",
        parameters: step.parameters,
      }));
      return knowledge.nextTools(namespace, { task, context, recent_steps }, ground.now());
    },
    erase_begin: async ({ namespace }) => {
      const erased = eraser.begin(namespace);
      knowledge.erase(namespace);
      return erased;
    },
    erase_end: ({ namespace }) => {
      eraser.end(namespace);
      return null;
    },
    control: ({ version, ...control }) => {
      parts.accept({ version, ...control });
      return { version: ground.control().version };
    },
    view: () => viewOf(parts),
    flush: async () => {
      outbox.encourage();
      await outbox.flush(true);
      return viewOf(parts);
    },
    dead: ({ limit }) => {
      const instance = ground.place().index;
      const rows = outbox.dead(limit).map((letter) => ({ instance, ...letter }));
      return [...rows, ...parts.failures.list(instance, limit)].slice(0, limit);
    },
    retry_dead: () => {
      const retried = outbox.retryDead() + parts.failures.retryDead();
      if (retried > 0) ground.wake(ground.now());
      return { retried };
    },
    sync: ({ namespace }) => {
      const namespaces = knowledge.resync(namespace);
      ground.wake(ground.now());
      return { namespaces };
    },
    rate_take: ({ key, wanted }) => parts.limiter.grant(key, wanted),
    claim: async ({ unit }) => {
      await handover.claim(unit);
      return null;
    },
    release: ({ unit, after }) => handover.release(unit, after),
    confirm: ({ unit }) => handover.confirm(unit),
    restore_hold: (control) => {
      parts.accept(control);
      return parts.restored.hold();
    },
    restore_done: (input) => parts.restored.done(input),
    restore_holdings: ({ what, input }) =>
      holdings({ sql: ground.sql, lives: ground.lives }, what, input),
    restore_learn: async (back) => {
      await knowledge.takeIn(back.namespace, back, ground.now());
      return null;
    },
    snapshot: ({ cursor }) => snapshotPage(ground.sql, cursor, false),
    restore_local: ({ table, rows }) => parts.restored.put(table, rows),
  };
}

function viewOf(parts: InternalParts): InstanceView {
  const { ground, outbox, breakers, handover, running, storageBytes } = parts;
  const [active] = ground.sql.all<{ n: number; oldest: number | null }>(
    "SELECT count(*) AS n, min(started_at) AS oldest FROM episodes WHERE status = 'in_progress'",
  );
  const [cached] = ground.sql.all<{ n: number; bytes: number | null }>(
    "SELECT count(*) AS n, sum(bytes) AS bytes FROM cached",
  );
  const { oldest_at, ...unsent } = outbox.state();
  const time = (at: number | null | undefined): string | null =>
    at === null || at === undefined ? null : new Date(at).toISOString();
  return {
    instance: ground.place().index,
    control_version: ground.control().version,
    topology_version: ground.control().topology.version,
    active_episodes: active?.n ?? 0,
    oldest_active_at: time(active?.oldest),
    cached_episodes: cached?.n ?? 0,
    cached_bytes: cached?.bytes ?? 0,
    outbox: { ...unsent, oldest_at: time(oldest_at) },
    breakers: breakers.views(),
    connections: breakers.connections(),
    in_flight: running(),
    storage_bytes: storageBytes(),
    moving: handover.isMoving(),
    background: parts.background(),
  };
}
