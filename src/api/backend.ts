/**
 * What the API is given: the memory, a port that the gateway implements; and by whoever starts it a
 * clock, its secrets, and where it reports to.
 *
 * @module
 */

import type { Admin, KeyHashes } from "./caller.ts";
import type { OAuth } from "./oauth/oauth.ts";
import type { OAuthBook } from "./oauth/ports.ts";
import type { BackupsView, BackupView, ScheduledRunView } from "../contract/backups/answers.ts";
import type { Call, CommandResult, Reply } from "../contract/call.ts";
import type {
  Input,
  OperationName,
  OperatorCommandName,
  OperatorInput,
  OperatorOutput,
  Output,
} from "../contract/operations.ts";
import type { ScheduledJob } from "../contract/vocabulary.ts";
import type {
  CapacityLimits,
  Incident,
  JobRunView,
  MetricSample,
  ReadinessView,
  Reporter,
  Sample,
} from "../observability/index.ts";
import type { LoggedLineView } from "../contract/watching/answers.ts";

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
  /** What of OAuth the whole service has in common. */
  oauth: OAuthBook;
  /** The backups in the bucket. */
  backups: {
    /** The newest first. `unreadable`: objects in the place of a manifest that are none. */
    list(limit: number): Promise<CommandResult<BackupsView>>;
    get(id: string): Promise<CommandResult<BackupView>>;
  };
  /** The copies of incidents in the bucket. */
  archive: {
    /** Those of a day, YYYY-MM-DD, oldest first. */
    day(day: string): Promise<CommandResult<Incident[]>>;
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
  /** The last lines that were logged since then, the oldest first, and who did not answer. */
  logs(since: number): Promise<{ lines: LoggedLineView[]; silent: string[] }>;
  /** Hourly samples since then, and the bounds that a forecast is about. */
  capacity(since: number): Promise<{ samples: MetricSample[]; limits: CapacityLimits }>;
  /** The last run of each job. */
  jobRuns(): Promise<JobRunView[]>;
  /** What is in force; null when the Coordinator does not answer. */
  settings(): Promise<{ version: number; settings: Readonly<Record<string, unknown>> } | null>;
}

/** A request that was answered, for the counters. */
export interface AnsweredRequest {
  method: string;
  /** The route's pattern; "none" when no route was found. */
  route: string;
  status: number;
  seconds: number;
  /** How long the instance took to recall; null: it was no recall. */
  recallSeconds: number | null;
}

export interface ApiOptions {
  /** Whose secrets may do everything; none: no key can be made. */
  admins: readonly Admin[];
  /** Kept as long as the process: hashing a key is waited for. */
  keyHashes: KeyHashes;
  version: {
    name: string;
    version: string;
    commit: string | null;
    id: string | null;
    deployed_at: string | null;
  };
  /** Origins of pages whose scripts may call the service; "*": any. */
  corsOrigins: ReadonlySet<string>;
  /** Tokens for agents that connect by OAuth; null: there is none. */
  oauth: OAuth | null;
  /** The metrics need no key. */
  metricsOpen: boolean;
  reporter: Reporter;
  /** Called once for every request, when it is answered. */
  answered(request: AnsweredRequest): void;
  /** A deployed static file, by its path below the assets' directory; null: there is none. */
  asset(path: string): Promise<Response | null>;
  /** Does what the schedule does under this name; the run of a long job goes on. */
  runJob(job: ScheduledJob, by: string): Promise<Omit<ScheduledRunView, "job">>;
  /** ms since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
  randomUUID(): string;
  log(event: Record<string, unknown>): void;
}
