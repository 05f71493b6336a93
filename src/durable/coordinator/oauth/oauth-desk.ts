/**
 * What of OAuth the whole service has in common: how many clients may still register themselves,
 * and the audit of what was granted, refused and revoked. The grants themselves are in the
 * deployment's KV namespace, which the Worker asks. The only place that reads or writes the table
 * `oauth_registrations`.
 *
 * @module
 */

import type { OAuthNote, Registration } from "../../../contract/access/grants.ts";
import { LIMITS, MS } from "../../../contract/limits.ts";
import { takeTokens, type Bucket, type BucketLimit } from "../../../resilience/index.ts";
import type { CoordinatorContext } from "../context.ts";
import type { ControlStore } from "../control-store.ts";
import { GRANT_ENTRY } from "../monitoring/audit-log.ts";

const SCHEMA = `CREATE TABLE IF NOT EXISTS oauth_registrations (
  one INTEGER PRIMARY KEY CHECK (one = 1), tokens REAL NOT NULL, at INTEGER NOT NULL) STRICT`;

const REGISTRATIONS: BucketLimit = {
  per_second: (LIMITS.oauth_registrations_per_day / MS.day) * 1_000,
  burst: LIMITS.oauth_registrations_burst,
};

interface DeskPorts extends Pick<CoordinatorContext, "sql" | "now"> {
  controlStore: Pick<ControlStore, "audit">;
}

export class OAuthDesk {
  readonly #ports: DeskPorts;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
    ports.sql.run(SCHEMA);
  }

  /** Lets a client register itself, as long as no more did than the bound of a day allows. */
  register(): Registration {
    const { sql, now } = this.#ports;
    const [kept] = sql.all<Bucket & Record<string, number>>(
      "SELECT tokens, at FROM oauth_registrations",
    );
    const { bucket, granted, wait_ms } = takeTokens(kept ?? null, REGISTRATIONS, 1, now());
    const { tokens, at } = bucket;
    const text = "INSERT OR REPLACE INTO oauth_registrations (one, tokens, at) VALUES (1, ?, ?)";
    sql.run(text, tokens, at);
    return { granted: granted === 1, retry_after_s: Math.ceil(wait_ms / 1_000) };
  }

  /** Writes down what became of a grant. Never a secret, nor a hash of one. */
  note({ by, from, to }: OAuthNote): void {
    this.#ports.controlStore.audit(by, GRANT_ENTRY, from, to);
  }
}
