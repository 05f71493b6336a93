/**
 * The table of the database that says whose it is, and the trigger by which a claim of another
 * deployment fails.
 *
 * @module
 */

/** What the database says when a deployment claims it that it is not marked for. */
export const FOREIGN = "the database has the mark of another deployment";

/** `before`: whose it was until the last takeover. */
export const OWNER_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS _owner (
    one INTEGER PRIMARY KEY CHECK (one = 1), deployment TEXT NOT NULL, since INTEGER NOT NULL,
    before TEXT) STRICT`,
  // A claim of the owner itself changes nothing.
  `CREATE TRIGGER IF NOT EXISTS _owner_claim BEFORE INSERT ON _owner
    WHEN EXISTS (SELECT 1 FROM _owner) BEGIN
      SELECT RAISE(ABORT, '${FOREIGN}') FROM _owner WHERE deployment <> new.deployment;
      SELECT RAISE(IGNORE); END`,
];
