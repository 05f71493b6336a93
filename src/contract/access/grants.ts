/**
 * What the parts of the service say to each other about OAuth grants: plain data.
 *
 * @module
 */

/** A grant as the audit names it. */
export interface GrantNote {
  /** The id of the key that granted it, and the id of the grant. */
  key: string;
  id: string;
  /** The client's id: its description's address, or one that it got when it registered itself. */
  client: string;
  namespace: string;
  scopes: readonly string[];
  /** What became of it. */
  state: "granted" | "refused" | "revoked";
  /** Why, when it was refused. */
  reason: string | null;
}

/** What became of a grant; `from` null: there was none. */
export interface OAuthNote {
  by: string;
  from: GrantNote | null;
  to: GrantNote;
}

/** Whether a client may register itself now; else after how many seconds. */
export interface Registration {
  granted: boolean;
  retry_after_s: number;
}
