/**
 * Turns a manifest into text and back, with a sum over its own text, so that a single changed bit
 * is found; and judges who wrote it. Whoever can write to the bucket can write a manifest with a
 * right sum; only the service, which has BACKUP_KEY, can write its MAC. The chunks' sums and places
 * and the parent's sum are in the text, so the MAC vouches for the whole chain. Without BACKUP_KEY
 * nobody can tell, and sums are all that is checked.
 *
 * @module
 */

import { type BackupKeys, keyOf, sealingKey, signerOf } from "./keys.ts";
import { BackupFault, FORMAT, FORMAT_VERSION, type Manifest, manifestKey } from "./manifest.ts";
import { checkShape } from "./shape.ts";
import { sha256Hex } from "../../util/hashing/hash.ts";

/** A manifest that was read, and what is known of who wrote it. */
export interface Loaded {
  /**
   * Its text is what `sha256` is of, but for `encryption`, which names the key that opens it: that
   * of an envelope where its own is gone.
   */
  manifest: Manifest;
  /** Of the manifest's text, hex. */
  sha256: string;
  trust: Trust;
}

/** The text of a manifest with its sum, and with its MAC where there is a key. */
export async function sealManifest(manifest: Manifest, keys: BackupKeys | null): Promise<string> {
  const text = JSON.stringify(manifest);
  const mac = (await sealingKey(keys)?.sign("manifest", text)) ?? null;
  return sealed(text, await sha256Hex(text), mac);
}

function sealed(text: string, sha256: string, mac: string | null): string {
  return `{"sha256":"${sha256}",${mac === null ? "" : `"mac":"${mac}",`}"manifest":${text}}`;
}

/**
 * Reads a manifest's text. Throws `BackupFault` for any text that is not in the shape of what
 * `sealManifest` writes for this key; whether the service wrote it is in `trust`, and it is up to
 * the caller to refuse it.
 *
 * @param key the manifest's key in the bucket
 */
export async function openManifest(
  key: string,
  text: string,
  keys: BackupKeys | null,
): Promise<Loaded> {
  let parsed: { sha256?: unknown; mac?: unknown; manifest?: unknown } | null;
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    throw new BackupFault(key, "is not JSON");
  }
  const manifest = parsed?.manifest as Manifest;
  if (typeof manifest !== "object" || manifest === null)
    throw new BackupFault(key, "is no manifest");

  // Only this very text: there is one way to write a manifest, so its sum and its MAC are of all
  // that was read.
  const mac = typeof parsed?.mac === "string" ? parsed.mac : null;
  const own = JSON.stringify(manifest);
  const sha256 = await sha256Hex(own);
  if (sealed(own, sha256, mac) !== text) throw new BackupFault(key, "its sum is wrong");

  if (manifest.format !== FORMAT) throw new BackupFault(key, "is not a backup of this service");
  if (!Number.isInteger(manifest.format_version) || manifest.format_version < 1) {
    throw new BackupFault(key, "says no format_version");
  }
  if (manifest.format_version > FORMAT_VERSION) {
    throw new BackupFault(
      key,
      `has format ${manifest.format_version}; this version reads up to ${FORMAT_VERSION}`,
    );
  }
  checkShape(key, manifest);
  if (manifestKey(manifest.id, manifest.kind) !== key) {
    throw new BackupFault(key, `is the manifest of ${manifest.id}`);
  }
  return { manifest, sha256, trust: await trustOf(manifest, own, mac, keys) };
}

interface Trust {
  /**
   * true: written with this BACKUP_KEY. false: nothing shows that it was. null: there is no
   * BACKUP_KEY to tell by.
   */
  authentic: boolean | null;
  /** Why it is not authentic; null: it is. Goes on from the manifest's name. */
  reason: string | null;
  /** Whether an operator who knows where it is from may restore it all the same. */
  acceptable: boolean;
  /** The id of the key that it is sealed with, which BACKUP_KEY has not; null: it has it. */
  missing_key: string | null;
}

/** The formats that have a MAC begin here. */
const MAC_FORMAT = 2;
/** How an operator says that he takes an unauthenticated backup for genuine. */
const ACCEPT = '"accept_unauthenticated": true (memory-cli: --accept-unauthenticated)';

export const AUTHENTIC: Trust = {
  authentic: true,
  reason: null,
  acceptable: true,
  missing_key: null,
};
const refused = (reason: string): Trust => ({
  ...AUTHENTIC,
  ...doubtful(reason),
  acceptable: false,
});
const doubtful = (reason: string): Trust => ({ ...AUTHENTIC, authentic: false, reason });

/** @param text the manifest's, exactly @param mac what it says of itself; null: nothing */
async function trustOf(
  manifest: Manifest,
  text: string,
  mac: string | null,
  keys: BackupKeys | null,
): Promise<Trust> {
  const { encryption, format_version } = manifest;
  const missing_key = missingKeyOf(manifest, keys);
  if (!keys) {
    const reason = "no BACKUP_KEY is set: only its sums can be checked";
    return { authentic: null, reason, acceptable: true, missing_key };
  }
  if (missing_key !== null) {
    const known = keys.usable.map(({ id }) => id).join(", ") || "malformed";
    return { ...refused(`is of the key ${missing_key}, and BACKUP_KEY is ${known}`), missing_key };
  }
  if (mac !== null) {
    const signer = await signerOf(keys, "manifest", text, mac);
    const isOfItsKey = encryption === null || signer?.id === encryption.key_id;
    if (!signer || !isOfItsKey)
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

/** The key that it is sealed with, when that is none of these. */
function missingKeyOf({ encryption }: Manifest, keys: BackupKeys | null): string | null {
  return encryption && !keyOf(keys, encryption.key_id) ? encryption.key_id : null;
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
