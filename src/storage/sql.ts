/**
 * Defines how SQL is asked for: of the instance's own SQLite, which is synchronous, or of the
 * database over HTTP. Types only, and one adapter; the same SQL text runs in both.
 *
 * @module
 */

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

export interface Statement {
  sql: string;
  /** Bound in order to the `?` of the text. */
  args: readonly SqlValue[];
}

/** Reads from either engine. The database's throws `DatabaseError`. */
export interface SqlReader {
  /** It is this object's own SQLite: an answer crosses no network, only memory bounds its size. */
  isLocal?: true;
  all<T extends Row>(sql: string, ...args: SqlValue[]): Promise<T[]>;
}

/** The database. Every method throws `DatabaseError`. */
export interface Database extends SqlReader {
  /** Runs all statements in one transaction, in one request; or none of them. */
  write(statements: readonly Statement[]): Promise<void>;
}

/**
 * The instance's own SQLite: synchronous, at most 100 bound parameters a statement (pass lists as
 * JSON to `json_each(?)`).
 */
export interface LocalSql {
  all<T extends LocalRow = Row>(sql: string, ...args: LocalValue[]): T[];
  /**
   * The rows as they are fetched, for whoever may not want all of them; nothing may be written
   * meanwhile.
   */
  each<T extends LocalRow = Row>(sql: string, ...args: LocalValue[]): Iterable<T>;
  run(sql: string, ...args: LocalValue[]): void;
}

/** A value of a table that only an instance has: there it may be bytes as well. */
export type LocalValue = SqlValue | Uint8Array<ArrayBuffer> | ArrayBuffer;
export type LocalRow = Record<string, LocalValue>;

/** The bytes of a value that was stored as bytes. */
export function bytesOf(value: LocalValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return new Uint8Array(value instanceof ArrayBuffer ? value : new ArrayBuffer(0));
}
