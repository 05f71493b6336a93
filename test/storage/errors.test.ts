import { describe, expect, it } from "vitest";
import { DATABASE_ERRORS } from "../../src/storage/database/error-kinds.ts";
import { kindOfCode, toDatabaseError } from "../../src/storage/database/errors.ts";
import { FENCED } from "../../src/storage/fence.ts";

/** Every primary result code of SQLite but OK, and whose fault it is. */
const PRIMARY: Readonly<Record<string, string>> = {
  ERROR: "rejected",
  INTERNAL: "internal",
  PERM: "disk",
  ABORT: "busy",
  BUSY: "busy",
  LOCKED: "busy",
  NOMEM: "out_of_memory",
  READONLY: "disk",
  INTERRUPT: "timeout",
  IOERR: "disk",
  CORRUPT: "corrupt",
  NOTFOUND: "internal",
  FULL: "quota",
  CANTOPEN: "disk",
  PROTOCOL: "busy",
  EMPTY: "internal",
  SCHEMA: "schema",
  TOOBIG: "too_large",
  CONSTRAINT: "constraint",
  MISMATCH: "constraint",
  MISUSE: "internal",
  NOLFS: "disk",
  AUTH: "unauthorized",
  FORMAT: "internal",
  RANGE: "rejected",
  NOTADB: "corrupt",
  NOTICE: "internal",
  WARNING: "internal",
  ROW: "internal",
  DONE: "internal",
};

describe("a code of the database", () => {
  it.each(Object.entries(PRIMARY))(
    "SQLITE_%s is sorted as %s, its extended codes too",
    (code, kind) => {
      expect(kindOfCode(`SQLITE_${code}`, "")).toBe(kind);
      expect(kindOfCode(`SQLITE_${code}_OF_A_LATER_VERSION`, "")).toBe(kind);
    },
  );

  it.each([
    ["SQLITE_IOERR_WRITE", "disk"],
    ["SQLITE_IOERR_NOMEM", "out_of_memory"],
    ["SQLITE_IOERR_CORRUPTFS", "corrupt"],
    ["SQLITE_CORRUPT_VTAB", "corrupt"],
    ["SQLITE_READONLY_DIRECTORY", "disk"],
    ["SQLITE_BUSY_SNAPSHOT", "busy"],
    ["SQLITE_CONSTRAINT_UNIQUE", "constraint"],
    ["SQLITE_UNKNOWN", "rejected"],
    ["SQL_PARSE_ERROR", "rejected"],
    ["SQL_MANY_STATEMENTS", "rejected"],
    ["ARGS_INVALID", "rejected"],
    ["AUTH_JWT_EXPIRED", "unauthorized"],
    ["BLOCKED", "quota"],
    ["TRANSACTION_TIMEOUT", "busy"],
    ["STREAM_EXPIRED", "busy"],
    ["RESPONSE_TOO_LARGE", "too_large"],
    ["PROXY_ERROR", "overloaded"],
    ["HRANA_PROTO_ERROR", "unreachable"],
  ])("%s is sorted as %s", (code, kind) => {
    expect(kindOfCode(code, "")).toBe(kind);
  });

  it.each(["SQLITE_NEVER_HEARD_OF", "SQLITE", "SOMETHING_ELSE", ""])(
    "%s, which is not known, is no row's fault",
    (code) => {
      expect(DATABASE_ERRORS[kindOfCode(code, "")]).toMatchObject({
        at_fault: "database",
        retry: true,
      });
      expect(
        DATABASE_ERRORS[toDatabaseError(Object.assign(new Error("?"), { code })).kind].at_fault,
      ).toBe("database");
    },
  );

  it("says less than the message where that names a missing table or a newer batch", () => {
    expect(kindOfCode("SQLITE_UNKNOWN", "SQLite error: no such table: steps")).toBe("schema");
    expect(kindOfCode("SQLITE_CONSTRAINT", `SQLite error: ${FENCED}`)).toBe("fenced");
  });
});
