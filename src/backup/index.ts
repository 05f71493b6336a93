/**
 * The front door of `backup/`: takes backups and snapshots, reads them back, restores, compares and
 * sweeps them. The store, the database and the steps are handed in.
 *
 * @module
 */

export { exportDatabase } from "./export/export.ts";
export { NoParent } from "./export/changes.ts";
export { readChunk } from "./format/chunks.ts";
export { BackupFault, prefixOf } from "./format/manifest.ts";
export { createBackupKeys, sealingKey, type BackupKeys } from "./format/keys.ts";
export {
  isPutBack,
  presentName,
  PUT_BACK,
  putBackValues,
  type PutBackTable,
} from "./format/local-rows.ts";
export type { BackupKind, ChunkEntry, Manifest } from "./format/manifest.ts";
export { encodeRow } from "./format/rows.ts";
export type { Loaded } from "./format/sealed-manifest.ts";
export type { BackupPlace, ObjectStore, Progress, Steps } from "./ports.ts";
export { compareTables } from "./restore/compare.ts";
export { keysOf, type KeysFound } from "./restore/key-rows.ts";
export { restoreBackup, type RestorePlan, type RestoreResult } from "./restore/restore.ts";
export { forgetRestore, heldWriter, writeOnce } from "./restore/restore.ts";
export { expired, type Kept, type RetentionRules, type Untrusted } from "./retention.ts";
export { takeSnapshot } from "./snapshot.ts";
export { findBackup, listBackups, loadChain, type ChainRef } from "./store/chain.ts";
export { chooseParent, newestForDrill, type ParentChoice } from "./store/chain.ts";
export { r2Store } from "./store/r2.ts";
export { rewrapBackups } from "./store/rewrap.ts";
export { getVerdict, putVerdict, type Verdict } from "./store/verdicts.ts";
export { sweep } from "./sweep.ts";
export { verifyBackup } from "./verify.ts";
