/**
 * The Worker as it is deployed, but for the parts of recall and advice that the variable ABLATIONS
 * names, separated by commas: those are left out.
 *
 * @module
 */

import type { Env } from "../../src/env.ts";
import { ABLATIONS } from "../../src/memory/ablations.ts";
import { MemoryInstance as DeployedInstance } from "../../src/worker.ts";

export { Coordinator, default, DrillScratch, JobWorkflow } from "../../src/worker.ts";

export class MemoryInstance extends DeployedInstance {
  constructor(ctx: DurableObjectState, env: Env & { ABLATIONS?: string }) {
    const named = (env.ABLATIONS ?? "").split(",");
    super(ctx, env, new Set(ABLATIONS.filter((name) => named.includes(name))));
  }
}
