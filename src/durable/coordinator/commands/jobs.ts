/**
 * Commands about jobs: asked for by operators, begun by the schedule, reported by who does them.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

type Names =
  | "jobs.start"
  | "jobs.list"
  | "jobs.get"
  | "jobs.cancel"
  | "jobs.begin"
  | "jobs.acquire"
  | "jobs.report"
  | "jobs.finish";

export const JOB_COMMANDS: Handlers<Names> = {
  "jobs.start": ({ jobs }, job) => jobs.start(job),

  "jobs.list": ({ ledger }, { limit }) => ledger.list(limit),

  "jobs.get": ({ ledger }, { id }) => ledger.get(id),

  "jobs.cancel": async ({ ledger, restoreHold }, { id, release, by }) => {
    const job = ledger.get(id);
    if (!release || restoreHold.restore?.job !== id) return ledger.cancel(id);
    if (job.finished_at === null) ledger.cancel(id);
    await restoreHold.releaseHalfRestored(by);
    return ledger.get(id);
  },

  "jobs.begin": ({ jobs }, { kind, scheduled_at }) => jobs.begin(kind, scheduled_at),

  "jobs.acquire": ({ ledger }, { id }) => ledger.acquire(id),

  "jobs.report": ({ ledger }, { id, progress }) => ledger.report(id, progress),

  "jobs.finish": async ({ jobs, restoreHold }, input) => {
    await jobs.finish(input);
    if (input.status !== "succeeded") await restoreHold.interrupted(input.id);
    return null;
  },
};
