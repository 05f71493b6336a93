/**
 * The one table of the Coordinator's commands: name, input, output, whether a command may be
 * repeated, and by whom it is given; and how a command is given. Operators' commands are in
 * `contract/`, because the API knows them; here are those that only the service itself gives. The
 * handlers are in `coordinator/commands.ts`. Who may give which command is held by the types of the
 * callers' ports: everybody who can reach the Coordinator is code of this service.
 *
 * @module
 */

import type { OAuthNote, Registration } from "../../contract/access/grants.ts";
import type { JobKind, JobProgress, ShortJobKind } from "../../contract/backups/answers.ts";
import type { KeyOutcome, KeyRow, RestoreMark } from "../../contract/backups/restore.ts";
import type { CommandResult } from "../../contract/call.ts";
import type { Bookmarks, BreakerView } from "../../contract/cluster/answers.ts";
import {
  type CommandTable,
  type InputOf,
  type OutputOf,
  repeatable,
  unrepeatable,
} from "../../contract/operation.ts";
import { OPERATOR_COMMANDS } from "../../contract/operations.ts";
import type { Settings } from "../../contract/settings.ts";
import type { R2Admission, R2Report } from "./r2.ts";
import type { Control, KeyNews, KeyRecord, Mode, Topology } from "./control.ts";
import type { Holdings, HoldingsName } from "./instance/holdings.ts";
import type { InternalInput } from "./instance/protocol.ts";
import { refusedOf } from "./refusals.ts";
import type { SnapshotCursor, SnapshotPage } from "./tables/snapshots.ts";
import type { Digest } from "../../memory/learning/types.ts";
import type {
  Incident,
  JobRunView,
  LoggedLine,
  MetricSample,
  ReadinessView,
  Sample,
} from "../../observability/index.ts";
import type { BreakerState } from "../../resilience/index.ts";

/** What everybody asks who uses the database or the bucket. */
const OWNER_COMMANDS = {
  /** Which deployment this is. */
  "deployment.id": repeatable<null, string>(),
} as const satisfies CommandTable;

/** What everybody asks who uses R2. */
const R2_COMMANDS = {
  /** Tells what requests to R2 came to; answers whether more may be made. */
  "r2.report": unrepeatable<R2Report, R2Admission>(),
} as const satisfies CommandTable;

/** Something that was done at an instance, for the timeline: no text of a user, but names. */
export interface InstanceNote {
  kind: "erasure" | "curation";
  title: string;
  /** The id of the API key; "operator" for ADMIN_TOKEN. */
  by: string;
  namespace: string;
}

/** What memory instances ask. */
const INSTANCE_COMMANDS = {
  /** The present control document, for an instance that wakes or that missed a change. */
  "control.get": repeatable<null, Control>(),
  /** Takes what an instance found; answers with the version of the control document to have. */
  "instance.report": repeatable<InstanceReport, number>(),
  /** What a caller had done that the timeline must name. */
  "instance.note": unrepeatable<InstanceNote, null>(),
  /** An instance has handed over all that the running change of the topology moves. */
  "topology.settled": repeatable<{ instance: number; version: number }, null>(),
  /**
   * `known`: the version of the keys that the instance has; null: none. Instances of an earlier
   * release send null and take all of them, which is what an earlier Coordinator answers.
   */
  "keys.records": repeatable<{ known: string | null } | null, KeyNews | KeyRecord[]>(),
  /** Answers with a token when the lease to write to the database is the caller's. */
  "write_lease.acquire": unrepeatable<null, number>(),
  "write_lease.release": repeatable<{ token: number }, null>(),
} as const satisfies CommandTable;

