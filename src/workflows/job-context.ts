/**
 * What a job is given: the store, the database, the Coordinator, and steps: each piece of work is
 * done until it succeeded once, and its result is kept, so that a job that is begun again goes on
 * where it stopped.
 *
 * @module
 */

import type { WorkflowStep } from "cloudflare:workers";
import {
  BackupFault,
  type BackupKeys,
  createBackupKeys,
  NoParent,
  type ObjectStore,
  type Progress,
  r2Store,
  type Steps,
} from "../backup/index.ts";
import { type Settings, settingsOf } from "../contract/settings.ts";
import {
  askCoordinator,
  type CommandInput,
  type CommandOutput,
  type CommandsOf,
} from "../durable/shared/coordinator.ts";
import { coordinatorOf, scratchOf, type ScratchRpc } from "../durable/shared/objects.ts";
import { remembered, type DeploymentId } from "../durable/shared/deployment/deployment-id.ts";
import {
  BucketOwner,
  ForeignBucket,
  ownedBucket,
} from "../durable/shared/deployment/owned-bucket.ts";
import { guardedBucket, R2Access, R2NotAsked } from "../durable/shared/r2.ts";
import { type Deployment, type Env, parseEnv } from "../env.ts";
import { logger } from "../observability/index.ts";
import { RELEASE } from "../release.ts";
import {
  DatabaseError,
  migrated,
  type MigratedDatabase,
  openDatabase,
  openSnapshots,
  OwnedDatabase,
  type SnapshotReader,
} from "../storage/index.ts";

/** A job was cancelled, or lost its lease. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** A part of a job's work was done, and is its result; the other failed, and so the job did. */
export class HalfDone extends Error {
  override readonly name = "HalfDone";
  readonly result: unknown;

  constructor(message: string, result: unknown) {
    super(message);
    this.result = result;
  }
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
  /** Why the database, or the bucket, is not this deployment's to use; null: it is. */
  ownerRefusal: (writesToBucket: boolean) => Promise<string | null>;
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
  const { backupKeys, defaults } = deployment;
  const id = remembered(() => ask("deployment.id", null));
  const database = databaseOf(deployment, id);
  const bucket = bucketOf(env, ask, job, id);
  return {
    job,
    steps,
    ...bucket,
    ownerRefusal: async (writesToBucket) =>
      (await refusalOf(() => database.database.version())) ??
      (writesToBucket ? refusalOf(bucket.requireOwn) : null),
    keys: await createBackupKeys(backupKeys),
    ...database,
    scratch: () => scratchOf(env),
    written_by: RELEASE,
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

/** What it says that this deployment may not use it; null: it may, or says something else. */
async function refusalOf(use: () => Promise<unknown>): Promise<string | null> {
  try {
    await use();
    return null;
  } catch (error) {
    if (error instanceof ForeignBucket) return error.message;
    const isForeign = error instanceof DatabaseError && error.kind === "foreign";
    return isForeign ? `${error.message}: memory-cli deployment show` : null;
  }
}

type JobBucket = Pick<JobContext, "store" | "r2Refusal"> & { requireOwn: () => Promise<void> };

function bucketOf(env: Env, ask: Ask, job: string, id: DeploymentId): JobBucket {
  const log = logger(
    () => "info",
    () => ({ request_id: job }),
  );
  const report = (calls: CommandInput<"r2.report">) => ask("r2.report", calls);
  const r2 = new R2Access({ report, now: Date.now, log });
  const guarded = guardedBucket(env.BACKUPS, r2.guard);
  const owner = { deployment: () => id.get(), now: Date.now };
  return {
    store: r2Store(ownedBucket(guarded, owner)),
    requireOwn: () => new BucketOwner(guarded, owner).require(),
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

function databaseOf(
  deployment: Deployment,
  id: DeploymentId,
): Pick<JobContext, "database" | "snapshots"> {
  const { databaseUrl: url, databaseToken: authToken, migrations: mode } = deployment;
  const plain = openDatabase({ url, authToken, timeoutMs: () => WRITE_MS });
  return {
    database: new OwnedDatabase({
      bare: plain,
      migrated: migrated(plain, Date.now, { mode }),
      deployment: (anew) => id.get(anew),
      now: Date.now,
    }),
    snapshots: openSnapshots({ url, authToken, silenceMs: SILENCE_MS }),
  };
}

/** How often a step is tried, and how long one try may take. */
const STEP = {
  retries: { limit: 5, delay: "2 seconds", backoff: "exponential" },
  timeout: "15 minutes",
} as const;

/** What a step came to. What no retry mends is a result too. */
type Kept<T> =
  | { value: T }
  | { fault: { kind: "BackupFault" | "NoParent"; object: string; message: string } };

class KeptSteps implements Steps {
  readonly #step: WorkflowStep;
  #executed = 0;
  #hasNew = false;

  constructor(step: WorkflowStep) {
    this.#step = step;
  }

  /** Steps that were executed in this run, retries included. */
  get executed(): number {
    return this.#executed;
  }

  /** Whether a step was executed since this was last asked: steps of an earlier run are not. */
  takeHasNew(): boolean {
    const hasNew = this.#hasNew;
    this.#hasNew = false;
    return hasNew;
  }

  /**
   * See `Steps`. Throws `BackupFault` and `NoParent` as they are; anything else is retried, and
   * loses its class.
   */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const kept = (await this.#step.do(name, STEP, async () => {
      this.#executed += 1;
      this.#hasNew = true;
      return (await keep(work)) as never;
    })) as Kept<T>;
    if ("value" in kept) return kept.value;
    const { kind, object, message } = kept.fault;
    throw kind === "NoParent"
      ? new NoParent(message)
      : new BackupFault(object, message.slice(object.length + 2));
  }
}

async function keep<T>(work: () => Promise<T>): Promise<Kept<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof BackupFault)
      return { fault: { kind: "BackupFault", object: error.object, message: error.message } };
    if (error instanceof NoParent)
      return { fault: { kind: "NoParent", object: "", message: error.message } };
    throw error;
  }
}

/** The same steps, with a word before their names: work that is done twice in a job. */
export function prefixed(steps: Steps, prefix: string): Steps {
  return { run: (name, work) => steps.run(`${prefix}: ${name}`, work) };
}
