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
  type ChainRef,
} from "../backup/index.ts";
import {
  DatabaseError,
  kindOfCode,
  type Database,
  type Row,
  type SqlValue,
} from "../storage/index.ts";
import { sha256Hex, utf8 } from "../util/hashing/hash.ts";
import type { JobContext } from "./job-context.ts";
import type { ScratchAnswer, ScratchRpc } from "../durable/shared/objects.ts";
import { isoTime } from "../util/time.ts";

/** An object's storage takes 2 MB as one value, and a row goes there as one text, UTF-8 bytes. */
const LINE_BYTES_MAX = 1_900_000;

/** The result of a drill, as it is in the job's record and in the store. */
interface Drilled {
  backup: string;
  chain: string[];
  rows: number;
  differences: number;
  tables: Awaited<ReturnType<typeof compareTables>>;
  ok: boolean;
  ms: number;
  warnings?: string[];
}

/** Throws `BackupFault` when the backup is bad, or differs from the database when restored. */
export async function drill(context: JobContext): Promise<unknown> {
  const { ref, seq, started } = await context.steps.run("choose", async () => {
    const tip = await newestForDrill(context);
    if (!tip) throw new BackupFault("exports/", "there is no backup to drill with");
    await context.scratch().clear();
    return { ...tip, started: context.now() };
  });
  const verdict = await verifyBackup(context, ref);
  const [bad] = verdict.faults;
  if (bad) throw new BackupFault(bad.object, bad.problem);

  const { chain, tables } = await restoreAndCompare(context, ref, seq);
  const sum = (of: (table: Difference) => number): number =>
    Object.values(tables).reduce((total, table) => total + of(table), 0);
  const differences = sum(({ missing, different, surplus }) => missing + different + surplus);
  const result: Drilled = {
    backup: ref.id,
    chain,
    rows: sum(({ rows }) => rows),
    differences,
    tables,
    ok: differences === 0,
    ms: context.now() - started,
    ...(verdict.warnings ? { warnings: verdict.warnings } : {}),
  };
  await context.steps.run("result", () => keepResult(context, result));
  if (differences > 0) {
    const problem = `restored, it differs from the database in ${differences} rows`;
    throw new BackupFault(ref.id, `${problem}; see drills/${context.job}.json`);
  }
  return result;
}

type Difference = Drilled["tables"][string];

/** @param seq where in the change feed the backup ends */
async function restoreAndCompare(
  context: JobContext,
  ref: ChainRef,
  seq: number,
): Promise<Pick<Drilled, "chain" | "tables">> {
  const restored = scratchDatabase(context.scratch);
  const place = { ...context, database: restored, lineBytesMax: LINE_BYTES_MAX };
  const { chain } = await restoreBackup(place, {
    run: context.job,
    backup: ref,
    mode: "replace",
    scope: { namespace: null, episode: null },
    deleted: "bring_back",
    dry_run: false,
    writers: [],
    api_keys: true,
  });
  const compared = { ...place, source: context.snapshots, restored };
  return { chain, tables: await compareTables(compared, seq) };
}

async function keepResult(context: JobContext, result: Drilled): Promise<null> {
  await context.scratch().clear();
  const at = isoTime(context.now());
  const bytes = utf8(JSON.stringify({ job: context.job, at, ...result }));
  await context.store.put(`drills/${context.job}.json`, bytes, await sha256Hex(bytes));
  return null;
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