/** What the Worker asks for itself: about the whole service, and for the jobs of its schedule. */
const WORKER_COMMANDS = {
  /** The topology that a deployment may use; a newer deployment's INSTANCE_COUNT changes it. */
  "topology.adopt": repeatable<{ env_count: number; deployed_at: string }, Topology>(),
  /** A version answers; sent once in the life of an isolate. */
  "release.answers": unrepeatable<{ version: string; id: string | null }, null>(),
  /** The Coordinator's own series, and how many instances have some. */
  "metrics.get": repeatable<null, { samples: Sample[]; instance_count: number }>(),
  "facts.get": repeatable<null, CoordinatorFacts>(),
  /**
   * Begins a job that the caller does itself, under its kind's lease. null: this very run has
   * succeeded, or one of its kind is at work.
   */
  "jobs.begin": unrepeatable<{ kind: ShortJobKind; scheduled_at: number }, { id: string } | null>(),
  /** What a health check found; answers with the incidents that it made. */
  "health.report": unrepeatable<
    { readiness: ReadinessView; r2: { failed: string | null } },
    Incident[]
  >(),
  /** The newest backup of each kind in the bucket, where no backup is on record. */
  "backups.found": unrepeatable<FoundBackup[], null>(),
  /** Keeps a sample of the metrics, with what only the Coordinator can measure. */
  "samples.add": unrepeatable<MetricSample, MetricSample>(),
  /** `since`: ms since the epoch. */
  "samples.hourly": repeatable<{ since: number }, MetricSample[]>(),
  "incidents.timeline": repeatable<
    { since: number },
    { incidents: Incident[]; samples: MetricSample[] }
  >(),
  /** The Coordinator's own last lines of the log, as an instance has them. */
  "logs.recent": repeatable<{ since: number; bytes: number }, LoggedLine[]>(),
  /** A client wants to register itself for OAuth. */
  "oauth.register": unrepeatable<null, Registration>(),
  /** Something became of a grant, for the audit. */
  "oauth.note": unrepeatable<OAuthNote, null>(),
  /** Drops what is older than it is kept for; answers with how much that was. */
  "history.prune": unrepeatable<null, { incidents: number; samples: number }>(),
} as const satisfies CommandTable;

/** A backend that a job cannot do without. */
export type JobBackend = "r2" | "database";

/** What a job asks while it is at work. */
const JOB_COMMANDS = {
  /** Takes the lease of the job's kind, or keeps it. */
  "jobs.acquire": unrepeatable<{ id: string }, "go" | "wait" | "cancelled">(),
  /** Keeps the lease. `cancel`: the job is to stop. */
  "jobs.report": unrepeatable<{ id: string; progress: JobProgress }, { cancel: boolean }>(),
  "jobs.finish": unrepeatable<
    {
      id: string;
      status: "succeeded" | "failed" | "cancelled";
      result: unknown;
      error: string | null;
      /** It failed because this backend's circuit breaker was open, or it was out of reach. */
      refused_by: JobBackend | null;
    },
    null
  >(),
  /** How many instances may hold something. */
  "cluster.instance_count": repeatable<null, number>(),
  /** A page of an instance's storage; of the Coordinator's own for the instance -1. */
  "snapshot.page": unrepeatable<
    { instance: number; cursor: SnapshotCursor | null },
    SnapshotPage
  >(),
  /** Gives the database to a restore. Answers with every writer and its last batch. */
  "restore.hold": unrepeatable<
    { job: string; backup: string },
    { writer: string; batch: number }[]
  >(),
  /** Ends the hold, after every instance has dropped or sent what it held. */
  "restore.release": unrepeatable<
    Omit<InternalInput<"restore_done">, "after">,
    { replayed: number; kept: number }
  >(),
  "restore.holdings": unrepeatable<
    InternalInput<"restore_holdings"> & { instance: number },
    Holdings[HoldingsName]["output"]
  >(),
  "restore.put_local": unrepeatable<
    InternalInput<"restore_local"> & { instance: number },
    number
  >(),
  /** Keys of a backup that an operator named. `authentic`: the service wrote the backup. */
  "restore.bring_back_keys": unrepeatable<
    { rows: KeyRow[]; authentic: boolean; dry_run: boolean },
    KeyOutcome[]
  >(),
  "restore.put_settings": unrepeatable<{ settings: Record<string, unknown>; by: string }, null>(),
  "knowledge.learn": unrepeatable<{ digest: Digest }, null>(),
  /** Notes where each object's storage is; see `monitoring/bookmarks.ts`. */
  "bookmarks.note": unrepeatable<{ job: string }, Bookmarks | null>(),
} as const satisfies CommandTable;

