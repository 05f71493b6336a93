/**
 * Authorises calls by this instance's copy of the API keys, so that no request waits for the
 * Coordinator. A revocation that was heard is never taken back, in whatever order news arrives. The
 * owner of the tables `keys` and `key_uses`.
 *
 * @module
 */

import { NAMESPACE_PATTERN } from "../../../contract/limits.ts";
import type { Call } from "../../../contract/call.ts";
import type { Scope } from "../../../contract/vocabulary.ts";
import type { LocalSql } from "../../../storage/index.ts";
import type { KeyRecord } from "../../shared/control.ts";
import type { Part } from "../../shared/context.ts";
import { Refused } from "../../shared/refusals.ts";
import { BoundedMap } from "../../../util/bounded-map.ts";
import type { InstanceContext } from "../context.ts";
import type { CoordinatorPort } from "../platform.ts";
import type { Tenant } from "./fair-turns.ts";

export const API_KEYS_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS keys (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT`,
  `CREATE TABLE IF NOT EXISTS key_uses (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT`,
];

/** When a key was last used is noted so coarsely: a write an hour, and none a call, ms. */
const USED_EVERY_MS = 3_600_000;
/** It is stored after this, ms: a crash loses no more. */
const SAVED_AFTER_MS = 1_000;

/**
 * An unknown key makes the instance ask the Coordinator for news, but no more often than this, ms:
 * each time that there were none it waits twice as long, up to the last. So long a key may be
 * unknown that the instance was not told of.
 */
const PULL_INTERVAL_MS = 1_000;
const PULL_INTERVAL_MAX_MS = 8_000;
/** Who calls with ADMIN_TOKEN. */
const OPERATOR = "operator";
/** Whose calls are those that no key of here lets in. */
const NOBODY: Tenant = { key: "nobody", namespace: "" };
/** Keys whose last use is answered, those first that were used last. */
const USES_ANSWERED = 10_000;
/** Records that are kept in memory. */
const RECORDS_MAX = 1_000;

type ApiKeyCopiesContext = Pick<InstanceContext, "sql" | "transaction" | "now" | "log"> & {
  /** Whose writes leave nothing to do. */
  sqlOfCounts: LocalSql;
  /** Does work after so many ms, outside of the call. */
  later: (work: () => void, ms: number) => void;
};

export class ApiKeyCopies implements Part {
  readonly schema = API_KEYS_SCHEMA;
  readonly #context: ApiKeyCopiesContext;
  readonly #sql: LocalSql;
  readonly #coordinator: () => Pick<CoordinatorPort, "keys">;
  #pulledAt = Number.NEGATIVE_INFINITY;
  #pullInterval = PULL_INTERVAL_MS;
  /** What the Coordinator had when it was asked last; null: nobody knows. */
  #version: string | null = null;
  #pulling: Promise<void> | null = null;
  /** Rises with each time that keys were accepted. */
  #acceptances = 0;
  /** The hour in which keys were last noted to be used, by their ids. */
  readonly #uses = new BoundedMap<string, number>(RECORDS_MAX);
  /** Those that are not stored yet. */
  readonly #unsaved = new Map<string, number>();
  /** Records that were read recently; emptied when keys are accepted. */
  readonly #records = new BoundedMap<string, KeyRecord>(RECORDS_MAX);

  constructor(context: ApiKeyCopiesContext, coordinator: () => Pick<CoordinatorPort, "keys">) {
    this.#context = context;
    this.#sql = context.sql;
    this.#coordinator = coordinator;
  }

  /**
   * Takes keys from the Coordinator, and writes those that are other than here. isComplete: keys
   * that are not named exist no more.
   *
   * @returns whether there were any
   */
  accept(keys: readonly KeyRecord[], isComplete: boolean): boolean {
    this.#acceptances += 1;
    const present = this.#bodies(isComplete ? null : keys);
    const other = keys.filter((key) => {
      const before = present.get(key.hash);
      present.delete(key.hash);
      // News may overtake each other; a revocation is never taken back.
      return before !== JSON.stringify(key) && (before === undefined || !isRevoked(before));
    });
    const gone = isComplete ? [...present.keys()] : [];
    if (other.length === 0 && gone.length === 0) return false;

    this.#pullInterval = PULL_INTERVAL_MS;
    this.#records.clear();
    this.#context.transaction(() => {
      for (const hash of gone) this.#sql.run("DELETE FROM keys WHERE hash = ?", hash);
      const text = "INSERT OR REPLACE INTO keys (hash, body) VALUES (?, ?)";
      for (const key of other) this.#sql.run(text, key.hash, JSON.stringify(key));
    });
    return true;
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
    if (!key || !this.#isValid(key))
      throw new Refused("unauthenticated", "The key is unknown, expired or revoked.");
    if (!key.scopes.includes(scope))
      throw new Refused("forbidden", `This needs a key with the scope "${scope}".`);
    const namespace = call.namespace ?? call.grant?.namespace ?? key.default_namespace;
    requireGranted(call, scope, namespace);
    if (!key.namespaces.includes("*") && !key.namespaces.includes(namespace))
      throw new Refused("forbidden", `The key has no access to the namespace "${namespace}".`);
    this.#used(key.id);
    return namespace;
  }

  /** When keys were last used here, to the hour, ms since the epoch. */
  used(): { id: string; at: number }[] {
    const stored = this.#sql.all<{ id: string; at: number }>(
      "SELECT id, at FROM key_uses ORDER BY at DESC LIMIT ?",
      USES_ANSWERED,
    );
    const uses = new Map([...stored.map(({ id, at }) => [id, at] as const), ...this.#unsaved]);
    return [...uses].map(([id, at]) => ({ id, at }));
  }

  /** Stored a moment later: a call that reads must not fail because it wrote to a damaged storage. */
  #used(id: string): void {
    const now = this.#context.now();
    const at = now - (now % USED_EVERY_MS);
    if (this.#uses.get(id) === at) return;
    this.#uses.set(id, at);
    if (this.#unsaved.size === 0) this.#context.later(() => this.#save(), SAVED_AFTER_MS);
    this.#unsaved.set(id, at);
  }

  #save(): void {
    const unsaved = [...this.#unsaved];
    this.#unsaved.clear();
    const text = "INSERT OR REPLACE INTO key_uses (id, at) VALUES (?, ?)";
    try {
      for (const [id, at] of unsaved) this.#context.sqlOfCounts.run(text, id, at);
    } catch {
      // A damaged storage is named by whoever met it: it is noted again in the next hour.
    }
  }

  /** Who makes a call that was authorised: the id of its key; "operator" for ADMIN_TOKEN. */
  nameOf({ root, key_hash }: Call): string {
    return root || key_hash === null ? OPERATOR : (this.#local(key_hash)?.id ?? OPERATOR);
  }

  /** The id of the key that a call shows, whether or not it may; null: it is not known here. */
  idOf({ root, key_hash }: Call): string | null {
    if (root) return OPERATOR;
    return key_hash === null ? null : (this.#local(key_hash)?.id ?? null);
  }

  /**
   * Whose work a call is, before it is authorised: by key and namespace. All that no key of here
   * lets in are one.
   */
  tenantOf(call: Call): Tenant {
    const { root, key_hash, namespace } = call;
    if (root) return { key: OPERATOR, namespace: namespace ?? "default" };
    const record = key_hash === null ? null : this.#local(key_hash);
    const asked = namespace ?? call.grant?.namespace ?? record?.default_namespace ?? "";
    const mayAsk = record?.namespaces.some((own) => own === "*" || own === asked) === true;
    if (!record || !mayAsk || !this.#isValid(record)) return NOBODY;
    return { key: record.id, namespace: asked };
  }

  /** The namespaces that the caller of an authorised call may see; null: all of them. */
  namespacesOf({ root, key_hash, grant }: Call): readonly string[] | null {
    if (grant) return [grant.namespace];
    const record = root || key_hash === null ? null : this.#local(key_hash);
    if (root || record?.namespaces.includes("*")) return null;
    return record?.namespaces ?? [];
  }

  #isValid({ revoked_at, expires_at }: KeyRecord): boolean {
    const isExpired = expires_at !== null && Date.parse(expires_at) <= this.#context.now();
    return revoked_at === null && !isExpired;
  }

  async #find(hash: string | null): Promise<KeyRecord | null> {
    if (hash === null) return null;
    const record = this.#local(hash);
    if (record) return record;
    if (!this.#pulling) {
      const now = this.#context.now();
      if (now - this.#pulledAt < this.#pullInterval) return null;
      this.#pulledAt = now;
      this.#pulling = this.#pull().finally(() => {
        this.#pulling = null;
      });
    }
    // Whoever comes while the Coordinator is asked waits for the same answer.
    await this.#pulling;
    return this.#local(hash);
  }

  async #pull(): Promise<void> {
    const before = this.#acceptances;
    try {
      const answer = await this.#coordinator().keys(this.#version);
      const { version, keys } = Array.isArray(answer) ? { version: null, keys: answer } : answer;
      // What was pushed meanwhile may be newer than this answer, which does not name it then.
      const isNews = keys !== null && this.accept(keys, this.#acceptances === before);
      if (!isNews) this.#pullInterval = Math.min(2 * this.#pullInterval, PULL_INTERVAL_MAX_MS);
      this.#version = version;
    } catch (error) {
      this.#pulledAt = Number.NEGATIVE_INFINITY;
      const reason = String(error);
      this.#context.log({ event: "keys_pull_failed", level: "warn", reason });
      const detail = "The key cannot be checked at the moment. Try again.";
      throw new Refused("not_ready", detail, { retry_after_s: 1 });
    }
  }

  #local(hash: string): KeyRecord | null {
    const kept = this.#records.get(hash);
    if (kept) return kept;
    const text = "SELECT body FROM keys WHERE hash = ?";
    const [row] = this.#sql.all<{ body: string }>(text, hash);
    if (!row) return null;
    const record = JSON.parse(row.body) as KeyRecord;
    this.#records.set(hash, record);
    return record;
  }

  /** The records that are here as they are stored, by their hashes: of these keys; null: all. */
  #bodies(of: readonly KeyRecord[] | null): Map<string, string> {
    const text = "SELECT hash, body FROM keys";
    const hashes = of && JSON.stringify(of.map(({ hash }) => hash));
    const rows =
      hashes === null
        ? this.#sql.all<{ hash: string; body: string }>(text)
        : this.#sql.all<{ hash: string; body: string }>(
            `${text} WHERE hash IN (SELECT value FROM json_each(?))`,
            hashes,
          );
    return new Map(rows.map(({ hash, body }) => [hash, body]));
  }
}

/** @param body of a stored record */
function isRevoked(body: string): boolean {
  return (JSON.parse(body) as KeyRecord).revoked_at !== null;
}

/** Throws `Refused` for what the grant that a call was let in by does not allow. */
function requireGranted({ grant }: Call, scope: Scope, namespace: string): void {
  if (!grant) return;
  if (!grant.scopes.includes(scope))
    throw new Refused("forbidden", `The grant has not the scope "${scope}". Connect again.`);
  if (grant.namespace !== namespace)
    throw new Refused("forbidden", `The grant is not for the namespace "${namespace}".`);
}
