/**
 * Jobs from the request to the end: what is asked for is put into the ledger, counted, logged and
 * launched; what ended becomes runs. A backup, or what the schedule started, that failed while
 * R2's circuit breaker was open or the database was away is started again once that is back.
 *
 * @module
 */

import type { CoordinatorContext } from "../context.ts";
import type { R2Breaker } from "../r2-breaker.ts";
import type { Monitor } from "../monitoring/monitor.ts";
import type { JobKind, JobView, ShortJobKind } from "../../../contract/backups/answers.ts";
import type { CommandInput, JobBackend, NewJob } from "../../shared/coordinator.ts";
import { Refused } from "../../shared/refusals.ts";
import type { Part } from "../../shared/context.ts";
import { isLong, type JobRow } from "./job.ts";
import { LAUNCH_AGAIN_MS, type JobLedger, type Started } from "./ledger.ts";
import { brokenChainOf, runsOf, type LastRuns } from "./last-runs.ts";

export interface JobServicePorts extends Pick<
  CoordinatorContext,
  "now" | "uuid" | "wait" | "wake" | "log"
> {
  ledger: JobLedger;
  lastRuns: LastRuns;
  monitor: Monitor;
  r2: R2Breaker;
  /** Starts the Workflow of a job; throws when it is there already or could not be started. */
  launch: (job: string) => Promise<unknown>;
}

/** How often a migration looks whether its backup is made, ms. */
const BACKUP_POLL_MS = 500;
/** What a job that is started again says of the first try, behind who asked for it. */
const AGAIN = " (again: ";
/** Kinds that are worth doing late, whoever asked for them. */
const WORTH_DOING_LATE: ReadonlySet<string> = new Set<JobKind>(["backup", "snapshot"]);

export class JobService implements Part {
  readonly #ports: JobServicePorts;
  /** When queued jobs are looked through; null: none is queued. */
  #launchAt: number | null;

  constructor(ports: JobServicePorts) {
    this.#ports = ports;
    this.#launchAt = ports.ledger.queued() > 0 ? ports.now() + LAUNCH_AGAIN_MS : null;
  }

  /** Asks for a long job. Throws `Refused` when too many wait. */
  async start(job: NewJob): Promise<JobView> {
    const { monitor, log } = this.#ports;
    const { job: made, result } = this.#queue(job);
    monitor.jobRequested(job.kind, result);
    if (result === "coalesced") log({ event: "job_coalesced", job: made.id, by: job.by });
    if (result === "queued") {
      log({ event: "job_queued", job: made.id, by: job.by });
      await this.#launch(made.id);
    }
    return made;
  }

  /** See `JobLedger.begin`. */
  begin(kind: ShortJobKind, scheduledAt: number): { id: string } | null {
    const { ledger, lastRuns, now, monitor } = this.#ports;
    const begun = ledger.begin(kind, scheduledAt);
    if (begun) lastRuns.begun(kind, { scheduled_at: scheduledAt, started_at: now() });
    else monitor.jobSkipped(kind);
    return begun;
  }

  /** Ends a job of any kind. What ended before stays as it was, and is not counted again. */
  async finish(input: CommandInput<"jobs.finish">): Promise<void> {
    const { id, status, result, error } = input;
    const { ledger, log, r2 } = this.#ports;
    if (!ledger.finish(id, status, result, error)) return;
    const row = ledger.row(id);
    if (isLong(row.kind)) {
      const level = status === "failed" ? "error" : "info";
      log({ event: "job_finished", level, job: id, status, error });
      for (const reason of warningsOf(result))
        log({ event: "backup_unauthenticated", job: id, reason });
      const reason = brokenChainOf(result);
      if (reason !== null) log({ event: "backup_chain_broken", job: id, reason });
    }
    this.#record(row);
    this.#ports.monitor.askedJobEnded(row, status);

    const lacked = r2.isOpen() ? "r2" : input.refused_by;
    if (status !== "failed" || lacked === null || !isWorthDoingLate(row)) return;
    ledger.awaitBackend(id, lacked);
    // It may have closed since the job was refused.
    if (lacked === "r2" && !r2.isOpen()) await this.isBack("r2");
  }

  /** A backend may be asked again: what failed for it is started once more. */
  async isBack(backend: JobBackend): Promise<void> {
    for (;;) {
      const waiting = this.#ports.ledger.takeWaiting(backend);
      if (!waiting) return;
      const { id, kind, params } = waiting;
      const by = `${waiting.by.split(AGAIN)[0]}${AGAIN}${id})`;
      await this.start({ kind, params, key: `again ${id}`, by });
    }
  }

  /** Takes a backup and answers with its id when it was read back. Throws when it failed. */
  async backUp(): Promise<string> {
    const { ledger, uuid, wait } = this.#ports;
    const params = { kind: "incremental" };
    const key = `migrations ${uuid()}`;
    const { id } = await this.start({ kind: "backup", params, key, by: "migrations" });
    for (;;) {
      const { status, result, error } = ledger.get(id);
      if (status === "succeeded") return (result as { id: string }).id;
      if (status === "failed" || status === "cancelled")
        throw new Error(`${id} ${status}: ${error ?? ""}`);
      await wait(BACKUP_POLL_MS);
    }
  }

  nextAt(): number | null {
    return this.#launchAt;
  }

  /**
   * Launches jobs whose Workflow was never heard of: the Coordinator may have died before it
   * started it.
   */
  async onAlarm(now: number): Promise<void> {
    if (this.#launchAt === null || this.#launchAt > now) return;
    const { ledger } = this.#ports;
    this.#launchAt = ledger.queued() > 0 ? now + LAUNCH_AGAIN_MS : null;
    for (const id of ledger.unlaunched()) await this.#launch(id);
  }

  /** Queues it; counts and logs a refusal, and throws it. */
  #queue(job: NewJob): Started {
    const { ledger, uuid, monitor, log } = this.#ports;
    try {
      return ledger.start(job, uuid());
    } catch (error) {
      if (error instanceof Refused) {
        monitor.jobRequested(job.kind, "refused");
        const { kind, by } = job;
        log({ event: "job_refused", kind, by, reason: error.message });
      }
      throw error;
    }
  }

  /** An alarm starts it again if this is cut short. */
  async #launch(job: string): Promise<void> {
    const { launch, wake, now, log } = this.#ports;
    this.#launchAt ??= now() + LAUNCH_AGAIN_MS;
    wake();
    try {
      await launch(job);
    } catch (error) {
      // It is there already, or the platform is busy: then the alarm tries again.
      log({ event: "job_launch_failed", job, reason: String(error) });
    }
  }

  #record(row: JobRow): void {
    const { lastRuns, monitor, now } = this.#ports;
    const times = {
      scheduled_at: row.scheduled_at ?? row.created_at,
      started_at: row.started_at ?? row.created_at,
    };
    for (const run of runsOf(row)) {
      lastRuns.ended(run, times, now());
      monitor.jobEnded(run);
    }
  }
}

/**
 * What an operator asked for otherwise is not: who wanted a restore then may want something else by
 * the time that what it needs is back.
 */
function isWorthDoingLate({ kind, by }: JobRow): boolean {
  return isLong(kind) && (by.startsWith("cron") || WORTH_DOING_LATE.has(kind));
}

/** What a job's result warns of. */
function warningsOf(result: unknown): string[] {
  const { warnings } = (result ?? {}) as { warnings?: unknown };
  return Array.isArray(warnings) ? warnings.map(String) : [];
}
