/**
 * Judges who wrote a backup. Whoever can write to the bucket can write a manifest with a right
 * sum; only the service, which has BACKUP_KEY, can write its MAC. Without BACKUP_KEY nobody can
 * tell, and sums are all that is checked.
 *
 * @module
 */

import { BackupFault } from "./fault.ts";
import type { BackupKeys } from "./keys.ts";
import type { Manifest } from "./manifest.ts";

export interface Trust {
  /**
   * true: written with this BACKUP_KEY. false: nothing shows that it was. null: there is no
   * BACKUP_KEY to tell by.
   */
  authentic: boolean | null;
  /** Why it is not authentic; null: it is. Goes on from the manifest's name. */
  reason: string | null;
  /** Whether an operator who knows where it is from may restore it all the same. */
  acceptable: boolean;
}

/** The formats that have a MAC begin here. */
const MAC_FORMAT = 2;
/** How an operator says that he takes an unauthenticated backup for genuine. */
const ACCEPT = '"accept_unauthenticated": true (memory-cli: --accept-unauthenticated)';

const AUTHENTIC: Trust = { authentic: true, reason: null, acceptable: true };
const refused = (reason: string): Trust => ({ authentic: false, reason, acceptable: false });
const doubtful = (reason: string): Trust => ({ authentic: false, reason, acceptable: true });

/** @param text the manifest's, exactly @param mac what it says of itself; null: nothing */
export async function trustOf(
  manifest: Manifest,
  text: string,
  mac: string | null,
  keys: BackupKeys | null,
): Promise<Trust> {
  const { encryption, format_version } = manifest;
  if (!keys) {
    return {
      authentic: null,
      reason: "no BACKUP_KEY is set: only its sums can be checked",
      acceptable: true,
    };
  }
  if (encryption && encryption.key_id !== keys.id) {
    return refused(`is of the key ${encryption.key_id}, and BACKUP_KEY is ${keys.id}`);
  }
  if (mac !== null && !(await keys.isSigned("manifest", text, mac))) {
    return refused("has a MAC that is wrong: it was not written with this BACKUP_KEY");
  }
  if (format_version < MAC_FORMAT) {
    if (mac !== null) return refused(`has a MAC, which format ${format_version} does not know`);
    return encryption
      ? doubtful(
          "is of format 1: its chunks are authenticated by their encryption, which of them belong to it is not",
        )
      : doubtful("is neither authenticated nor encrypted");
  }
  if (mac === null) {
    return encryption
      ? refused("has no MAC although it is encrypted: it was taken away")
      : doubtful("is neither authenticated nor encrypted");
  }
  return encryption ? AUTHENTIC : refused("is not encrypted, although BACKUP_KEY is set");
}

/**
 * Throws `BackupFault` for a backup that must not be used.
 *
 * @param key the manifest's key in the bucket @param accept the operator said
 *   `accept_unauthenticated`
 */
export function requireTrust(
  key: string,
  { authentic, reason, acceptable }: Trust,
  accept: boolean,
): void {
  if (authentic !== false || (accept && acceptable)) return;
  const way = acceptable ? `; where you know that it is genuine, restore it with ${ACCEPT}` : "";
  throw new BackupFault(key, `is not trusted: it ${reason ?? "is not authentic"}${way}`);
}

/**
 * What a job's result and the log say of a backup that was used although nobody vouches for it;
 * null: it is authentic.
 */
export function warningOf(id: string, { authentic, reason }: Trust): string | null {
  return authentic === false
    ? `The backup ${id} was accepted unauthenticated: it ${reason}.`
    : null;
}
