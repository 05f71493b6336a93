/**
 * The front door of `storage/`: the database, its tables and what is asked of it.
 *
 * @module
 */

export {
  changedKeysQuery,
  changedQuery,
  countQuery,
  FEED_STATE,
  pruneChanges,
  PRUNED_AT_ONCE,
  RESTORE_SCHEMA,
  scanQuery,
  type ExportScope,
} from "./changes.ts";
export {
  openSnapshots,
  type Query,
  type RowPage,
  type SnapshotReader,
  type TypedValue,
} from "./cursor.ts";
export { openDatabase, type Database, type DatabaseOptions, type Statement } from "./client.ts";
export { DATABASE_ERRORS, DatabaseError, kindOfCode, type DatabaseErrorKind } from "./errors.ts";
export { fence, FENCE_SCHEMA, fenceOff, probe } from "./fence.ts";
export { giveBackLease, leaseHolder, takeLease, type LeaseHolder } from "./migrations/lease.ts";
export {
  schemaProblems,
  schemaStatus,
  type MigrationStatus,
  type SchemaStatus,
} from "./migrations/ledger.ts";
export { applyMigration, migrated, type MigratedDatabase } from "./migrations/migrate.ts";
export { MIGRATIONS, SCHEMA_VERSION, type Migration } from "./migrations/migrations.ts";
export { localReader, type LocalSql, type Row, type SqlReader, type SqlValue } from "./sql.ts";
export { findCandidates, type SearchOptions } from "./search/search.ts";
export {
  bytesOfValues,
  readByKeys,
  readNamespaceSlice,
  readOrdered,
  SLICE_BYTES,
  takeSlice,
  type Slice,
  type SliceBounds,
} from "./slices.ts";
export { SearchStatistics } from "./search/statistics.ts";
export { eraseNamespace, remove, upsert, upsertChanged, upsertRow } from "./statements.ts";
export { SCHEMA, TABLES, type Table, type TableName } from "./tables.ts";
