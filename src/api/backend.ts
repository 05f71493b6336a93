/**
 * What the API needs of the memory: a port that the gateway implements.
 *
 * @module
 */

import type { BackupsView, BackupView } from "../contract/backups/answers.ts";
import type { Call, CommandResult, Reply } from "../contract/call.ts";
import type {
  Input,
  OperationName,
  OperatorCommandName,
  OperatorInput,
  OperatorOutput,
  Output,
} from "../contract/operations.ts";
import type {
  CapacityLimits,
  Incident,
  JobRunView,
  MetricSample,
  ReadinessView,
  Sample,
} from "../observability/index.ts";

export interface Backend {
  /**
   * Runs an operation at the instance with this index; one that is not the right one passes it on.
   */
  execute<N extends OperationName>(
    instance: number,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>>;
  instanceCount(): Promise<number>;
  /** Carries out an operator's command. A refusal is a value. */
  command<N extends OperatorCommandName>(
    name: N,
    input: OperatorInput<N>,
  ): Promise<CommandResult<OperatorOutput<N>>>;
  overview: OverviewBackend;
  /** The backups in the bucket. */
  backups: {
    /** The newest first. `unreadable`: objects in the place of a manifest that are none. */
    list(limit: number): Promise<CommandResult<BackupsView>>;
    get(id: string): Promise<CommandResult<BackupView>>;
  };
  /** The version of the database's schema that this version of the service needs. */
  schemaVersion: number;
}

/** What is asked of every part of the service at once. Times are ms since the epoch. */
interface OverviewBackend {
  readiness(): Promise<ReadinessView>;
  /** Every series of the service. */
  metrics(): Promise<Sample[]>;
  /** What happened since then, with samples of the metrics. */
  timeline(since: number): Promise<{ incidents: Incident[]; samples: MetricSample[] }>;
  /** Hourly samples since then, and the bounds that a forecast is about. */
  capacity(since: number): Promise<{ samples: MetricSample[]; limits: CapacityLimits }>;
  /** The last run of each job. */
  jobRuns(): Promise<JobRunView[]>;
  /** What is in force; null when the Coordinator does not answer. */
  settings(): Promise<{ version: number; settings: Readonly<Record<string, unknown>> } | null>;
}
