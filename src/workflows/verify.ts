/**
 * Reads a backup back, and stores what that found. A bad one fails the job, with the first bad
 * object's name.
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
  const { steps, now } = context;
  const id = String(params["backup"]);
  const { kind, sha256, trusted } = await steps.run("find", async () => {
    const backup = await findBackup(context, id);
    if (!backup) throw new BackupFault(id, "there is no such backup");
    const { manifest, sha256: sum, trust } = backup;
    return { kind: manifest.kind, sha256: sum, trusted: trust.authentic !== false };
  });
  const verdict = await verifyBackup(context, { id, kind, sha256 });
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
