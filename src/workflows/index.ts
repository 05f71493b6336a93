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
import { Cancelled, jobContextOf, type JobContext } from "./job-context.ts";
import { restore } from "./restore.ts";
import { retention } from "./retention.ts";
import { snapshot } from "./snapshot.ts";
import { verify } from "./verify.ts";

type Params = Readonly<Record<string, unknown>>;
const WORK: { readonly [K in JobKind]: (context: JobContext, params: Params) => Promise<unknown> } =
  {
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
    const context = await jobContextOf(this.env, step, id);
    for (let tries = 0; ; tries++) {
      const turn = await context.steps.run(`turn ${tries}`, () => context.ask("acquire", { id }));
      if (turn === "cancelled") return null;
      if (turn === "go") break;
      if (tries >= WAITS_MAX) return end(context, "failed", null, "Another job did not end.");
      await step.sleep(`wait ${tries}`, WAIT);
    }
    const { kind, params } = await context.steps.run("job", async () => {
      const job = await context.ask("job", { id });
      return { kind: job.kind, params: job.params as Record<string, never> };
    });
    try {
      const result = await WORK[kind](context, params);
      return await end(context, "succeeded", result, null);
    } catch (error) {
      if (error instanceof Cancelled) return end(context, "cancelled", null, error.message);
      const named = error instanceof BackupFault ? { object: error.object } : null;
      return end(context, "failed", named, error instanceof Error ? error.message : String(error));
    }
  }
}

async function end(
  context: JobContext,
  status: "succeeded" | "failed" | "cancelled",
  result: unknown,
  error: string | null,
): Promise<null> {
  return context.steps.run("end", async () => {
    await context.ask("finish", { id: context.job, status, result, error });
    return null;
  });
}
