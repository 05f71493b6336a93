/**
 * The API keys: made here, stored as hashes, sent to the database by the outbox and announced to
 * every instance, which judges calls by its copy. The secret of a key is in the answer that made it
 * and nowhere else. Keys of a backup come from the bucket: what is not exactly a key's record is
 * none. The only place that reads or writes the Coordinator's table `api_keys`.
 *
 * @module
 */

import type { CoordinatorContext } from "./context.ts";
import type { ControlStore } from "./control-store.ts";
import { ASK_MS, type Instances } from "./instances.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { KeyView } from "../../contract/access/answers.ts";
import { storedKey, type NewKey } from "../../contract/access/requests.ts";
import type { KeyOutcome, KeyRow } from "../../contract/backups/restore.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { KeyNews, KeyRecord } from "../shared/control.ts";
import { Refused } from "../shared/refusals.ts";
import { readOrdered, type SqlReader } from "../../storage/index.ts";
import { sha256Hex, toHex } from "../../util/hashing/hash.ts";
import { isoTime, isoTimeOrNull } from "../../util/time.ts";

/** Keys read from the database at once. */
const KEYS_AT_ONCE = 1_000;

interface ApiKeysPorts extends Pick<CoordinatorContext, "sql" | "transaction" | "now" | "wake"> {
  database: SqlReader;
  outbox: Pick<Outbox, "markDirty" | "flush">;
  controlStore: Pick<ControlStore, "audit" | "maxInstanceCount">;
  instances: Pick<Instances, "everywhere">;
}

export class ApiKeys {
  readonly #ports: ApiKeysPorts;
  /** Whether the keys that an earlier Coordinator stored were read from the database. */
  #isLoaded = false;
  /** They are to be read although there are keys here. */
  #mustReread = false;
  /** Names what is here: after a start nobody knows what instances have. */
  readonly #life = randomHex(8);
  #changes = 0;

  constructor(ports: ApiKeysPorts) {
    this.#ports = ports;
  }

  /** The database was restored: what it has is read again. */
  reread(): void {
    this.#isLoaded = false;
    this.#mustReread = true;
  }

