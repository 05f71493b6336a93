/**
 * Who may do what, judged from this instance's copy of the keys, so that no request waits for the Coordinator.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../memory/limits.ts";
import type { Call, Scope } from "../memory/operations.ts";
import type { Ground } from "./ground.ts";
import type { KeyRecord } from "./protocol.ts";
import { Refused } from "./refused.ts";

/** An unknown key makes the instance ask the Coordinator again, but no more often than this, ms. */
const PULL_INTERVAL_MS = 1_000;

export class Keys {
  readonly #ground: Ground;
  readonly #pull: () => Promise<KeyRecord[]>;
  #pulledAt = Number.NEGATIVE_INFINITY;
  #pulling: Promise<KeyRecord[]> | null = null;

  /** @param pull asks the Coordinator for all keys */
  constructor(ground: Ground, pull: () => Promise<KeyRecord[]>) {
    this.#ground = ground;
    this.#pull = pull;
  }

  /** Takes the Coordinator's word. complete: keys that are not named exist no more. */
  accept(keys: readonly KeyRecord[], complete: boolean): void {
    const { sql } = this.#ground;
    this.#ground.transaction(() => {
      if (complete) sql.run("DELETE FROM keys");
      for (const key of keys) {
        sql.run("INSERT OR REPLACE INTO keys (hash, body) VALUES (?, ?)", key.hash, JSON.stringify(key));
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
    const now = this.#ground.now();
    if (!key || key.revoked_at !== null || (key.expires_at !== null && Date.parse(key.expires_at) <= now)) {
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
    const now = this.#ground.now();
    // While another call asks, its answer is waited for: a key that was not heard of yet is not unknown.
    if (!this.#pulling && now - this.#pulledAt < PULL_INTERVAL_MS) return null;
    this.#pulledAt = now;
    try {
      this.#pulling ??= this.#pull().finally(() => {
        this.#pulling = null;
      });
      this.accept(await this.#pulling, true);
    } catch (error) {
      this.#ground.log({ event: "keys_pull_failed", level: "warn", reason: String(error) });
      throw new Refused("not_ready", "The key cannot be checked at the moment. Try again.", { retry_after_s: 1 });
    }
    return this.#local(hash);
  }

  #local(hash: string): KeyRecord | null {
    const [row] = this.#ground.sql.all<{ body: string }>("SELECT body FROM keys WHERE hash = ?", hash);
    return row ? (JSON.parse(row.body) as KeyRecord) : null;
  }
}