export const COORDINATOR_COMMANDS = {
  ...OPERATOR_COMMANDS,
  ...INSTANCE_COMMANDS,
  ...WORKER_COMMANDS,
  ...JOB_COMMANDS,
  ...R2_COMMANDS,
  ...OWNER_COMMANDS,
} as const;

export type CommandName = keyof typeof COORDINATOR_COMMANDS;
export type CommandInput<N extends CommandName> = InputOf<(typeof COORDINATOR_COMMANDS)[N]>;
export type CommandOutput<N extends CommandName> = OutputOf<(typeof COORDINATOR_COMMANDS)[N]>;

/** By whom which commands are given. */
export interface CommandsOf {
  operator: keyof typeof OPERATOR_COMMANDS;
  instance: keyof typeof INSTANCE_COMMANDS | keyof typeof OWNER_COMMANDS;
  worker:
    | keyof typeof WORKER_COMMANDS
    | keyof typeof R2_COMMANDS
    | keyof typeof OWNER_COMMANDS
    | "jobs.start"
    | "jobs.finish";
  job:
    | keyof typeof JOB_COMMANDS
    | keyof typeof R2_COMMANDS
    | keyof typeof OWNER_COMMANDS
    | "jobs.get"
    | "control.get";
}

/** The RPC surface of the Coordinator. */
export interface CoordinatorRpc {
  /** A refusal is a value; throws for a bug and for a lost connection. */
  command<N extends CommandName>(
    name: N,
    input: CommandInput<N>,
  ): Promise<CommandResult<CommandOutput<N>>>;
}

/** A job to be started. */
export interface NewJob {
  kind: JobKind;
  params: Readonly<Record<string, unknown>>;
  /** The same key is the same job. */
  key: string;
  by: string;
}

/** What an instance found lately. */
export interface InstanceReport {
  instance: number;
  /** Of the control document that it has. */
  control_version: number;
  breakers: { turso: BreakerState };
  /** Parked rows, and calls that were ever refused for being too busy. */
  dead?: number;
  overloaded?: number;
}

/** A backup that somebody vouches for and that was read back. */
export interface FoundBackup {
  id: string;
  kind: string;
  /** When it was finished, ms since the epoch. */
  at: number;
}

/** What readiness and the metrics need of the Coordinator. */
export interface CoordinatorFacts {
  maintenance: Mode | null;
  degraded: Mode | null;
  /** A restore that has the database. */
  restore: RestoreMark | null;
  /** The last run of each job. */
  jobs: JobRunView[];
  /** Since when jobs are waited for, RFC 3339. */
  jobs_since: string;
  settings: Settings;
  control_version: number;
  instances: number;
  /** The circuit breaker before R2. */
  r2: BreakerView;
  /** The deployment whose bucket it is, if it is not this one's; absent: nobody looked. */
  foreign_bucket?: string | null;
}

/**
 * Gives the Coordinator a command.
 *
 * @param stub a new one: one that threw must not be used again
 * @throws Refused when it refuses; what the connection throws when it is out of reach
 */
export async function askCoordinator<N extends CommandName>(
  stub: CoordinatorRpc,
  name: N,
  input: CommandInput<N>,
): Promise<CommandOutput<N>> {
  const result = await stub.command(name, input);
  if (result.ok) return result.value;
  throw refusedOf(result.error);
}
