/**
 * Who may do what, judged from this instance's copy of the keys, so that no request waits for the
 * Coordinator.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../../contract/limits.ts";
import type { Call } from "../../../contract/call.ts";
import type { Scope } from "../../../contract/vocabulary.ts";
import type { InstanceContext } from "../context.ts";
import type { KeyRecord } from "../../shared/protocol.ts";
import { Refused } from "../../shared/refusals.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";

/** An unknown key makes the instance ask the Coordinator again, but no more often than this, ms. */
const PULL_INTERVAL_MS = 1_000;
/** Records that are kept in memory. */
const KNOWN_MAX = 1_000;

export class ApiKeyCopies {
  readonly #context: InstanceContext;
  readonly #pull: () => Promise<KeyRecord[]>;
  #pulledAt = Number.NEGATIVE_INFINITY;
  #pulling: Promise<void> | null = null;
  /** Rises with each word of the Coordinator. */
  #told = 0;
  /** Records that were asked for lately; emptied by each word of the Coordinator. */
  readonly #known = new BoundedMap<string, KeyRecord>(KNOWN_MAX);

  /** @param pull asks the Coordinator for all keys */
  constructor(context: InstanceContext, pull: () => Promise<KeyRecord[]>) {
    this.#context = context;
    this.#pull = pull;
  }

  /** Takes the Coordinator's word. complete: keys that are not named exist no more. */
  accept(keys: readonly KeyRecord[], complete: boolean): void {
    const { sql } = this.#context;
    this.#told += 1;
    this.#known.clear();
    this.#context.transaction(() => {
      const revoked = new Map<string, KeyRecord>();
      for (const { body } of sql.all<{ body: string }>("SELECT body FROM keys")) {
        const known = JSON.parse(body) as KeyRecord;
        if (known.revoked_at !== null) revoked.set(known.hash, known);
      }
      if (complete) sql.run("DELETE FROM keys");
      for (const key of keys) {
        // Words may overtake each other; a revocation is never taken back.
        const record = revoked.get(key.hash) ?? key;
        sql.run(
          "INSERT OR REPLACE INTO keys (hash, body) VALUES (?, ?)",
          key.hash,
          JSON.stringify(record),
        );
      }
    });
  }

  /** The namespace that the call works in. Throws `Refused` when the caller may not. */
  async authorize(call: Call, scope: Scope): Promise<string> {
    if (call.namespace !== null && !NAMESPACE_PATTERN.test(call.namespace)) {
      const detail =
        "A namespace has 1 to 64 letters, digits, dots, hyphens or underscores, and begins with a letter or digit.";
      throw new Refused("validation_failed", detail, { path: "X-Memory-Namespace" });
    }
    if (call.root) return call.namespace ?? "default";
    const key = await this.#find(call.key_hash);
    const now = this.#context.now();
    if (
      !key ||
      key.revoked_at !== null ||
      (key.expires_at !== null && Date.parse(key.expires_at) <= now)
    ) {
      throw new Refused("unauthenticated", "The key is unknown, expired or revoked.");
    }
    if (!key.scopes.includes(scope)) {
      throw new Refused("forbidden", `This needs a key with the scope "${scope}".`);
    }
    const namespace = call.namespace ?? key.default_namespace;
    if (!key.namespaces.includes("*") && !key.namespaces.includes(namespace)) {
      throw new Refused("forbidden", `The key has no access to the namespace "${namespace}".`);
    }
    return namespace;
  }

  async #find(hash: string | null): Promise<KeyRecord | null> {
    if (hash === null) return null;
    const known = this.#local(hash);
    if (known) return known;
    if (!this.#pulling) {
      const now = this.#context.now();
      if (now - this.#pulledAt < PULL_INTERVAL_MS) return null;
      this.#pulledAt = now;
      this.#pulling = this.#ask().finally(() => {
        this.#pulling = null;
      });
    }
    // Whoever comes while the Coordinator is asked waits for the same answer.
    await this.#pulling;
    return this.#local(hash);
  }

  async #ask(): Promise<void> {
    const told = this.#told;
    try {
      const keys = await this.#pull();
      // What was told meanwhile may be newer than this answer, which does not name it then.
      this.accept(keys, this.#told === told);
    } catch (error) {
      this.#pulledAt = Number.NEGATIVE_INFINITY;
      this.#context.log({ event: "keys_pull_failed", level: "warn", reason: String(error) });
      throw new Refused("not_ready", "The key cannot be checked at the moment. Try again.", {
        retry_after_s: 1,
      });
    }
  }

  #local(hash: string): KeyRecord | null {
    const known = this.#known.get(hash);
    if (known) return known;
    const [row] = this.#context.sql.all<{ body: string }>(
      "SELECT body FROM keys WHERE hash = ?",
      hash,
    );
    if (!row) return null;
    const record = JSON.parse(row.body) as KeyRecord;
    this.#known.set(hash, record);
    return record;
  }
}
