/**
 * The Durable Object class of memory instances: an `Instance` on the platform's storage, clock and
 * bindings. The RPC surface is the instance's.
 *
 * @module
 */

import * as runtime from "cloudflare:workers";
import type { Call, Reply } from "../../contract/call.ts";
import type { Input, OperationName, Output } from "../../contract/operations.ts";
import { parseEnv, type Env } from "../../env.ts";
import { NO_ABLATIONS } from "../../memory/ablations.ts";
import { tracedBy, tracedDatabase } from "../../observability/index.ts";
import { openDatabase } from "../../storage/index.ts";
import type {
  InstanceRpc,
  InternalInput,
  InternalOperationName,
  InternalOutput,
  InternalResult,
  Place,
  Trace,
} from "../shared/instance/protocol.ts";
import { askCoordinator, type CommandInput, type CommandsOf } from "../shared/coordinator.ts";
import { coordinatorOf, instanceOf } from "../shared/objects.ts";
import { Instance } from "./instance.ts";
import { embedderOf } from "./knowledge/vectors/providers.ts";
import type { CoordinatorPort, InstancePlatform } from "./platform.ts";

/** A runtime may have no tracing: an import by name would not load there. */
const traced = tracedBy(Reflect.get(runtime, "tracing"));

export class MemoryInstance extends runtime.DurableObject<Env> implements InstanceRpc {
  readonly #instance: Instance;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#instance = new Instance(platformOf(ctx, env));
  }

  execute<N extends OperationName>(
    place: Place,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>> {
    return traced(`instance ${name}`, () => this.#instance.execute(place, name, input, call));
  }

  internal<N extends InternalOperationName>(
    place: Place,
    name: N,
    input: InternalInput<N>,
    trace?: Trace,
  ): Promise<InternalResult<InternalOutput<N>>> {
    return this.#instance.internal(place, name, input, trace);
  }

  override alarm(): Promise<void> {
    return this.#instance.alarm();
  }
}

function platformOf(ctx: DurableObjectState, env: Env): InstancePlatform {
  const deployment = parseEnv(env);
  return {
    storage: ctx.storage,
    defaults: deployment.defaults,
    secretPatterns: deployment.secretPatterns,
    instanceCount: deployment.instanceCount,
    migrations: deployment.migrations,
    release: deployment.version.version,
    openDatabase: (options) => {
      const { databaseUrl: url, databaseToken: authToken } = deployment;
      return tracedDatabase(openDatabase({ url, authToken, ...options }), traced);
    },
    coordinator: () => coordinatorPortOf(env),
    ablations: NO_ABLATIONS,
    instance: (index) => instanceOf(env, index),
    embedder: embedderOf(deployment, env.AI),
    publicNetwork: env.PUBLIC_NETWORK,
    usageDataset: env.USAGE,
    now: Date.now,
    random: Math.random,
    wait: (ms) => scheduler.wait(ms),
  };
}

function coordinatorPortOf(env: Env): CoordinatorPort {
  const command = <N extends CommandsOf["instance"]>(name: N, input: CommandInput<N>) =>
    askCoordinator(coordinatorOf(env), name, input);
  return {
    control: () => command("control.get", null),
    deployment: () => command("deployment.id", null),
    keys: (known) => command("keys.records", { known }),
    report: (report) => command("instance.report", report),
    note: async (note) => {
      await command("instance.note", note);
    },
    handedOver: async (instance, version) => {
      await command("topology.settled", { instance, version });
    },
    acquire: () => command("write_lease.acquire", null),
    release: async (token) => {
      await command("write_lease.release", { token });
    },
  };
}
