/**
 * Turns a manifest into text and back: with a sum over its own text, so that a single changed
 * bit is found, and with BACKUP_KEY a MAC, which says that the service wrote it. The chunks'
 * sums and places and the parent's sum are in the text, so the MAC vouches for the whole chain.
 *
 * @module
 */

import { sha256Hex } from "../../util/hash.ts";
import { BackupFault } from "./fault.ts";
import type { BackupKeys } from "./keys.ts";
import { FORMAT, FORMAT_VERSION, manifestKey, type Manifest } from "./manifest.ts";
import { checkShape } from "./shape.ts";
import { trustOf, type Trust } from "./trust.ts";

/** A manifest that was read, and what is known of who wrote it. */
export interface Loaded {
  manifest: Manifest;
  /** Of the manifest's text, hex. */
  sha256: string;
  trust: Trust;
}

/** The text of a manifest with its sum, and with its MAC where there is a key. */
export async function sealManifest(manifest: Manifest, keys: BackupKeys | null): Promise<string> {
  const text = JSON.stringify(manifest);
  return sealed(text, await sha256Hex(text), keys ? await keys.sign("manifest", text) : null);
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
