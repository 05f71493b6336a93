/**
 * Says what to do about each kind of failure of the database, and of what an instance keeps: one
 * clause each, for whoever reads the readiness page at night.
 *
 * @module
 */

/** By kind; `late` is a small write that has not been answered yet. */
export const REMEDIES: Readonly<Record<string, string>> = {
  unreachable:
    "it cannot be reached. Check its address (TURSO_DATABASE_URL), the provider's status page and the network",
  timeout:
    "it does not answer in time. Look for slow queries and long transactions; see SlowQueries in the runbook",
  late: "it has not answered yet. Look for slow queries and long transactions; see SlowQueries in the runbook",
  overloaded:
    "it answers with an error or is overloaded. Check the provider's status page; lower rate_limit_per_second",
  busy: "another writer holds its lock. Look for a long transaction or a second service that writes to it",
  disk: "its disk is full, failing or read-only. Make room on it, or move the database to another; nothing else is needed then",
  out_of_memory:
    "it has no memory left. Give its server more, or restart it, and look for what takes so much",
  internal: "it reports a fault of its own. Look into its log and restart it, or ask the provider",
  corrupt:
    "a part of it is damaged. Restore the last backup into a new database and set TURSO_DATABASE_URL to that: RB-003, Disaster Recovery",
  /** Of an instance, not of the database. */
  local_damage:
    "a page of their own storage is damaged. What the database has of it is read from there. Give them an empty storage when nothing of theirs waits: RB-006, Damaged Instance",
  unauthorized: "it does not accept our token. Make a new one and set TURSO_AUTH_TOKEN",
  quota:
    "its quota is used up, it is full, or its writes are blocked. Raise the plan or delete data, then lift the block",
  schema:
    "its tables are not as they should be. Run the migrations, or restore a backup if it was reset",
  rejected:
    "it rejects a statement, whatever the rows. See GET /admin/migrations; roll the release back if it is new",
  not_asked: "it is not asked at the moment: the circuit breaker is open or the mode is degraded",
};
