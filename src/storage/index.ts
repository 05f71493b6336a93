/**
 * The front door of `storage/`: opens the database, its snapshots and its migrations, and makes
 * or runs what is asked of it and of an instance's own SQLite: statements, slices, searches.
 *
 * @module
 */

export {
  changedKeysQuery,
  changedQuery,
  CHANGES_TABLE,
  countQuery,
  episodesChanged,
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
} from "./database/cursor.ts";
export { openDatabase, type DatabaseOptions } from "./database/client.ts";
export { DATABASE_ERRORS, type DatabaseErrorKind } from "./database/error-kinds.ts";
export { DatabaseError, kindOfCode } from "./database/errors.ts";
export { fence, FENCE_SCHEMA, fenceOff, probeWrite } from "./fence.ts";
export { releaseLease, leaseHolder, acquireLease, type LeaseHolder } from "./migrations/lease.ts";
export {
  schemaProblems,
  schemaWaiting,
  schemaStatus,
  type MigrationStatus,
  type SchemaStatus,
} from "./migrations/ledger.ts";
export { checksumOf } from "./migrations/ledger.ts";
export {
  applyMigration,
  type Lease,
  migrated,
  type MigratedDatabase,
} from "./migrations/migrate.ts";
export { PATTERNS_TABLE } from "./migrations/first-schema.ts";
export { MIGRATIONS, SCHEMA_VERSION, type Migration } from "./migrations/migrations.ts";
export { OwnedDatabase, readOwner, takeOver, type OwnerMark } from "./owner.ts";
export {
  bytesOf,
  type Database,
  type LocalRow,
  type LocalSql,
  type LocalValue,
  type Row,
  type SqlReader,
  type SqlValue,
  type Statement,
} from "./sql.ts";
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
export { RETIRED_TABLES } from "./retired-tables.ts";
export {
  eraseNamespace,
  namespacesAmong,
  namespacesBehind,
  remove,
  upsert,
  upsertChanged,
  upsertRow,
} from "./statements.ts";
export {
  keyColumns,
  keyCondition,
  SCHEMA,
  STEPS_TABLE,
  TABLE_NAMES,
  TABLES,
  valuesOf,
  type Table,
  type TableName,
} from "./tables.ts";
