/**
 * Defines the kinds of failure of the database, and what follows from each: whether a repetition
 * may help, whether it counts as an outage, and whose fault it is.
 *
 * @module
 */

interface KindRule {
  /** A repetition may succeed, and cannot do harm: every write is idempotent. */
  retry: boolean;
  /** It says that the database is unwell, and counts in the circuit breaker. */
  unwell: boolean;
  /**
   * Whose fault it is, and so what becomes of the rows that were sent. `database`: they wait.
   * `row`: one of them can never be stored, and is set aside, so that it blocks nothing.
   * `statement`: either ours is wrong for every row, and they wait, or one row's value makes it
   * fail, and that one is set aside.
   */
  at_fault: "database" | "statement" | "row";
  /** For a person. */
  meaning: string;
}

const database = (meaning: string, retry = false, unwell = false) =>
  ({ retry, unwell, at_fault: "database", meaning }) as const;
const row = (meaning: string) =>
  ({ retry: false, unwell: false, at_fault: "row", meaning }) as const;

/** Each kind of failure, and what follows from it. */
export const DATABASE_ERRORS = {
  unreachable: database("it cannot be reached", true, true),
  timeout: database("it does not answer in time", true, true),
  overloaded: database("it answers with an error or is overloaded", true, true),
  busy: database("another writer holds its lock", true, true),
  disk: database("its disk is full, failing or read-only", true, true),
  out_of_memory: database("it has no memory left", true, true),
  internal: database("it reports a fault of its own", true, true),
  /** What its other pages hold is well, and is asked for on. */
  corrupt: database("a part of it is damaged"),
  unauthorized: database("it does not accept our token"),
  quota: database("its quota is used up, it is full, or it is blocked"),
  schema: database("its tables are not as they should be"),
  constraint: row("a row breaks one of its constraints"),
  too_large: row("a row or an answer is too large"),
  rejected: {
    retry: false,
    unwell: false,
    at_fault: "statement",
    meaning: "it rejects the statement",
  },
  /** A newer batch of the same writer was taken; this one must not be. */
  fenced: database("it has a newer batch of ours already"),
  /** It has the mark of another deployment: nothing of ours may be written to it. */
  foreign: database("it is marked as another deployment's"),
  /**
   * Not sent at all: the circuit breaker is open, the mode is degraded, or too many requests are
   * waiting.
   */
  not_asked: database("it is not asked at the moment"),
} as const satisfies Record<string, KindRule>;

export type DatabaseErrorKind = keyof typeof DATABASE_ERRORS;
