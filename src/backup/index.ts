/**
 * The front door of `backup/`.
 *
 * @module
 */

export { bytesOf, createCipher, sha256Hex, type Cipher } from "./bytes.ts";
export { findBackup, listBackups, loadChain, type Loaded } from "./chain.ts";
export { ChunkWriter, readChunk } from "./chunks.ts";
export { exportDatabase, NoParent } from "./export.ts";
export {
  BackupFault,
  FORMAT,
  FORMAT_VERSION,
  manifestKey,
  prefixOf,
  sealManifest,
  type BackupKind,
  type ChunkEntry,
  type Manifest,
} from "./manifest.ts";
export type { ObjectStore, Progress, Steps } from "./ports.ts";
export { forgetRestore, restoreBackup, type RestorePlan, type RestoreResult } from "./restore.ts";
export { expired, type Kept } from "./retention.ts";
export { encodeRow } from "./rows.ts";
export { verifyBackup, type Verdict } from "./verify.ts";
