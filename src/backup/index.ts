/**
 * The front door of `backup/`.
 *
 * @module
 */

export { bytesOf, sha256Hex } from "./bytes.ts";
export { findBackup, listBackups, loadChain, type BackupPlace, type ChainRef } from "./chain.ts";
export { compareTables } from "./compare.ts";
export { readChunk } from "./chunks.ts";
export { exportDatabase, NoParent } from "./export.ts";
export { newestForDrill, newestParent, type Parent } from "./newest.ts";
export { BackupFault } from "./fault.ts";
export { createBackupKeys, type BackupKeys } from "./keys.ts";
export { keysOf, type KeysFound } from "./key-rows.ts";
export { isPutBack, PUT_BACK, putBackValues, type PutBackTable } from "./local-rows.ts";
export type { BackupKind, ChunkEntry, Loaded, Manifest } from "./manifest.ts";
export type { ObjectStore, Progress, Steps } from "./ports.ts";
export {
  forgetRestore,
  heldWriter,
  once,
  restoreBackup,
  type RestorePlan,
  type RestoreResult,
} from "./restore.ts";
export type { RestoreMode } from "./restore-sql.ts";
export { r2Store } from "./r2.ts";
export { expired, type Kept, type RetentionRules, type Untrusted } from "./retention.ts";
export { encodeRow } from "./rows.ts";
export { takeSnapshot } from "./snapshot.ts";
export { sweep } from "./sweep.ts";
export { getVerdict, putVerdict } from "./verdicts.ts";
export { verifyBackup, type Verdict } from "./verify.ts";
