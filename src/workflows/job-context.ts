/**
 * What a job stands on: the store, the database, the Coordinator, and steps that are kept.
 *
 * @module
 */

import type { WorkflowStep } from "cloudflare:workers";
import {
  BackupFault,
  createBackupKeys,
  NoParent,
  r2Store,
  type BackupKeys,
  type ObjectStore,
  type Progress,
  type Steps,
} from "../backup/index.ts";
import { parseEnv, type Env } from "../env.ts";
import { settingsOf, type Settings } from "../contract/settings.ts";
import {
  migrated,
  openDatabase,
  openSnapshots,
  type Database,
  type MigratedDatabase,
  type SnapshotReader,
} from "../storage/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import { scratchOf, coordinatorOf } from "../durable/shared/objects.ts";
import type { ScratchRpc } from "../durable/shared/scratch.ts";
import type { CoordinatorRpc, Work, WorkName } from "../durable/shared/protocol.ts";

/** A job was cancelled, or lost its lease. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

export interface JobContext {
  job: string;
  steps: Steps;
  store: ObjectStore;
  keys: BackupKeys | null;
  /** Not behind a circuit breaker: a job retries by itself. */
  database: MigratedDatabase;
  /** The same, as it is: not migrated. */
  plain: Database;
  snapshots: SnapshotReader;
  scratch: () => ScratchRpc;
  written_by: { name: string; version: string };
  now: () => number;
  report: (progress: Progress) => Promise<void>;
  ask<N extends WorkName>(name: N, input: Work[N]["input"]): Promise<Work[N]["output"]>;
  settings(): Promise<Settings>;
  /** Steps that were executed in this run. */
  executed: () => number;
}

const STEP = {
  retries: { limit: 5, delay: "2 seconds", backoff: "exponential" },
  timeout: "15 minutes",
} as const;
/** A restore's batch may wait for a lock; nobody else writes, ms. */
const WRITE_MS = 20_000;
const SILENCE_MS = 30_000;

type Kept<T> =
  | { value: T }
  | { fault: { kind: "BackupFault" | "NoParent"; object: string; message: string } };

export async function jobContextOf(env: Env, step: WorkflowStep, job: string): Promise<JobContext> {
  const deployment = parseEnv(env);
  const coordinator = (): CoordinatorRpc => coordinatorOf(env);
  const ask = async <N extends WorkName>(
    name: N,
    input: Work[N]["input"],
  ): Promise<Work[N]["output"]> => {
    const result = await coordinator().work(name, input);
    if (result.ok) return result.value;
    throw new Error(result.error.detail);
  };
  let executed = 0;
  let fresh = false;
  const run = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    // What a step throws is retried and loses its class; what no retry mends is kept as a result.
    const kept = (await step.do(name, STEP, async () => {
      executed += 1;
      fresh = true;
      try {
        return { value: await work() } as never;
      } catch (error) {
        if (!(error instanceof BackupFault) && !(error instanceof NoParent)) throw error;
        const object = error instanceof BackupFault ? error.object : "";
        return { fault: { kind: error.name, object, message: error.message } } as never;
      }
    })) as Kept<T>;
    if ("value" in kept) return kept.value;
    const { kind, object, message } = kept.fault;
    throw kind === "NoParent"
      ? new NoParent(message)
      : new BackupFault(object, message.slice(object.length + 2));
  };
  const url = deployment.databaseUrl;
  const authToken = deployment.databaseToken;
  const plain = openDatabase({ url, authToken, timeoutMs: () => WRITE_MS });
  return {
    job,
    steps: { run },
    store: r2Store(env.BACKUPS),
    keys: deployment.backupKey ? await createBackupKeys(deployment.backupKey) : null,
    plain,
    database: migrated(plain, Date.now),
    scratch: () => scratchOf(env),
    snapshots: openSnapshots({ url, authToken, silenceMs: SILENCE_MS }),
    written_by: { name: packageJson.name, version: packageJson.version },
    now: Date.now,
    async report(progress) {
      // Steps that were done before this run report nothing anew.
      if (!fresh) return;
      fresh = false;
      const { cancel } = await ask("report", { id: job, progress });
      if (cancel) throw new Cancelled("The job was cancelled.");
    },
    ask,
    async settings() {
      return settingsOf(deployment.defaults, (await ask("control", null)).settings);
    },
    executed: () => executed,
  };
}
