/**
 * Long jobs as Workflows: one class, a file a kind. A job waits for its turn, does its work in
 * steps that are kept, and says how it ended.
 *
 * @module
 */

import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { BackupFault } from "../backup/index.ts";
import type { Env } from "../env.ts";
import type { JobKind } from "../contract/jobs.ts";
import { backup } from "./backup.ts";
import { drill } from "./drill.ts";
import { Cancelled, groundOf, type JobGround } from "./ground.ts";
import { restore } from "./restore.ts";
import { retention } from "./retention.ts";
import { snapshot } from "./snapshot.ts";
import { verify } from "./verify.ts";

type Params = Readonly<Record<string, unknown>>;
const WORK: { readonly [K in JobKind]: (ground: JobGround, params: Params) => Promise<unknown> } = {
  backup,
  snapshot,
  verify,
  restore,
  retention,
  drill,
};

/** A job waits for its turn about this often, and this many times: two days. */
const WAIT = "20 seconds";
const WAITS_MAX = 8_640;

export class JobWorkflow extends WorkflowEntrypoint<Env, { job: string }> {
  override async run(
    event: Readonly<WorkflowEvent<{ job: string }>>,
    step: WorkflowStep,
  ): Promise<unknown> {
    const id = event.payload.job;
    const ground = await groundOf(this.env, step, id);
    for (let tries = 0; ; tries++) {
      const turn = await ground.steps.run(`turn ${tries}`, () => ground.ask("acquire", { id }));
      if (turn === "cancelled") return null;
      if (turn === "go") break;
      if (tries >= WAITS_MAX) return end(ground, "failed", null, "Another job did not end.");
      await step.sleep(`wait ${tries}`, WAIT);
    }
    const { kind, params } = await ground.steps.run("job", async () => {
      const job = await ground.ask("job", { id });
      return { kind: job.kind, params: job.params as Record<string, never> };
    });
    try {
      const result = await WORK[kind](ground, params);
      return await end(ground, "succeeded", result, null);
    } catch (error) {
      if (error instanceof Cancelled) return end(ground, "cancelled", null, error.message);
      const named = error instanceof BackupFault ? { object: error.object } : null;
      return end(ground, "failed", named, error instanceof Error ? error.message : String(error));
    }
  }
}

async function end(
  ground: JobGround,
  status: "succeeded" | "failed" | "cancelled",
  result: unknown,
  error: string | null,
): Promise<null> {
  return ground.steps.run("end", async () => {
    await ground.ask("finish", { id: ground.job, status, result, error });
    return null;
  });
}