  /**
   * Marks every key for the outbox: the database may be another by now, and must have them when
   * this object is lost.
   */
  resend(): void {
    this.#ports.transaction(() => {
      for (const { id } of this.#records()) this.#ports.outbox.markDirty("api_keys", [id]);
    });
  }

  /**
   * Decides about keys of a backup that an operator named. A key that is known here or in the
   * database stays as it is: a backup gives it nothing that it has not, neither scopes nor
   * namespaces nor time, and no revocation is taken back. One that nobody knows comes back as the
   * backup has it, and only from a backup that the service wrote. Answers when every instance
   * has them.
   *
   * @param authentic the backup and all that it continues was written with this BACKUP_KEY
   */
  async bringBack(
    rows: readonly KeyRow[],
    authentic: boolean,
    dryRun: boolean,
  ): Promise<KeyOutcome[]> {
    // What the restored database has of a key counts before what the backup says.
    this.reread();
    await this.#load();
    const present = this.#records();
    const fresh: KeyRecord[] = [];
    const outcomes = rows.map((row): KeyOutcome => {
      const decision = decide(row, authentic, [...present, ...fresh]);
      if ("record" in decision) fresh.push(decision.record);
      return { id: row.id, outcome: decision.outcome, reason: decision.reason };
    });
    if (dryRun || fresh.length === 0) return outcomes;

    for (const record of fresh) this.#put(record);
    await this.#announce(fresh);
    return outcomes;
  }

  /** Every key's record, for an instance's copy. */
  async all(): Promise<KeyRecord[]> {
    await this.#load();
    return this.#records();
  }

  /**
   * Every key's record for an instance that has not this version; reads none for one that has.
   *
   * @param known the version that the instance has; null: none
   */
  async news(known: string | null): Promise<KeyNews> {
    await this.#load();
    const version = `${this.#life}.${this.#changes}`;
    return { version, keys: version === known ? null : this.#records() };
  }

  /**
   * Makes a key; the key itself is in this answer only. Answers when every instance has it. Throws
   * `Refused` when there are too many.
   */
  async create(input: NewKey, by: string): Promise<KeyView & { key: string }> {
    await this.#load();
    this.#requireRoom();
    const { record, key } = await this.#made(input);
    this.#put(record);
    this.#audit(by, null, record);
    await this.#announce([record]);
    return { ...viewOf(record), key };
  }

  /**
   * Makes a key that may the same as this one, which ends after the overlap. Answers when every
   * instance has both. Throws `Refused` when there is no such key, it works no more, or there are
   * too many.
   */
  async rotate(id: string, overlapMs: number, by: string): Promise<KeyView & { key: string }> {
    await this.#load();
    const { now } = this.#ports;
    const old = this.#required(id);
    const endsAt = Date.parse(old.expires_at ?? "") || Infinity;
    if (old.revoked_at !== null || endsAt <= now())
      throw new Refused("conflict", `The key ${id} was revoked, or has expired. Make a new one.`);
    this.#requireRoom();
    const { name, scopes, namespaces, default_namespace, expires_at } = old;
    const same = { name, scopes, namespaces, default_namespace, expires_at };
    const { record, key } = await this.#made(same);
    const ending = { ...old, expires_at: isoTime(Math.min(endsAt, now() + overlapMs)) };
    for (const each of [record, ending]) this.#put(each);
    this.#audit(by, null, record);
    this.#audit(by, old, ending);
    await this.#announce([record, ending]);
    return { ...viewOf(record), key };
  }

  /** With when each was last used, as far as instances answer. */
  async list(): Promise<KeyView[]> {
    const { controlStore, instances } = this.#ports;
    const records = await this.all();
    const { maxInstanceCount } = controlStore;
    const answers = await instances.everywhere("keys_used", null, ASK_MS, maxInstanceCount);
    const used = new Map<string, number>();
    for (const { id, at } of answers.flatMap((answer) => ("value" in answer ? answer.value : [])))
      used.set(id, Math.max(at, used.get(id) ?? 0));
    return records.map((record) => ({
      ...viewOf(record),
      last_used_at: isoTimeOrNull(used.get(record.id) ?? null),
    }));
  }

  /**
   * Answers when every instance has heard of it, so that a revoked key works nowhere. Throws
   * `Refused` when there is no such key.
   */
  async revoke(id: string, by: string): Promise<KeyView> {
    await this.#load();
    const present = this.#required(id);
    const record = { ...present, revoked_at: present.revoked_at ?? this.#time() };
    this.#put(record);
    // Announced again, so that an instance which did not hear of it does now; but it was revoked
    // once.
    if (present.revoked_at === null) this.#audit(by, present, record);
    await this.#announce([record]);
    return viewOf(record);
  }

  /** A new key, which is not stored yet. */
  async #made(input: NewKey): Promise<{ record: KeyRecord; key: string }> {
    const id = randomHex(6);
    const key = `mk_${id}_${randomHex(24)}`;
    const created_at = this.#time();
    const hash = await sha256Hex(key);
    return { record: { id, ...input, created_at, revoked_at: null, hash }, key };
  }

  /** Throws `Refused` when there is no such key. */
  #required(id: string): KeyRecord {
    const present = this.#records().find((record) => record.id === id);
    if (!present) throw new Refused("not_found", `There is no key ${id}.`);
    return present;
  }

  /**
   * Writes down who made a key or ended one; null: there was, or is, none. Never a secret, nor its
   * hash.
   */
  #audit(by: string, from: KeyRecord | null, to: KeyRecord): void {
    this.#ports.controlStore.audit(by, "api_key", from && viewOf(from), viewOf(to));
  }

  /**
   * Resolves when every instance has these records; throws `Refused` when one has not heard of
   * them.
   */
  async #announce(keys: KeyRecord[]): Promise<void> {
    const { outbox, wake, controlStore, instances } = this.#ports;
    void outbox.flush().finally(wake);
    wake();
    const input = { keys, isComplete: false };
    const { maxInstanceCount } = controlStore;
    const answers = await instances.everywhere("keys", input, ASK_MS, maxInstanceCount);
    if (answers.every((answer) => "value" in answer)) return;
    const detail = "Not every instance has heard of the change yet. Repeat the request.";
    throw new Refused("not_ready", detail, { retry_after_s: 1 });
  }

  #time(): string {
    return isoTime(this.#ports.now());
  }

  /** All keys go to an instance together. */
  #requireRoom(): void {
    const [row] = this.#ports.sql.all<{ bytes: number | null }>(
      "SELECT sum(octet_length(body)) AS bytes FROM api_keys",
    );
    if ((row?.bytes ?? 0) < LIMITS.keys_bytes_max) return;
    const bound = `All keys together have at most ${LIMITS.keys_bytes_max} bytes`;
    const detail = `${bound}, revoked ones included. Use fewer keys, each for more.`;
    throw new Refused("limit_exceeded", detail);
  }

  #records(): KeyRecord[] {
    return this.#ports.sql
      .all<{ body: string }>("SELECT body FROM api_keys ORDER BY id")
      .map((row) => JSON.parse(row.body) as KeyRecord);
  }

  #put(record: KeyRecord): void {
    const { sql, transaction, outbox } = this.#ports;
    this.#changes += 1;
    transaction(() => {
      const body = JSON.stringify(record);
      sql.run(
        "INSERT OR REPLACE INTO api_keys (id, hash, body) VALUES (?, ?, ?)",
        record.id,
        record.hash,
        body,
      );
      outbox.markDirty("api_keys", [record.id]);
    });
  }

  /** A Coordinator that starts with nothing takes the keys that the database has. */
  async #load(): Promise<void> {
    if (this.#isLoaded || (!this.#mustReread && this.#hasAny())) return;
    const mine = new Map(this.#records().map((record) => [record.id, record]));
    for (let after = "", more = true; more;) {
      const slice = await readOrdered<{ id: string; hash: string }>(this.#ports.database, {
        from: "api_keys WHERE id > ?",
        order: "id",
        args: [after],
        bounds: { rows: KEYS_AT_ONCE },
        also: "id, hash",
      });
      for (const row of slice.rows) this.#take(row, mine.get(row.id));
      after = slice.rows.at(-1)?.id ?? after;
      more = slice.more;
    }
    this.#isLoaded = true;
    this.#mustReread = false;
  }

  #hasAny(): boolean {
    return this.#ports.sql.all("SELECT 1 AS n FROM api_keys LIMIT 1").length > 0;
  }

  /** Takes a row of the database where there is none here. */
  #take(row: KeyRow, mine: KeyRecord | undefined): void {
    this.#changes += 1;
    this.#ports.sql.run(
      "INSERT OR IGNORE INTO api_keys (id, hash, body) VALUES (?, ?, ?)",
      row.id,
      row.hash,
      row.body,
    );
    const { revoked_at } = JSON.parse(row.body) as KeyRecord;
    // Whoever heard of the revocation is right.
    if (mine?.revoked_at === null && revoked_at !== null) this.#put({ ...mine, revoked_at });
  }
}

