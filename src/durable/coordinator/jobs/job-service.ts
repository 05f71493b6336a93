/**
 * The Coordinator's part in long jobs: their records and lease, the hold on the database while a
 * restore has it, and what a job asks of the instances.
 *
 * @module
 */

import type { JobKind, JobView, RestoreMark } from "../../../contract/jobs.ts";
import type { LocalSql } from "../../../storage/index.ts";
import type { ControlStore } from "../control-store.ts";
import type { Instances, Part } from "../instances.ts";
import { JobQueue, type Started } from "./job-queue.ts";
import type { ApiKeys } from "../api-keys.ts";
import type { NewJob, Work, WorkName } from "../../shared/protocol.ts";
import { Refused } from "../../shared/refusals.ts";
import { snapshotPage } from "../../shared/snapshots.ts";
import { isoTime } from "../../../util/time.ts";

export interface JobServicePorts {
  sql: LocalSql;
  controlStore: ControlStore;
  instances: Instances;
  now: () => number;
  uuid: () => string;
  /** Starts the Workflow of a job; one that was started already is left alone. */
  launch: (job: string) => Promise<void>;
  /** The Coordinator's own unsent rows: waits for a batch in flight. */
  settled: () => Promise<{ writer: string; batch: number }>;
  keys: Pick<ApiKeys, "reread" | "resend" | "bringBack">;
  /** Told of every request for a job, and what became of it. */
  requested: (kind: JobKind, result: Started["result"] | "refused") => void;
  /** Told of every job that ended. */
  ended: (job: JobView) => void;
  log: (event: Record<string, unknown>) => void;
}

const ASK_MS = 10_000;
/** A page of a snapshot may be large, ms. */
const PAGE_MS = 30_000;
const LEARN_MS = 20_000;
/** How often a migration looks whether its backup is made, ms. */
const BACKUP_LOOK_MS = 500;

export type Workers = {
  [N in WorkName]: (input: Work[N]["input"]) => Promise<Work[N]["output"]> | Work[N]["output"];
};

export class JobService {
  readonly #ports: JobServicePorts;
  readonly jobs: JobQueue;
  readonly workers: Workers;

  constructor(ports: JobServicePorts) {
    this.#ports = ports;
    this.jobs = new JobQueue(ports.sql, ports.now);
    this.workers = this.#workers();
  }

  /**
   * Launches jobs whose Workflow was never heard of: the Coordinator may have died before it
   * started it.
   */
  async relaunch(): Promise<void> {
    for (const id of this.jobs.unlaunched()) await this.#ports.launch(id);
  }

  /** Takes a backup and answers with its id when it was read back. Throws when it failed. */
  async backUp(): Promise<string> {
    const key = `migrations ${this.#ports.uuid()}`;
    const { id } = await this.workers.start({
      kind: "backup",
      params: { kind: "incremental" },
      key,
      by: "migrations",
    });
    for (;;) {
      const { status, result, error } = this.jobs.get(id);
      if (status === "succeeded") return (result as { id: string }).id;
      if (status === "failed" || status === "cancelled")
        throw new Error(`${id} ${status}: ${error ?? ""}`);
      await scheduler.wait(BACKUP_LOOK_MS);
    }
  }

