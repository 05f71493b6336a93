/**
 * What the parts of OAuth are given: storage, the memory that judges keys, a clock, and where they
 * report to.
 *
 * @module
 */

import type { OAuthNote, Registration } from "../../contract/access/grants.ts";
import type { Call, Reply } from "../../contract/call.ts";
import type { None } from "../../contract/operation.ts";
import type { Scope } from "../../contract/vocabulary.ts";
import type { Log, OAuthEvent } from "../../observability/index.ts";

/** What of OAuth the whole service has in common. */
export interface OAuthBook {
  /** Asks whether one more client may register itself. */
  register(): Promise<Registration>;
  /** Writes down what became of a grant. */
  note(note: OAuthNote): Promise<unknown>;
}

/** The memory, as far as it judges a key. */
export interface KeyJudge {
  execute(
    instance: number,
    name: "authorize",
    input: { scope: Scope },
    call: Call,
  ): Promise<Reply<None>>;
  instanceCount(): Promise<number>;
}

export interface OAuthOptions {
  kv: KVNamespace;
  /** By which clients know the service; null: that of each request. */
  origin: string | null;
  backend: KeyJudge & { oauth: OAuthBook };
  /** ms since the epoch. */
  now: () => number;
  randomUUID: () => string;
  log: Log;
  /** Counts what became of what was asked. */
  counted: (event: OAuthEvent) => void;
}

/** What the parts of OAuth are given. */
export interface OAuthPorts extends OAuthOptions {
  /** Writes down what became of a grant. Never throws: what happened has happened. */
  note: (note: OAuthNote) => Promise<void>;
}
