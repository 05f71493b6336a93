/**
 * What instances and the Coordinator ask of an instance. Never reachable from outside.
 *
 * @module
 */

import { LIMITS } from "../../contract/limits.ts";
import type { BackgroundView } from "../../contract/cluster/answers.ts";
import type { EpisodeWithSteps } from "../../contract/episodes/record.ts";
import { answerOf, resultClass } from "../../contract/episodes/step-result.ts";
import { homeOf } from "../../memory/rendezvous.ts";
import type { Breakers } from "./database/breakers.ts";
import type { Control } from "../shared/control.ts";
import type { Rebalance } from "./placement/rebalance.ts";
import type { Parts } from "./operations.ts";
import type { InstanceHealth } from "./health.ts";
import type { InstanceMetrics } from "./metrics.ts";
import type { ApiKeyCopies } from "./requests/api-keys.ts";
import type { RateLimiter } from "./requests/rate-limiter.ts";
import { holdings } from "./placement/holdings.ts";
import { localCounts, overlay } from "./episodes/episode-queries.ts";
import type { MetricsStore } from "../shared/metrics-store.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { InternalName, Internals, OwnInstanceView } from "../shared/protocol.ts";
import type { AfterRestore } from "./placement/after-restore.ts";
import { snapshotPage } from "../shared/snapshots.ts";
import type { TaskFailures } from "./episodes/task-failures.ts";
import type { Shard } from "../shared/placement.ts";
import { isoTimeOrNull } from "../../util/time.ts";

export type InternalHandlers = {
  [N in InternalName]: (
    input: Internals[N]["input"],
  ) => Promise<Internals[N]["output"]> | Internals[N]["output"];
};

interface InternalParts extends Parts {
  keys: ApiKeyCopies;
  limiter: RateLimiter;
  outbox: Outbox;
  rebalance: Rebalance;
  breakers: Breakers;
  restored: AfterRestore;
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
): { text: string; shard: Shard } | null {
  const of = (namespace: string): { text: string; shard: Shard } => ({
    text: `ns:${namespace}`,
    shard: { kind: "namespace", namespace },
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
      return { text: id, shard: { kind: "episode", namespace, id } };
    }
    default:
      return null;
  }
}

export function internalHandlers(parts: InternalParts): InternalHandlers {
  const { context, store, knowledge, relationships, eraser, keys, outbox, rebalance } = parts;
  return {
    health: ({ wait_ms }) => parts.health.look(viewOf(parts), wait_ms),
    metrics: () => parts.told.samples(viewOf(parts)),
    count: (delta) => {
      parts.metrics.take(delta, context.now());
      return null;
    },
    keys: ({ keys: records, complete }) => {
      keys.accept(records, complete);
      return null;
    },
    baseline: ({ namespace, domain }) =>
      knowledge.learning.baseline(namespace, domain, context.now()),
    learn: async ({ digest, recall_id }) => {
      const answer = await knowledge.learning.learn(digest, context.now());
      if (recall_id !== null) knowledge.feedback.takeFromOutcome(recall_id, digest, context.now());
      return answer;
    },
    forget: async ({ namespace, episode_id }) => {
      await relationships.forget(namespace, episode_id);
      await knowledge.learning.forget(namespace, episode_id, context.now());
      return null;
    },
    overlay: (input) => overlay(context.sql, input),
    counts: ({ namespace, all }) => localCounts(context.sql, namespace, all),
    episodes: async ({ namespace, ids }) => {
      const { index, count } = context.place();
      const found: EpisodeWithSteps[] = [];
      for (const id of ids) {
        const home = homeOf(id, count);
        if (home !== index)
          found.push(...(await context.ask(home, "episodes", { namespace, ids: [id] })));
        else {
          await rebalance.ensureHere({ kind: "episode", namespace, id });
          found.push(...(await store.many(namespace, [id])));
        }
      }
      return found;
    },
    episode_sizes: async ({ namespace, ids }) => {
      for (const id of ids) await rebalance.ensureHere({ kind: "episode", namespace, id });
      const sizes = await store.sizes(namespace, ids);
      return [...sizes].map(([id, bytes]) => ({ id, bytes }));
    },
    exists: async ({ namespace, id }) => (await store.find(namespace, id)) !== null,
    relate: async ({ namespace, relationships: ties }) => {
      await relationships.put(namespace, ties);
      return null;
    },
    next_tools: async ({ namespace, episode }) => {
      const { task } = episode;
      const recent_steps = episode.steps.slice(-LIMITS.recent_steps_max).map((step) => ({
        tool: step.tool,
        result: resultClass(step.result),
        message: answerOf(step.result) ?? "",
        parameters: step.parameters,
      }));
      return knowledge.questions.nextTools(
        namespace,
        { task, context: episode.context, recent_steps },
        context.now(),
      );
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
      return { version: context.control().version };
    },
    view: () => viewOf(parts),
    flush: async () => {
      outbox.resetBackoff();
      await outbox.flush(true);
      return viewOf(parts);
    },
    dead: ({ limit }) => {
      const instance = context.place().index;
      const rows = outbox.dead(limit).map((letter) => ({ instance, ...letter }));
      return [...rows, ...parts.failures.list(instance, limit)].slice(0, limit);
    },
    retry_dead: () => {
      const retried = outbox.retryDead() + parts.failures.retryDead();
      if (retried > 0) context.wake(context.now());
      return { retried };
    },
    sync: ({ namespace }) => {
      const namespaces = knowledge.resync(namespace);
      context.wake(context.now());
      return { namespaces };
    },
    rate_take: ({ key, wanted }) => parts.limiter.grant(key, wanted),
    shard_ensure: async ({ shard }) => {
      await rebalance.ensureHere(shard);
      return null;
    },
    shard_read: ({ shard, after }) => rebalance.readSlice(shard, after),
    shard_drop: ({ shard }) => rebalance.dropShard(shard),
    restore_hold: (control) => {
      parts.accept(control);
      return parts.restored.hold();
    },
    restore_done: (input) => parts.restored.done(input),
    restore_holdings: ({ what, input }) =>
      holdings({ sql: context.sql, isHome: context.isHome }, what, input),
    restore_learn: async (back) => {
      await knowledge.takeIn(back.namespace, back, context.now());
      return null;
    },
    snapshot: ({ cursor }) => snapshotPage(context.sql, cursor, false),
    restore_local: ({ table, rows }) => parts.restored.put(table, rows),
  };
}

function viewOf(parts: InternalParts): OwnInstanceView {
  const { context, outbox, breakers, rebalance, running, storageBytes } = parts;
  const [active] = context.sql.all<{ n: number; oldest: number | null }>(
    "SELECT count(*) AS n, min(started_at) AS oldest FROM episodes WHERE status = 'in_progress'",
  );
  const [cached] = context.sql.all<{ n: number; bytes: number | null }>(
    "SELECT count(*) AS n, sum(bytes) AS bytes FROM cached",
  );
  const { oldest_at, ...unsent } = outbox.state();
  return {
    instance: context.place().index,
    control_version: context.control().version,
    topology_version: context.control().topology.version,
    active_episodes: active?.n ?? 0,
    oldest_active_at: isoTimeOrNull(active?.oldest),
    cached_episodes: cached?.n ?? 0,
    cached_bytes: cached?.bytes ?? 0,
    outbox: { ...unsent, oldest_at: isoTimeOrNull(oldest_at) },
    breakers: breakers.views(),
    connections: breakers.connections(),
    in_flight: running(),
    storage_bytes: storageBytes(),
    moving: rebalance.isMoving(),
    background: parts.background(),
  };
}
