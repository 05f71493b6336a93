/**
 * The front door of `storage/`: the database, its tables and what is asked of it.
 *
 * @module
 */

export { openDatabase, type Database, type DatabaseOptions, type Statement } from "./client.ts";
export { DATABASE_ERRORS, DatabaseError, type DatabaseErrorKind } from "./errors.ts";
export { fence, FENCE_SCHEMA, fenceOff, probe } from "./fence.ts";
export { migrated, SCHEMA_VERSION } from "./migrations.ts";
export { localReader, type LocalSql, type Row, type SqlReader, type SqlValue } from "./sql.ts";
export { findCandidates, type SearchOptions } from "./search.ts";
export { SearchStatistics } from "./search-statistics.ts";
export { eraseNamespace, remove, upsert, upsertRow } from "./statements.ts";
export { SCHEMA, TABLES, type Table, type TableName } from "./tables.ts";
