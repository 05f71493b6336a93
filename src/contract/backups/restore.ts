/**
 * What a restore reports and leaves behind, as the rooms that take part in it share it. Plain data.
 *
 * @module
 */

/** A row of `api_keys` in a backup: a key's id, the hash of its secret, and its record as JSON. */
export interface KeyRow {
  id: string;
  hash: string;
  body: string;
}

/** What became of a key that an operator asked a restore for. */
export interface KeyOutcome {
  id: string;
  /**
   * known: it stays as the database or the Coordinator has it. missing: the backup has none of this
   * id.
   */
  outcome: "known" | "brought_back" | "refused" | "missing";
  reason: string;
}

/** A restore that has the database for itself. */
export interface RestoreMark {
  job: string;
  backup: string;
  since: string;
  /** interrupted: it failed or was cancelled half way; run it again, or release it. */
  phase: "running" | "interrupted";
}
