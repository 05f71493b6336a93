/**
 * The front door of `backup/`.
 *
 * @module
 */

export {
  findBackup,
  listBackups,
  loadChain,
  type BackupPlace,
  type ChainRef,
} from "./store/chain.ts";
export { compareTables } from "./restore/compare.ts";
export { readChunk } from "./format/chunks.ts";
export { exportDatabase, NoParent } from "./export.ts";
export { newestForDrill, newestParent, type Parent } from "./store/newest.ts";
export { BackupFault } from "./format/fault.ts";
export { createBackupKeys, type BackupKeys } from "./format/keys.ts";
export { keysOf, type KeysFound } from "./format/key-rows.ts";
export {
  isPutBack,
  presentName,
  PUT_BACK,
  putBackValues,
  type PutBackTable,
} from "./format/local-rows.ts";
export type { BackupKind, ChunkEntry, Loaded, Manifest } from "./format/manifest.ts";
export type { ObjectStore, Progress, Steps } from "./ports.ts";
export {
  forgetRestore,
  heldWriter,
  once,
  restoreBackup,
  type RestorePlan,
  type RestoreResult,
} from "./restore/restore.ts";
export type { RestoreMode } from "./restore/restore-sql.ts";
export { r2Store } from "./store/r2.ts";
export { expired, type Kept, type RetentionRules, type Untrusted } from "./retention.ts";
export { encodeRow } from "./format/rows.ts";
export { takeSnapshot } from "./snapshot.ts";
export { sweep } from "./sweep.ts";
export { getVerdict, putVerdict } from "./store/verdicts.ts";
export { verifyBackup, type Verdict } from "./verify.ts";
