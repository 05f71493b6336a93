/**
 * A way in which something is wrong and what is watched could hide it, with the series that show
 * it.
 *
 * @module
 */

import { FAULT, ROUTE } from "./well.ts";

export interface Way {
  /** What is wrong, and how it could go unseen. */
  way: string;
  /** The series that are other than the healthy ones, from the fault on; null: it is gone. */
  becomes: Readonly<Record<string, ((minute: number) => number | null) | null>>;
  /** Takes every series away whose name matches, but for those that `becomes` names. */
  without?: RegExp;
  alert: string;
  /** Labels that it must have. */
  labels?: string;
  /** By how many minutes after the fault it must fire. */
  within: number;
}

export const due = (job: string): string => `memory_job_due_timestamp_seconds{job="${job}"}`;
export const failing = (job: string): string => `memory_job_failing{job="${job}"}`;
export const succeeded = (kind: string): string =>
  `memory_backup_last_success_timestamp_seconds{kind="${kind}"}`;
export const requests = (status: number): string =>
  `memory_http_requests_total{instance="0",method="POST",${ROUTE},status="${status}"}`;
/** Grows from the fault on. */
export const growsSince =
  (by: number) =>
  (minute: number): number =>
    Math.max(0, minute - FAULT) * by;
