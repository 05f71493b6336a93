/**
 * The two ways to ask for rows. The same SQL text runs in the instance's own SQLite and in libSQL.
 *
 * @module
 */

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/** Reads from either engine. The database's throws `DatabaseError`. */
export interface SqlReader {
  /**
   * It is this object's own SQLite: an answer has no way to go, and is bounded by nothing but
   * memory.
   */
  isLocal?: true;
  all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]>;
}

/**
 * The instance's own SQLite: synchronous, at most 100 bound parameters a statement (pass lists as
 * JSON to `json_each(?)`).
 */
export interface LocalSql {
  all<T extends Row>(sql: string, ...args: SqlValue[]): T[];
  /**
   * The rows as they are fetched, for whoever may not want all of them; nothing may be written
   * meanwhile.
   */
  each<T extends Row>(sql: string, ...args: SqlValue[]): Iterable<T>;
  run(sql: string, ...args: SqlValue[]): void;
}

/** A local database as a reader, for code that serves from either. */
export function localReader(sql: LocalSql): SqlReader {
  return { isLocal: true, all: async (text, ...args) => sql.all(text, ...args) };
}
