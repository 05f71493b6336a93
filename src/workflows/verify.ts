/**
 * Reads a backup back. A bad one fails the job, and its result names the objects.
 *
 * @module
 */

import { BackupFault, findBackup, putVerdict, verifyBackup } from "../backup/index.ts";
import type { JobContext } from "./job-context.ts";
import { isoTime } from "../util/time.ts";

export async function verify(
  context: JobContext,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const { steps, store, keys, now } = context;
  const id = String(params["backup"]);
  const { kind, sha256, trusted } = await steps.run("find", async () => {
    const found = await findBackup(context, id);
    if (!found) throw new BackupFault(id, "there is no such backup");
    return {
      kind: found.manifest.kind,
      sha256: found.sha256,
      trusted: found.trust.authentic !== false,
    };
  });
  const report = (progress: Parameters<JobContext["report"]>[0]): Promise<void> =>
    context.report(progress);
  const verdict = await verifyBackup({ steps, store, keys, report }, { id, kind, sha256 });
  await steps.run("verdict", async () => {
    // Of what stands in a backup's place nothing is kept: it would stand in the place of the
    // backup's own verdict.
    if (trusted) await putVerdict(context, verdict, sha256, isoTime(now()));
    return null;
  });
  const [bad] = verdict.faults;
  if (bad)
    throw new BackupFault(bad.object, `${bad.problem} (${verdict.faults.length} objects are bad)`);
  return verdict;
}
