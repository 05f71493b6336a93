/**
 * The kinds of jobs, and what differs between them: who does the work, which lease it takes, and
 * how long it may be silent. Everything else about a job is the same for all.
 *
 * @module
 */

import type { JobKind, ShortJobKind } from "../../../contract/backups/answers.ts";
import { MS } from "../../../contract/limits.ts";
import { JOBS } from "../../../observability/index.ts";

export type AnyJobKind = JobKind | ShortJobKind;

interface KindRule {
  /**
   * One job at a time has the lease of this name. `workflow`: shared by the long jobs, which
   * operators and the schedule ask for, which wait for each other and which a Workflow does. The
   * others have a lease each, do not wait, and are done by the Worker that begins them.
   */
  lease: "workflow" | ShortJobKind;
  /** A job that says nothing for this long has lost its lease, ms. */
  lease_ms: number;
}

/** Each step of a Workflow may take as long as that. */
const LONG: KindRule = { lease: "workflow", lease_ms: 20 * MS.minute };
const short = (kind: ShortJobKind): KindRule => ({ lease: kind, lease_ms: JOBS[kind].lease_ms });

export const JOB_KINDS: Readonly<Record<AnyJobKind, KindRule>> = {
  backup: LONG,
  snapshot: LONG,
  verify: LONG,
  restore: LONG,
  retention: LONG,
  drill: LONG,
  "health-check": short("health-check"),
  prune: short("prune"),
  "capacity-report": short("capacity-report"),
};

/** Kinds whose jobs are listed for operators. */
export const LONG_KINDS = Object.keys(JOB_KINDS).filter(isLong) as JobKind[];

export function isLong(kind: string): kind is JobKind {
  return JOB_KINDS[kind as AnyJobKind]?.lease === "workflow";
}
