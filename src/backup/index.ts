/**
 * The front door of `backup/`.
 *
 * @module
 */

export { bytesOf, createCipher, sha256Hex, type Cipher } from "./bytes.ts";
export { findBackup, listBackups, loadChain, type Loaded } from "./chain.ts";
export { compareTables } from "./compare.ts";
export { readChunk } from "./chunks.ts";
export { exportDatabase, NoParent } from "./export.ts";
export { BackupFault, type BackupKind, type ChunkEntry, type Manifest } from "./manifest.ts";
export type { ObjectStore, Progress, Steps } from "./ports.ts";
export { forgetRestore, restoreBackup, type RestorePlan, type RestoreResult } from "./restore.ts";
export { r2Store } from "./r2.ts";
export { expired, type Kept, type RetentionRules } from "./retention.ts";
export { encodeRow } from "./rows.ts";
export { takeSnapshot } from "./snapshot.ts";
export { sweep } from "./sweep.ts";
export { getVerdict, putVerdict } from "./verdicts.ts";
export { verifyBackup, type Verdict } from "./verify.ts";
