/**
 * The Worker as it is deployed, held to the platform's limits.
 *
 * @module
 */

import {
  Coordinator as RealCoordinator,
  DrillScratch as RealDrillScratch,
  JobWorkflow as RealJobWorkflow,
  MemoryInstance as RealMemoryInstance,
  default as worker,
} from "../../../src/worker.ts";
import type { Env } from "../../../src/env.ts";
import { limitCalls, limitStorage, limitTime } from "./platform-limits.ts";

export class MemoryInstance extends RealMemoryInstance {
  constructor(ctx: DurableObjectState, env: Env) {
    super(limitStorage(ctx), limitCalls(env));
  }

  override alarm(): Promise<void> {
    return limitTime("alarm", () => super.alarm());
  }
}

export class Coordinator extends RealCoordinator {
  constructor(ctx: DurableObjectState, env: Env) {
    super(limitStorage(ctx), limitCalls(env));
  }
}

export class DrillScratch extends RealDrillScratch {
  constructor(ctx: DurableObjectState, env: Env) {
    super(limitStorage(ctx), limitCalls(env));
  }
}

export class JobWorkflow extends RealJobWorkflow {
  constructor(ctx: ExecutionContext, env: Env) {
    super(ctx, limitCalls(env));
  }
}

export default {
  fetch: (request, env, ctx) => worker.fetch(request, limitCalls(env), ctx),
  scheduled: (controller, env, ctx) => worker.scheduled(controller, limitCalls(env), ctx),
} satisfies ExportedHandler<Env>;
