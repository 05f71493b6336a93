/**
 * A snapshot of every instance and of the Coordinator, read back; then an incremental backup, so
 * that what an instance sent while the snapshot was taken is in the store too. A job that makes the
 * one and not the other has failed.
 *
 * @module
 */

import { sealingKey, takeSnapshot, verifyBackup } from "../backup/index.ts";
import type { SnapshotCursor } from "../durable/shared/tables/snapshots.ts";
import { type BackedUp, backup, idOf, keepVerdict } from "./backup.ts";
import { Cancelled, HalfDone, type JobContext, prefixed } from "./job-context.ts";

interface SnapshotPlan {
  id: string;
  instances: number;
  /** Of the database, or `UNREACHABLE`. */
  schema_version: number;
}

interface Snapshotted {
  id: string;
  kind: "snapshot";
  objects: number;
  rows: number;
  bytes: number;
  /**
   * The backup of the database that was taken with it; null: it failed, `note` says why. Absent:
   * none was wanted.
   */
  database?: BackedUp | null;
  note?: string;
}

/**
 * What a snapshot says of the schema of a database that does not answer: there is no such version.
 */
const UNREACHABLE = 0;

/**
 * The job: a snapshot, and the backup of the database with it. Throws `HalfDone` when the snapshot
 * was taken and the backup was not, and what `snapshot` throws.
 *
 * @param params as of `snapshot`
 */
export async function snapshotAndDatabase(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<Snapshotted> {
  const taken = await snapshot(context, params);
  if (taken.database !== null) return taken;
  throw new HalfDone(`The snapshot ${taken.id} was taken. ${taken.note ?? ""}`.trim(), taken);
}

/**
 * Takes a snapshot and reads it back. Throws when it cannot be read back; that the backup of the
 * database failed is in the result.
 *
 * @param params `database` false: the instances alone
 */
export async function snapshot(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<Snapshotted> {
  sealingKey(context.keys);
  const plan = await context.steps.run("plan snapshot", () => planOf(context));
  const named = { ...context, steps: prefixed(context.steps, "snapshot") };
  const page = (instance: number, cursor: SnapshotCursor | null) =>
    context.ask("snapshot.page", { instance, cursor });
  const manifest = await takeSnapshot(
    { ...named, page },
    { ...plan, written_by: context.written_by },
  );
  const verdict = await verifyBackup(named, { id: plan.id, kind: "snapshot" });
  await named.steps.run("verdict", () => keepVerdict(context, verdict, manifest));
  if (!verdict.ok)
    throw new Error(`The snapshot ${plan.id} cannot be read back: ${verdict.faults[0]?.object}.`);

  const { objects, rows, bytes } = verdict;
  const taken = { id: plan.id, kind: "snapshot" as const, objects, rows, bytes };
  return { ...taken, ...(params["database"] === false ? {} : await withDatabase(context, plan)) };
}

async function planOf(context: JobContext): Promise<SnapshotPlan> {
  return {
    id: await idOf(context.now(), `snapshot ${context.job}`),
    instances: await context.ask("cluster.instance_count", null),
    // An outage of the database does not stop a snapshot: that is when it is needed most.
    schema_version: await context.database.version().catch(() => UNREACHABLE),
  };
}

/** The backup of the database that is taken with a snapshot. */
async function withDatabase(
  context: JobContext,
  { schema_version }: SnapshotPlan,
): Promise<Pick<Snapshotted, "database" | "note">> {
  if (schema_version === UNREACHABLE) {
    const note = "The database is out of reach: no incremental backup was made.";
    return { database: null, note };
  }
  try {
    return { database: await backup(context, { kind: "incremental" }) };
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    return { database: null, note: `The incremental backup failed: ${String(error)}` };
  }
}