  /** Counts and logs a refusal, and throws it. */
  #start(job: NewJob): Started {
    try {
      return this.jobs.start(job, this.#ports.uuid());
    } catch (error) {
      if (error instanceof Refused) {
        this.#ports.requested(job.kind, "refused");
        this.#ports.log({
          event: "job_refused",
          level: "warn",
          kind: job.kind,
          by: job.by,
          reason: error.message,
        });
      }
      throw error;
    }
  }

  #workers(): Workers {
    const { controlStore, instances, log } = this.#ports;
    return {
      start: async (job) => {
        const { job: made, result } = this.#start(job);
        this.#ports.requested(job.kind, result);
        if (result === "coalesced")
          log({ event: "job_coalesced", level: "info", job: made.id, by: job.by });
        if (result === "queued") {
          log({ event: "job_queued", level: "info", job: made.id, by: job.by });
          await this.#ports.launch(made.id);
        }
        return made;
      },
      jobs: ({ limit }) => this.jobs.list(limit),
      job: ({ id }) => this.jobs.get(id),
      acquire: ({ id }) => this.jobs.acquire(id),
      report: ({ id, progress }) => this.jobs.report(id, progress),
      finish: async ({ id, status, result, error }) => {
        const job = this.jobs.finish(id, status, result, error);
        log({
          event: "job_finished",
          level: status === "failed" ? "error" : "info",
          job: id,
          status,
          error,
        });
        for (const reason of warningsOf(result)) {
          log({ event: "backup_unauthenticated", level: "warn", job: id, reason });
        }
        this.#ports.ended(job);
        const mark = controlStore.control.restore;
        if (mark?.job === id && status !== "succeeded") {
          // What it had not settled yet must not be seen: the hold stays.
          controlStore.restore({ ...mark, phase: "interrupted" }, "coordinator");
          await instances.push();
        }
        return job;
      },
      cancel: async ({ id, release, by }) => {
        const job = this.jobs.get(id);
        const mark = controlStore.control.restore;
        if (release && mark?.job === id) {
          if (job.finished_at === null) this.jobs.cancel(id);
          // What the database has nobody knows now: what instances hold must not go for it.
          const input = {
            namespace: null,
            episode: null,
            outbox: "replay",
            merged: true,
            copies: "keep",
          } as const;
          await this.#release(input, by);
          return this.jobs.get(id);
        }
        return this.jobs.cancel(id);
      },
      control: () => controlStore.control,
      hold: async ({ job, backup }) => {
        const known = controlStore.control.restore;
        if (known && known.job !== job && known.phase === "running") {
          throw new Refused("conflict", `The restore ${known.job} has the database.`);
        }
        const since = known?.since ?? isoTime(this.#ports.now());
        const mark: RestoreMark = { job, backup, since, phase: "running" };
        controlStore.restore(mark, "coordinator");
        await instances.push();
        const parts = await instances.everywhere("restore_hold", controlStore.control, ASK_MS);
        const silent = parts.find((part) => "error" in part);
        if (silent && "error" in silent) {
          throw new Refused(
            "not_ready",
            `Instance ${silent.instance} does not answer: ${silent.error}.`,
            {
              retry_after_s: 5,
            },
          );
        }
        return [
          ...parts.flatMap((part) => ("value" in part ? [part.value] : [])),
          await this.#ports.settled(),
        ];
      },
      release: async (input) => this.#release(input, "coordinator"),
      snapshot: async ({ instance, cursor }) => {
        if (instance === -1) return snapshotPage(this.#ports.sql, cursor, true);
        const part = await instances.ask(instance, "snapshot", { cursor }, PAGE_MS);
        if ("value" in part) return part.value;
        throw new Error(`instance ${instance}: ${part.error}`);
      },
      holdings: async ({ instance, what, input }) => {
        const part = await instances.ask(instance, "restore_holdings", { what, input }, PAGE_MS);
        if ("value" in part) return part.value;
        throw new Error(`instance ${instance}: ${part.error}`);
      },
      restore_learn: async (back) => {
        const part = await instances.ask(0, "restore_learn", back, LEARN_MS);
        if ("error" in part) throw new Error(part.error);
        return null;
      },
      put_local: async ({ instance, table, rows }) => {
        const part = await instances.ask(instance, "restore_local", { table, rows }, PAGE_MS);
        if ("value" in part) return part.value;
        throw new Error(`instance ${instance}: ${part.error}`);
      },
      bring_back_keys: ({ rows, authentic, dry_run }) =>
        this.#ports.keys.bringBack(rows, authentic, dry_run),
      put_settings: async ({ settings, by }) => {
        controlStore.configure(settings, by);
        await instances.push();
        return null;
      },
      learn: async ({ digest }) => {
        const part = await instances.ask(0, "learn", { digest, recall_id: null }, LEARN_MS);
        if ("error" in part) throw new Error(part.error);
        return null;
      },
      forget: async ({ namespace, episode_id }) => {
        const part = await instances.ask(0, "forget", { namespace, episode_id }, LEARN_MS);
        if ("error" in part) throw new Error(part.error);
        return null;
      },
      instances: () => controlStore.instanceCount,
    };
  }

  /** At one instance, a slice after the other. */
  async #done(instance: number, input: Work["release"]["input"]): Promise<Part<"restore_done">> {
    const sum = { replayed: 0, kept: 0 };
    let after: [string, string] | null = null;
    do {
      const slice: Part<"restore_done"> = await this.#ports.instances.ask(
        instance,
        "restore_done",
        { ...input, after },
        PAGE_MS,
      );
      if ("error" in slice) return slice;
      sum.replayed += slice.value.replayed;
      sum.kept += slice.value.kept;
      // An instance of an earlier release does all of it at once, and says nothing of more.
      after = slice.value.next ?? null;
    } while (after !== null);
    return { value: sum };
  }

  /** The database may be asked again: first every instance drops what it knew. */
  async #release(
    input: Work["release"]["input"],
    by: string,
  ): Promise<{ replayed: number; kept: number }> {
    const { controlStore, instances, keys } = this.#ports;
    const parts = await Promise.all(
      Array.from({ length: controlStore.instanceCount }, (_, index) => this.#done(index, input)),
    );
    const silent = parts.find((part) => "error" in part);
    if (silent && "error" in silent) {
      throw new Refused(
        "not_ready",
        `Instance ${silent.instance} does not answer: ${silent.error}.`,
        {
          retry_after_s: 5,
        },
      );
    }
    keys.reread();
    keys.resend();
    controlStore.restore(null, by);
    await instances.push();
    const done = parts.flatMap((part) => ("value" in part ? [part.value] : []));
    return {
      replayed: done.reduce((sum, { replayed }) => sum + replayed, 0),
      kept: done.reduce((sum, { kept }) => sum + kept, 0),
    };
  }
}

/** What a job's result warns of. */
function warningsOf(result: unknown): string[] {
  const { warnings } = (result ?? {}) as { warnings?: unknown };
  return Array.isArray(warnings) ? warnings.map(String) : [];
}
