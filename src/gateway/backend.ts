/**
 * How the Worker reaches the instances and the Coordinator.
 *
 * @module
 */

import type { Deployment, Env } from "../env.ts";
import type {
  Call,
  Input,
  OperationName,
  Output,
  Reply,
  TopologyView,
} from "../contract/operations.ts";
import type { BreakerOrder } from "../durable/shared/control.ts";
import { createBackups } from "./backups.ts";
import { createOverview } from "./overview.ts";
import type { InstanceRpc, NewKey, CoordinatorRpc } from "../durable/shared/protocol.ts";
import type { Delta } from "../durable/shared/metrics-store.ts";
import { RequestCounts, type CountedRequest } from "./request-counts.ts";
import { instanceOf, coordinatorOf } from "../durable/shared/objects.ts";

/**
 * How many instances there are, as far as this isolate heard. What it does not know yet costs a
 * hop, nothing else.
 */
let known: TopologyView | null = null;
let logLevel = "info";
let told = false;
const counts = new RequestCounts();

export function createBackend(env: Env, deployment: Deployment) {
  const coordinator = (): CoordinatorRpc => coordinatorOf(env);
  const instance = (index: number): InstanceRpc => instanceOf(env, index);
  const learn = (topology: TopologyView): void => {
    if (!known || topology.version > known.version) known = topology;
  };
  /** Asked once in the life of an isolate. */
  const instanceCount = async (): Promise<number> => {
    if (!known)
      learn(
        await retried(() =>
          coordinator().topology(deployment.instanceCount, deployment.deployedAt),
        ),
      );
    if (!told) {
      told = true;
      await coordinator()
        .monitor("deployed", deployment.version)
        .catch(() => {
          told = false;
        });
    }
    return known?.count ?? deployment.instanceCount;
  };
  return {
    instanceCount,
    async execute<N extends OperationName>(
      index: number,
      name: N,
      input: Input<N>,
      call: Call,
    ): Promise<Reply<Output<N>>> {
      const count = known?.count ?? deployment.instanceCount;
      const place = { index, count, version: known?.version ?? 0 };
      const reply = await retried(() => instance(index).execute(place, name, input, call));
      learn(reply.topology);
      logLevel = reply.log_level ?? logLevel;
      return reply;
    },
    keys: {
      create: (input: NewKey, by: string) => coordinator().createKey(input, by),
      list: () => retried(() => coordinator().listKeys()),
      revoke: (id: string, by: string) => retried(() => coordinator().revokeKey(id, by)),
    },
    cluster: {
      view: () => retried(() => coordinator().cluster()),
      config: () => retried(() => coordinator().config()),
      configure: (changes: Readonly<Record<string, unknown>>, by: string) =>
        coordinator().configure(changes, by),
      setMode: (name: "maintenance" | "degraded", enabled: boolean, message: string, by: string) =>
        retried(() => coordinator().setMode(name, enabled, message, by)),
      order: (order: Omit<BreakerOrder, "id">, by: string) => coordinator().order(order, by),
      resize: (count: number, by: string) => retried(() => coordinator().resize(count, by)),
      flush: () => retried(() => coordinator().flush()),
      drain: (timeoutMs: number) => coordinator().drain(timeoutMs),
      sync: (namespace: string) => retried(() => coordinator().sync(namespace)),
      dead: (limit: number) => retried(() => coordinator().dead(limit)),
      retryDead: () => retried(() => coordinator().retryDead()),
    },
    backups: createBackups(env, coordinator),
    migrations: {
      plan: () => retried(() => coordinator().migrations()),
      execute: (withoutBackup: boolean, by: string) => coordinator().migrate(withoutBackup, by),
    },
    ...createOverview({
      coordinator,
      instance,
      count: () => known?.count ?? deployment.instanceCount,
      version: () => known?.version ?? 0,
      defaults: deployment.defaults,
      release: deployment.version,
    }),
    /** Counts a request that is answered, and sees to it that an instance hears of it. */
    counted: (request: CountedRequest, waitUntil: (work: Promise<unknown>) => void): void => {
      counts.add(request);
      const send = (index: number, delta: Delta): Promise<unknown> => {
        const { count, version } = known ?? { count: deployment.instanceCount, version: 0 };
        return instance(index).internal({ index, count, version }, "count", delta);
      };
      const sent = counts.sendSoon(instanceCount, send);
      if (sent) waitUntil(sent);
    },
    /** The level of log events that operators want, as far as this isolate heard. */
    logLevel: () => logLevel,
  };
}

/** Once more, with a new stub, when the platform says that it helps and is not overloaded. */
async function retried<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
    if (!retryable || overloaded) throw error;
    return call();
  }
}
