/**
 * The Coordinator's series: its counters, and gauges of what only it knows. Pure.
 *
 * @module
 */

import {
  BACKUP_JOBS,
  bornZero,
  dueAt,
  gauge,
  labelled,
  RUN_NAMES,
  VERIFY_JOB,
  type GaugeName,
  type JobRunView,
  type Labelled,
  type MetricSample,
  type Sample,
} from "../../../observability/index.ts";
import type { BreakerState } from "../../../resilience/index.ts";
import { STATE_NUMBERS } from "../../shared/breakers.ts";
import type { Control } from "../../shared/control.ts";

/** Counters that instances have too; this object is none of them. */
const SHARED_WITH_INSTANCES = /^memory_(storage|circuit_breaker)_/;

export interface CoordinatorState {
  /** Every counter and histogram that was counted. */
  counted: readonly Sample[];
  control: Control;
  databaseMaxBytes: number;
  /** Of the newest sample; undefined: there is none. */
  totals: MetricSample["totals"] | undefined;
  /** The last run of each job. */
  runs: readonly JobRunView[];
  /** Since when jobs are waited for, ms since the epoch. */
  jobsSince: number;
  r2: BreakerState;
}

export function coordinatorSamples(state: CoordinatorState): Sample[] {
  const { maintenance, degraded, topology } = state.control;
  const counted = state.counted.flatMap((sample) =>
    SHARED_WITH_INSTANCES.test(sample.name) ? ofCoordinator([sample]) : [sample],
  );
  return [
    ...counted,
    ...bornZero(counted, "coordinator"),
    ...gaugeIfKnown("memory_maintenance_mode", maintenance ? 1 : 0),
    ...gaugeIfKnown("memory_degraded_mode", degraded ? 1 : 0),
    ...gaugeIfKnown("memory_instances", topology.count),
    ...gaugeIfKnown("memory_database_bytes", state.totals?.database_bytes),
    ...gaugeIfKnown("memory_database_max_bytes", state.databaseMaxBytes),
    ...gaugeIfKnown("memory_r2_bytes", state.totals?.r2_bytes),
    ...ofCoordinator(
      gaugeIfKnown("memory_circuit_breaker_state", STATE_NUMBERS[state.r2], { backend: "r2" }),
    ),
    ...state.runs.flatMap(samplesOfRun),
    ...RUN_NAMES.flatMap((name) => expectationOf(name, state)),
  ];
}

function samplesOfRun({ job, ended_at, last_success_at }: JobRunView): Sample[] {
  const succeeded = seconds(last_success_at);
  const kind = BACKUP_JOBS[job];
  return [
    ...gaugeIfKnown("memory_job_last_run_timestamp_seconds", seconds(ended_at), { job }),
    ...gaugeIfKnown("memory_job_last_success_timestamp_seconds", succeeded, { job }),
    ...(kind === undefined
      ? []
      : gaugeIfKnown("memory_backup_last_success_timestamp_seconds", succeeded, { kind })),
    ...(job === VERIFY_JOB
      ? gaugeIfKnown("memory_backup_last_verified_timestamp_seconds", succeeded)
      : []),
  ];
}

/** There from the start: a job that never runs has no other series. */
function expectationOf(job: string, { runs, jobsSince }: CoordinatorState): Sample[] {
  const run = runs.find((own) => own.job === job);
  const last = Date.parse(run?.last_success_at ?? "") || jobsSince;
  const due = dueAt(job, last);
  return [
    ...gaugeIfKnown("memory_job_failing", run?.result === "failure" ? 1 : 0, { job }),
    ...gaugeIfKnown("memory_job_due_timestamp_seconds", due === null ? undefined : due / 1_000, {
      job,
    }),
  ];
}

/** As the instances' own series have it, where they have the metric too. */
const ofCoordinator = (samples: readonly Sample[]): Sample[] =>
  labelled(samples, "instance", "coordinator");

/** None where the value is not known. */
function gaugeIfKnown<N extends GaugeName>(
  name: N,
  value: number | undefined,
  ...labels: Labelled<N>
): Sample[] {
  return value === undefined ? [] : [gauge(name, value, ...labels)];
}

/** A time as Unix time, s. */
const seconds = (time: string | null): number | undefined =>
  time === null ? undefined : Date.parse(time) / 1_000;
