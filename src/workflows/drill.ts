/**
 * The restore drill: the newest chain is restored into a scratch place and compared with the
 * database row by row. The result is in the job's record and in the store.
 *
 * @module
 */

import {
  compareTables,
  newestForDrill,
  restoreBackup,
  verifyBackup,
  BackupFault,
} from "../backup/index.ts";
import {
  DatabaseError,
  kindOfCode,
  type Database,
  type Row,
  type SqlValue,
} from "../storage/index.ts";
import type { JobContext } from "./job-context.ts";
import type { ScratchRpc, ScratchAnswer } from "../durable/shared/scratch.ts";
import { sha256Hex, utf8 } from "../util/hash.ts";
import { isoTime } from "../util/time.ts";

/** An object's storage takes 2 MB as one value, and a row goes there as one text, UTF-8 bytes. */
const LINE_BYTES_MAX = 1_900_000;

export async function drill(context: JobContext): Promise<unknown> {
  const { steps, store, keys, now } = context;
  const report = (progress: Parameters<JobContext["report"]>[0]): Promise<void> =>
    context.report(progress);
  const { ref, seq, started } = await steps.run("choose", async () => {
    const tip = await newestForDrill(context);
    if (!tip) throw new BackupFault("exports/", "there is no backup to drill with");
    await context.scratch().clear();
    return { ...tip, started: now() };
  });
  const { id } = ref;
  const verdict = await verifyBackup({ steps, store, keys, report }, ref);
  const [bad] = verdict.faults;
  if (bad) throw new BackupFault(bad.object, bad.problem);
  const restored = scratchDatabase(context.scratch);
  const result = await restoreBackup(
    { steps, store, keys, database: restored, lineBytesMax: LINE_BYTES_MAX, now, report },
    {
      run: context.job,
      backup: ref,
      mode: "replace",
      scope: { namespace: null, episode: null },
      deleted: "bring_back",
      dry_run: false,
      writers: [],
      api_keys: true,
    },
  );
  const compared = await compareTables(
    { steps, source: context.snapshots, restored, lineBytesMax: LINE_BYTES_MAX, report },
    seq,
  );
  const differences = Object.values(compared).reduce(
    (sum, { missing, different, surplus }) => sum + missing + different + surplus,
    0,
  );
  const said = {
    backup: id,
    chain: result.chain,
    rows: Object.values(compared).reduce((sum, { rows }) => sum + rows, 0),
    differences,
    tables: compared,
    ok: differences === 0,
    ms: now() - started,
    ...(verdict.warnings ? { warnings: verdict.warnings } : {}),
  };
  await steps.run("result", async () => {
    await context.scratch().clear();
    const bytes = utf8(JSON.stringify({ job: context.job, at: isoTime(now()), ...said }));
    await store.put(`drills/${context.job}.json`, bytes, await sha256Hex(bytes));
    return null;
  });
  if (differences > 0)
    throw new BackupFault(
      id,
      `restored, it differs from the database in ${differences} rows; see drills/${context.job}.json`,
    );
  return said;
}

/** The scratch place as a database. */
function scratchDatabase(scratch: () => ScratchRpc): Pick<Database, "all" | "write"> {
  const taken = <T>(answer: ScratchAnswer<T>): T => {
    if ("value" in answer) return answer.value;
    throw new DatabaseError(
      kindOfCode("SQLITE_UNKNOWN", answer.problem),
      answer.problem.slice(0, 200),
      null,
    );
  };
  return {
    async all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]> {
      return taken((await scratch().all(sql, args)) as ScratchAnswer<T[]>);
    },
    async write(statements) {
      taken((await scratch().write(statements)) as ScratchAnswer<null>);
    },
  };
}
