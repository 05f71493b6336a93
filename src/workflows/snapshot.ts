/**
 * A snapshot of every instance and of the Coordinator, read back; then an incremental backup, so
 * that what an instance sent while the snapshot was taken is in the store too.
 *
 * @module
 */

import { putVerdict, takeSnapshot, verifyBackup } from "../backup/index.ts";
import { backup, idOf, type BackedUp } from "./backup.ts";
import type { JobContext } from "./job-context.ts";
import { sha256Hex } from "../util/hash.ts";
import { isoTime } from "../util/time.ts";

interface Snapshotted {
  id: string;
  kind: "snapshot";
  objects: number;
  rows: number;
  bytes: number;
  /**
   * The backup of the database that was taken with it; null: it failed. Absent: none was wanted.
   */
  database?: BackedUp | null;
  note?: string;
}

/**
 * What a snapshot says of the schema of a database that does not answer: there is no such version.
 */
const UNREACHABLE = 0;

/** `database` false: the instances alone. */
export async function snapshot(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<Snapshotted> {
  const { steps, store, keys, written_by, now } = context;
  const { id, instances, schema_version } = await steps.run("plan snapshot", async () => ({
    id: await idOf(now(), `snapshot ${context.job}`),
    instances: await context.ask("instances", null),
    // An outage of the database does not stop a snapshot: that is when it is needed most.
    schema_version: await context.database.version().catch(() => UNREACHABLE),
  }));
  const named = {
    run: <T>(name: string, work: () => Promise<T>) => steps.run(`snapshot: ${name}`, work),
  };
  const report = (progress: Parameters<JobContext["report"]>[0]): Promise<void> =>
    context.report(progress);
  const page = (instance: number, cursor: { stage: number; after: number } | null) =>
    context.ask("snapshot", { instance, cursor });
  const manifest = await takeSnapshot(
    { steps: named, store, keys, now, page, report },
    { id, instances, schema_version, written_by },
  );
  const verdict = await verifyBackup(
    { steps: named, store, keys, report },
    { id, kind: "snapshot" },
  );
  await named.run("verdict", async () => {
    await putVerdict(context, verdict, await sha256Hex(JSON.stringify(manifest)), isoTime(now()));
    return null;
  });
  if (!verdict.ok)
    throw new Error(`The snapshot ${id} cannot be read back: ${verdict.faults[0]?.object}.`);
  const taken = {
    id,
    kind: "snapshot" as const,
    objects: verdict.objects,
    rows: verdict.rows,
    bytes: verdict.bytes,
  };
  if (params["database"] === false) return taken;
  if (schema_version === UNREACHABLE) {
    return {
      ...taken,
      database: null,
      note: "The database is out of reach: no incremental backup was made.",
    };
  }
  try {
    return { ...taken, database: await backup(context, { kind: "incremental" }) };
  } catch (error) {
    return { ...taken, database: null, note: `The incremental backup failed: ${String(error)}` };
  }
}
