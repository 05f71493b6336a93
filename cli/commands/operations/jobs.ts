/**
 * `memory-cli job …`, and how other commands start long work and follow it to its end.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, MemoryClient, RunJobBodyJob } from "../../../client/index.ts";
import type { App } from "../../app.ts";
import { CliError, EXIT } from "../../exit.ts";
import { option, type CommandSpec } from "../../spec.ts";
import type { Shown } from "../../terminal/output.ts";
import { columns, shownFields, shownList } from "../../terminal/shown.ts";

type Job = Answer<"getJob">;

/** As the service knows them; it names them too when it is asked for another one. */
const SCHEDULED: readonly RunJobBodyJob[] = [
  "health-check",
  "backup-snapshot",
  "backup-full",
  "restore-drill",
  "retention",
  "prune",
  "capacity-report",
];

/** Between two looks at a job, ms. */
const POLL_MS = 1_000;
const ENDED: readonly Job["status"][] = ["succeeded", "failed", "cancelled"];
const ID = [["<id>", "the job"]] as const;

export const detachOption = option("--detach", "do not wait; the job goes on");

/** Follows a job that was started to its end, unless `--detach` was given. */
export async function followStarted(app: App, job: Job, isDetached: boolean): Promise<Shown> {
  if (isDetached) return shownFields(job);
  app.note(`job ${job.id}`);
  return follow(app, await app.admin(), job.id);
}

/** Shows how far it is until it has ended. Exit code 0: it succeeded. */
async function follow(app: App, admin: MemoryClient, id: string): Promise<Shown> {
  const progress = app.progress(id, "rows");
  const left = (): string => `The job goes on: memory-cli job view ${id} --follow`;
  app.io.leaving?.add(left);
  for (;;) {
    const job = await admin.call("getJob", { params: { id } });
    if (ENDED.includes(job.status)) {
      progress.end();
      app.io.leaving?.delete(left);
      return { ...shownFields(job), exit: job.status === "succeeded" ? EXIT.ok : EXIT.failed };
    }
    if (job.progress) {
      const { rows, percent, phase } = job.progress;
      progress.update(rows, percent ? Math.round((rows * 100) / percent) : null, phase);
    }
    await sleep(POLL_MS);
  }
}

export const JOBS: readonly CommandSpec[] = [
  {
    name: "job list",
    summary: "list long work, newest first",
    examples: ["memory-cli job list"],
    notes: "memory-cli job view ID has what came of it.",
    run: async (app) =>
      shownList(await (await app.admin()).call("listJobs"), "jobs", [
        ...columns("id", "kind", "status", "by", "started_at", "finished_at"),
        ["PHASE", ({ progress }) => (progress as Job["progress"])?.phase],
        ...columns("error"),
      ]),
  },
  {
    name: "job run",
    summary: "do now what the schedule does",
    args: [["<name>", SCHEDULED.join(", ")]],
    options: [detachOption],
    examples: ["memory-cli job run health-check", "memory-cli job run backup-snapshot --detach"],
    async run(app, [name = ""], { detach }) {
      const job = SCHEDULED.find((known) => known === name);
      if (!job)
        throw new CliError(`There is no job "${name}" (there are: ${SCHEDULED.join(", ")}).`);
      const admin = await app.admin();
      const run = await admin.call("runJob", { body: { job } });
      if (run.id !== null && detach !== true) return follow(app, admin, run.id);
      const exit = run.status === "failed" ? EXIT.failed : EXIT.ok;
      return { ...shownFields(run), exit };
    },
  },
  {
    name: "job view",
    summary: "view a job, or follow it to its end",
    args: ID,
    options: [option("--follow", "until it ends, with its rate and the time left")],
    examples: ["memory-cli job view ID", "memory-cli job view ID --follow"],
    async run(app, [id = ""], { follow: isFollowed }) {
      const admin = await app.admin();
      return isFollowed === true
        ? follow(app, admin, id)
        : shownFields(await admin.call("getJob", { params: { id } }));
    },
  },
  {
    name: "job cancel",
    summary: "cancel a job",
    args: ID,
    options: [
      option("--release", "of a restore: give the database back although it is half restored"),
    ],
    examples: ["memory-cli job cancel ID"],
    async run(app, [id = ""], { release }) {
      const body = { release: release === true };
      return shownFields(await (await app.admin()).call("cancelJob", { params: { id }, body }));
    },
  },
];
