/**
 * Long jobs as Workflows: one class, a file a kind. A job waits until it has the lease, does its
 * work in steps that are kept, and reports how it ended. One that would begin while R2's circuit
 * breaker is open fails at once; the Coordinator starts backups again when it closes, and those that
 * failed while the database was away when that is back. A job that is under way lets its steps be
 * retried.
 *
 * @module
 */

import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { BackupFault } from "../backup/index.ts";
import type { CommandInput } from "../durable/shared/coordinator.ts";
import type { Env } from "../env.ts";
import type { JobKind } from "../contract/backups/answers.ts";
import { DatabaseError } from "../storage/index.ts";
import { backup, retention, rewrap, verify } from "./backup.ts";
import { drill } from "./drill.ts";
import { Cancelled, HalfDone, type JobContext, openJob } from "./job-context.ts";
import { restore } from "./restore/restore.ts";
import { snapshotAndDatabase } from "./snapshot.ts";

type Params = Readonly<Record<string, unknown>>;
const WORK: { readonly [K in JobKind]: (context: JobContext, params: Params) => Promise<unknown> } =
  {
    backup,
    snapshot: snapshotAndDatabase,
    verify,
    restore,
    retention,
    drill,
    rewrap,
  };

/** A job asks for the lease about this often, and this many times: two days. */
const LEASE_WAIT = "20 seconds";
const LEASE_WAITS_MAX = 8_640;

export class JobWorkflow extends WorkflowEntrypoint<Env, { job: string }> {
  override async run(
    event: Readonly<WorkflowEvent<{ job: string }>>,
    step: WorkflowStep,
  ): Promise<unknown> {
    const id = event.payload.job;
    const context = await openJob(this.env, step, id);
    const lease = await this.#awaitLease(context, step);
    if (lease === "cancelled") return null;
    if (lease === "never") return end(context, failed("Another job did not end."));

    const refusal = await context.steps.run("r2", context.r2Refusal);
    if (refusal !== null) return end(context, { ...failed(`${refusal}.`), refused_by: "r2" });
    const { kind, params } = await context.steps.run("job", async () => {
      const job = await context.ask("jobs.get", { id });
      return { kind: job.kind, params: job.params as Record<string, never> };
    });
    // A restore only reads from the bucket, which may be what a lost deployment left.
    const foreign = await context.steps.run("owner", () =>
      context.ownerRefusal(kind !== "restore"),
    );
    if (foreign !== null) return end(context, failed(`${foreign}.`));
    try {
      const result = await WORK[kind](context, params);
      return await end(context, { status: "succeeded", result, error: null, refused_by: null });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof Cancelled)
        return end(context, { ...failed(reason), status: "cancelled" });
      const refused_by = error instanceof BackupFault ? null : await awayOf(context);
      return end(context, { ...failed(reason), result: resultOf(error), refused_by });
    }
  }

  async #awaitLease(
    { job, steps, ask }: JobContext,
    step: WorkflowStep,
  ): Promise<"go" | "cancelled" | "never"> {
    for (let tries = 0; ; tries++) {
      const answer = await steps.run(`turn ${tries}`, () => ask("jobs.acquire", { id: job }));
      if (answer !== "wait") return answer;
      if (tries >= LEASE_WAITS_MAX) return "never";
      await step.sleep(`wait ${tries}`, LEASE_WAIT);
    }
  }
}

/** How a job ended. */
type JobEnd = Omit<CommandInput<"jobs.finish">, "id">;

const failed = (error: string): JobEnd => ({
  status: "failed",
  result: null,
  error,
  refused_by: null,
});

/** Whether the database is out of reach, as far as one more try tells. */
async function awayOf({ steps, database }: JobContext): Promise<"database" | null> {
  return steps.run("database", async () => {
    try {
      await database.version();
      return null;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return "database";
    }
  });
}

/** What is left of work that failed. */
function resultOf(error: unknown): unknown {
  if (error instanceof HalfDone) return error.result;
  return error instanceof BackupFault ? { object: error.object } : null;
}

async function end(context: JobContext, ended: JobEnd): Promise<null> {
  return context.steps.run("end", () => context.ask("jobs.finish", { id: context.job, ...ended }));
}
