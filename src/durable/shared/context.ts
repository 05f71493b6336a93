/**
 * The context that nearly every part of a Durable Object is given: its storage, its transactions,
 * its clock, its log.
 *
 * @module
 */

import type { LocalSql } from "../../storage/index.ts";
import type { Log } from "../../observability/index.ts";

export interface PartContext {
  /** The object's own storage. */
  sql: LocalSql;
  /** Synchronous, all or nothing; what is counted in it is taken back with it. Never nested. */
  transaction: <T>(work: () => T) => T;
  /** ms since the epoch. */
  now: () => number;
  /** Logs an event of `EVENTS` (observability/log.ts) with its fields. */
  log: Log;
}
