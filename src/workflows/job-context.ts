/**
 * What a job is given: the store, the database, the Coordinator, and steps whose results are kept.
 *
 * @module
 */

import type { WorkflowStep } from "cloudflare:workers";
import {
  createBackupKeys,
  r2Store,
  type BackupKeys,
  type ObjectStore,
  type Progress,
  type Steps,
} from "../backup/index.ts";
import { settingsOf, type Settings } from "../contract/settings.ts";
import { guardedBucket, R2Access, R2NotAsked } from "../durable/shared/r2.ts";
import { askCoordinator, type CommandInput, type CommandOutput, type CommandsOf } from "../durable/shared/coordinator.ts";
import { coordinatorOf, scratchOf, type ScratchRpc } from "../durable/shared/objects.ts";
import { parseEnv, type Deployment, type Env } from "../env.ts";
import { logger } from "../observability/index.ts";
import {
  migrated,
  openDatabase,
  openSnapshots,
  type MigratedDatabase,
  type SnapshotReader,
} from "../storage/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import { KeptSteps } from "./steps.ts";

/** A job was cancelled, or lost its lease. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

type Ask = <N extends CommandsOf["job"]>(
  name: N,
  input: CommandInput<N>,
) => Promise<CommandOutput<N>>;

/** Its functions need no `this`: a context is handed on in parts. */
export interface JobContext {
  /** The job's id. */
  job: string;
  steps: Steps;
  /** R2, behind its circuit breaker. */
  store: ObjectStore;
  /** Why R2 may not be asked now; null: it may. */
  r2Refusal: () => Promise<string | null>;
  /** null: there is no BACKUP_KEY. */
  keys: BackupKeys | null;
  /** Not behind a circuit breaker: a job retries by itself. */
  database: MigratedDatabase;
  snapshots: SnapshotReader;
  scratch: () => ScratchRpc;
  /** The release, for manifests. */
  written_by: { name: string; version: string };
  now: () => number;
  /** Keeps the job's lease. Throws `Cancelled` when the job is to stop. */
  report: (progress: Progress) => Promise<void>;
  /** Gives the Coordinator a command. Throws `Refused` when it refuses. */
  ask: Ask;
  settings: () => Promise<Settings>;
  /** Steps that were executed in this run. */
  executed: () => number;
}

/** A restore's batch may wait for a lock; nobody else writes, ms. */
const WRITE_MS = 20_000;
/** A reader of the database that says nothing for this long is given up, ms. */
const SILENCE_MS = 30_000;

export async function openJob(env: Env, step: WorkflowStep, job: string): Promise<JobContext> {
  const deployment = parseEnv(env);
  const steps = new KeptSteps(step);
  const ask: Ask = (name, input) => askCoordinator(coordinatorOf(env), name, input);
  const { backupKey, defaults } = deployment;
  return {
    job,
    steps,
    ...bucketOf(env, ask, job),
    keys: backupKey ? await createBackupKeys(backupKey) : null,
    ...databaseOf(deployment),
    scratch: () => scratchOf(env),
    written_by: { name: packageJson.name, version: packageJson.version },
    now: Date.now,
    async report(progress) {
      // Steps that were done before this run report nothing anew.
      if (!steps.takeHasNew()) return;
      const { cancel } = await ask("jobs.report", { id: job, progress });
      if (cancel) throw new Cancelled("The job was cancelled.");
    },
    ask,
    settings: async () => settingsOf(defaults, (await ask("control.get", null)).settings),
    executed: () => steps.executed,
  };
}

function bucketOf(env: Env, ask: Ask, job: string): Pick<JobContext, "store" | "r2Refusal"> {
  const log = logger(
    () => "info",
    () => ({ request_id: job }),
  );
  const report = (calls: CommandInput<"r2.report">) => ask("r2.report", calls);
  const r2 = new R2Access({ report, now: Date.now, log });
  return {
    store: r2Store(guardedBucket(env.BACKUPS, r2.guard)),
    async r2Refusal() {
      try {
        await r2.admit();
        return null;
      } catch (error) {
        if (error instanceof R2NotAsked) return error.message;
        throw error;
      }
    },
  };
}

function databaseOf(deployment: Deployment): Pick<JobContext, "database" | "snapshots"> {
  const { databaseUrl: url, databaseToken: authToken } = deployment;
  const plain = openDatabase({ url, authToken, timeoutMs: () => WRITE_MS });
  return {
    database: migrated(plain, Date.now),
    snapshots: openSnapshots({ url, authToken, silenceMs: SILENCE_MS }),
  };
}
