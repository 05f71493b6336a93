/**
 * Wraps the keys of backups anew, so that a key of BACKUP_KEY can be dropped and what it wrote be
 * read all the same. Reads manifests, writes an envelope beside each, and reads no chunk.
 *
 * @module
 */

import { sealingKey, type BackupKey } from "../format/keys.ts";
import { BackupFault } from "../format/manifest.ts";
import type { Loaded } from "../format/sealed-manifest.ts";
import type { BackupPlace, Progress, Steps } from "../ports.ts";
import { listBackups } from "./chain.ts";
import { putEnvelope, wrappedBy } from "./envelopes.ts";

/** What became of each backup. */
export interface Rewrapped {
  /** The key that opens them now. */
  key_id: string;
  rewrapped: string[];
  /** How many were of that key already. */
  current: number;
  /** Those that were left as they are: nothing shows that the service wrote them. */
  refused: { id: string; problem: string }[];
}

/**
 * Wraps the keys of all authentic backups, or of one, by the newest key of BACKUP_KEY. Reads
 * manifests and no chunk; safe to repeat. Throws `BackupFault` where there is no key to wrap with.
 */
export async function rewrapBackups(
  ports: BackupPlace & { steps: Steps; report: (progress: Progress) => Promise<void> },
  only: string | null,
): Promise<Rewrapped> {
  const newest = sealingKey(ports.keys);
  if (!newest) throw new BackupFault("BACKUP_KEY", "is not set: there is no key to wrap with");

  const done = await ports.steps.run("rewrap", async () => {
    const all: Rewrapped = { key_id: newest.id, rewrapped: [], current: 0, refused: [] };
    await listBackups(ports, async (loaded) => {
      const { id } = loaded.manifest;
      if (only !== null && id !== only) return;
      const became = await rewrap(ports, loaded, newest);
      if (became === "rewrapped") all.rewrapped.push(id);
      else if (became === "current") all.current += 1;
      else all.refused.push({ id, problem: became.problem });
    });
    return all;
  });
  const [one] = done.refused;
  if (only !== null && one) throw new BackupFault(one.id, `is not wrapped anew: it ${one.problem}`);
  const total = done.rewrapped.length + done.current + done.refused.length;
  await ports.report({ phase: "rewrap", rows: 0, bytes: 0, done: total, total });
  return done;
}

async function rewrap(
  place: BackupPlace,
  loaded: Loaded,
  newest: BackupKey,
): Promise<"rewrapped" | "current" | { problem: string }> {
  const { keys } = place;
  const { manifest, trust } = loaded;
  if (!keys || !manifest.encryption || trust.authentic !== true)
    return { problem: trust.reason ?? "is not encrypted" };
  const isCurrent =
    manifest.encryption.key_id === newest.id || (await wrappedBy(place, loaded, newest)) !== null;
  if (isCurrent) return "current";
  await putEnvelope({ ...place, keys }, loaded, newest);
  return "rewrapped";
}
