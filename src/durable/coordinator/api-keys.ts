/**
 * The Coordinator's keys: made here, stored as hashes, and told to every instance.
 *
 * @module
 */

import type { KeyView } from "../../contract/operations.ts";
import type { KeyOutcome, KeyRow } from "../../contract/jobs.ts";
import { LIMITS } from "../../contract/limits.ts";
import { readOrdered, type LocalSql, type SqlReader } from "../../storage/index.ts";
import { recordOfBackup } from "./api-key-rows.ts";
import type { KeyRecord, NewKey } from "../shared/protocol.ts";
import { Refused } from "../shared/refusals.ts";
import { sha256Hex, toHex } from "../../util/hash.ts";
import { isoTime } from "../../util/time.ts";

/** Keys read from the database at once. */
const KEYS_AT_ONCE = 1_000;

export interface ApiKeysPorts {
  sql: LocalSql;
  transaction: <T>(work: () => T) => T;
  database: SqlReader;
  /** Marks a key's row for the outbox. */
  mark: (id: string) => void;
  /** Resolves when every instance knows. */
  tell: (records: KeyRecord[]) => Promise<void>;
  /**
   * Writes down who made a key or ended one; null: there was, or is, none. Never a secret, nor its
   * hash.
   */
  audit: (by: string, from: KeyView | null, to: KeyView) => void;
}

export class ApiKeys {
  readonly #ports: ApiKeysPorts;
  /** Whether the keys that an earlier Coordinator stored were looked for. */
  #restored = false;
  /** Although there are keys here. */
  #reread = false;

  constructor(ports: ApiKeysPorts) {
    this.#ports = ports;
  }

  /** The database was restored: what it has is looked for again. */
  reread(): void {
    this.#restored = false;
    this.#reread = true;
  }

  /**
   * Marks every key for the outbox: the database may be another by now, and must have them when
   * this object is lost.
   */
  resend(): void {
    this.#ports.transaction(() => {
      for (const { id } of this.#records()) this.#ports.mark(id);
    });
  }

  /**
   * Decides about keys of a backup that an operator named. A key that is known here or in the
   * database stays as it is known: a backup gives it nothing that it has not, neither scopes nor
   * namespaces nor time, and no revocation is taken back. One that nobody knows comes back as the
   * backup has it, and only from a backup that the service wrote. Answers when every instance
   * knows.
   *
   * @param authentic the backup and all that it continues was written with this BACKUP_KEY
   */
  async bringBack(
    rows: readonly KeyRow[],
    authentic: boolean,
    dryRun: boolean,
  ): Promise<KeyOutcome[]> {
    // What the restored database knows of a key counts before what the backup says.
    this.#restored = false;
    this.#reread = true;
    await this.#restore();
    const known = this.#records();
    const fresh: KeyRecord[] = [];
    const outcomes = rows.map((row): KeyOutcome => {
      const { id } = row;
      if (known.some((record) => record.id === id)) {
        return { id, outcome: "known", reason: "it is known, and stays as it is" };
      }
      if (!authentic)
        return {
          id,
          outcome: "refused",
          reason: "nobody knows it, and the backup is not authentic",
        };
      const record = recordOfBackup(row);
      if (!record) return { id, outcome: "refused", reason: "it is no key" };
      if ([...known, ...fresh].some(({ hash }) => hash === record.hash)) {
        return { id, outcome: "refused", reason: "its secret is another key's" };
      }
      fresh.push(record);
      return { id, outcome: "brought_back", reason: "nobody knew it; it is as in the backup" };
    });
    if (dryRun || fresh.length === 0) return outcomes;
    for (const record of fresh) this.#put(record);
    await this.#ports.tell(fresh);
    return outcomes;
  }

  /** Every key's record, for an instance's copy. */
  async all(): Promise<KeyRecord[]> {
    await this.#restore();
    return this.#records();
  }

  /** The key itself is in this answer only. */
  async create(input: NewKey, by: string): Promise<KeyView & { key: string }> {
    await this.#restore();
    this.#requireRoom();
    const id = randomHex(6);
    const key = `mk_${id}_${randomHex(24)}`;
    const created_at = isoTime(Date.now());
    const record: KeyRecord = {
      id,
      ...input,
      created_at,
      revoked_at: null,
      hash: await sha256Hex(key),
    };
    this.#put(record);
    this.#ports.audit(by, null, viewOf(record));
    await this.#ports.tell([record]);
    return { ...viewOf(record), key };
  }

  async list(): Promise<KeyView[]> {
    return (await this.all()).map(viewOf);
  }

  /** Answers when every instance knows, so that a revoked key works nowhere. */
  async revoke(id: string, by: string): Promise<KeyView> {
    await this.#restore();
    const known = this.#records().find((record) => record.id === id);
    if (!known) throw new Refused("not_found", `There is no key ${id}.`);
    const record = { ...known, revoked_at: known.revoked_at ?? isoTime(Date.now()) };
    this.#put(record);
    // Said again, so that an instance which did not hear it does now; but it was revoked once.
    if (known.revoked_at === null) this.#ports.audit(by, viewOf(known), viewOf(record));
    await this.#ports.tell([record]);
    return viewOf(record);
  }

  /** All keys go to an instance together. */
  #requireRoom(): void {
    const [row] = this.#ports.sql.all<{ bytes: number | null }>(
      "SELECT sum(octet_length(body)) AS bytes FROM api_keys",
    );
    if ((row?.bytes ?? 0) < LIMITS.keys_bytes_max) return;
    const detail = `All keys together have at most ${LIMITS.keys_bytes_max} bytes, revoked ones included. Use fewer keys, each for more.`;
    throw new Refused("limit_exceeded", detail);
  }

  #records(): KeyRecord[] {
    return this.#ports.sql
      .all<{ body: string }>("SELECT body FROM api_keys ORDER BY id")
      .map((row) => JSON.parse(row.body) as KeyRecord);
  }

  #put(record: KeyRecord): void {
    const { sql, transaction, mark } = this.#ports;
    transaction(() => {
      const body = JSON.stringify(record);
      sql.run(
        "INSERT OR REPLACE INTO api_keys (id, hash, body) VALUES (?, ?, ?)",
        record.id,
        record.hash,
        body,
      );
      mark(record.id);
    });
  }

  /** A Coordinator that starts with nothing takes the keys that the database has. */
  async #restore(): Promise<void> {
    if (this.#restored || (!this.#reread && this.#records().length > 0)) return;
    const known = new Map(this.#records().map((record) => [record.id, record]));
    for (let after = "", more = true; more;) {
      const slice = await readOrdered<{ id: string; hash: string }>(this.#ports.database, {
        from: "api_keys WHERE id > ?",
        order: "id",
        args: [after],
        bounds: { rows: KEYS_AT_ONCE },
        also: "id, hash",
      });
      for (const { id, hash, body } of slice.rows) {
        this.#ports.sql.run(
          "INSERT OR IGNORE INTO api_keys (id, hash, body) VALUES (?, ?, ?)",
          id,
          hash,
          body,
        );
        const mine = known.get(id);
        const { revoked_at } = JSON.parse(body) as KeyRecord;
        // Whoever heard of the revocation is right.
        if (mine?.revoked_at === null && revoked_at !== null) this.#put({ ...mine, revoked_at });
      }
      after = slice.rows.at(-1)?.id ?? after;
      more = slice.more;
    }
    this.#restored = true;
    this.#reread = false;
  }
}

function viewOf({ hash: _hash, ...view }: KeyRecord): KeyView {
  return view;
}

function randomHex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}
