/**
 * Chooses a backup where nobody names one. One that nobody vouches for is never chosen: whoever
 * can write to the bucket can plant one that is newer than all.
 *
 * @module
 */

import { BackupFault } from "../format/fault.ts";
import type { BackupPlace } from "../ports.ts";
import { listBackups, loadChain, type ChainRef } from "./chain.ts";
import { getVerdict } from "./verdicts.ts";

/** A chain of as many backups is not continued: a full one is taken. */
const CONTINUED_MAX = 100;

/** What an incremental backup continues. */
export interface Parent {
  id: string;
  sha256: string;
  feed: string;
  seq: number;
}

/**
 * The newest backup of everything that was read back without a fault and that may be continued: it
 * and all that it continues is authentic where there is a key. null: a full backup must be taken.
 */
export async function newestParent(place: BackupPlace): Promise<Parent | null> {
  const { backups } = await listBackups(place, ({ manifest, sha256, trust }) => {
    const { id, kind, watermark, scope } = manifest;
    if (kind === "snapshot" || scope.namespace !== null || scope.since !== null) return null;
    return watermark && trust.authentic !== false
      ? { id, kind, sha256, feed: watermark.feed, seq: watermark.seq }
      : null;
  });
  for (const candidate of backups.toReversed()) {
    if (!candidate) continue;
    const { id, kind, sha256, feed, seq } = candidate;
    if ((await getVerdict(place, id, sha256))?.ok !== true) continue;
    try {
      const chain = await loadChain(place, { id, kind, sha256 });
      return chain.length < CONTINUED_MAX ? { id, sha256, feed, seq } : null;
    } catch (error) {
      if (!(error instanceof BackupFault)) throw error;
    }
  }
  return null;
}

/**
 * The newest backup of everything that is authentic, for a drill. While there is none, the newest
 * of format 1 that is encrypted with BACKUP_KEY: nobody but the service can have written its
 * chunks, and all that a drill does with it is to find out whether it differs. null: there is
 * neither.
 */
export async function newestForDrill(
  place: BackupPlace,
): Promise<{ ref: ChainRef; seq: number } | null> {
  const { backups } = await listBackups(place, ({ manifest, sha256, trust }) => {
    const { id, kind, watermark, scope, encryption } = manifest;
    const whole = kind !== "snapshot" && scope.namespace === null && scope.since === null;
    const trusted = trust.authentic !== false;
    if (!whole || !watermark || !(trusted || (trust.acceptable && encryption))) return null;
    return { ref: { id, kind, sha256, accept: !trusted }, seq: watermark.seq };
  });
  const usable = backups.flatMap((backup) => backup ?? []);
  return usable.findLast(({ ref }) => !ref.accept) ?? usable.at(-1) ?? null;
}