type Decision =
  | { outcome: "known" | "refused"; reason: string }
  | { outcome: "brought_back"; reason: string; record: KeyRecord };

/** What becomes of a key of a backup, beside the keys that are there. */
function decide(row: KeyRow, authentic: boolean, present: readonly KeyRecord[]): Decision {
  const refused = (reason: string): Decision => ({ outcome: "refused", reason });
  if (present.some(({ id }) => id === row.id))
    return { outcome: "known", reason: "it is known, and stays as it is" };
  if (!authentic) return refused("nobody knows it, and the backup is not authentic");
  const record = recordOfBackup(row);
  if (!record) return refused("it is no key");
  if (present.some(({ hash }) => hash === record.hash))
    return refused("its secret is another key's");
  return {
    outcome: "brought_back",
    reason: "nobody knew it; it is as in the backup",
    record,
  };
}

function viewOf({ hash: _hash, ...view }: KeyRecord): KeyView {
  return { ...view, last_used_at: null };
}

function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** The record of a row of `api_keys`, with no field but those that a key has; null: it is none. */
function recordOfBackup({ id, hash, body }: KeyRow): KeyRecord | null {
  try {
    const record = storedKey.parse(JSON.parse(body));
    return record.id === id && record.hash === hash ? record : null;
  } catch {
    return null;
  }
}
