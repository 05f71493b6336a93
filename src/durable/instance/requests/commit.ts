/**
 * The transaction by which an operation writes.
 *
 * @module
 */

/**
 * Runs the write in a transaction and, in the same, keeps what it returns as the answer for a
 * repetition of the request. An operation that writes answers with what it returned.
 */
export type Commit = <T>(work: () => T) => T;
