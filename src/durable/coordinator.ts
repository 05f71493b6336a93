/**
 * What is global: the keys, and whose turn it is to write to the database. One Durable Object.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import { parseSettings, type Env, type Settings } from "../env.ts";
import type { KeyView, Result } from "../memory/operations.ts";
import { migrated, openDatabase, SCHEMA, type Database, type LocalSql } from "../storage/index.ts";
import { Alarm, localSql, logEvent } from "./local-storage.ts";
import { createOutbox, OUTBOX_SCHEMA, type Outbox } from "./outbox.ts";
import type { CoordinatorRpc, KeyRecord, NewKey } from "./protocol.ts";
import { Refused, failureOf } from "./refused.ts";
import { Turns } from "./turns.ts";

export const COORDINATOR_NAME = "coordinator";

export class Coordinator extends DurableObject<Env> implements CoordinatorRpc {
  readonly #sql: LocalSql;
  readonly #settings: Settings;
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;
  readonly #database: Database;
  readonly #turns = new Turns();
  /** Whether the keys that an earlier Coordinator stored were looked for. */
  #restored = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = parseSettings(env);
    this.#sql = localSql(ctx.storage);
    this.#alarm = new Alarm(ctx.storage);
    for (const statement of [...SCHEMA, ...OUTBOX_SCHEMA]) this.#sql.run(statement);
    const { databaseUrl: url, databaseToken: authToken, databaseTimeoutMs: timeoutMs } = this.#settings;
    this.#database = migrated(openDatabase({ url, authToken, timeoutMs }), Date.now);
    this.#outbox = createOutbox({
      sql: this.#sql,
      transaction: (work) => ctx.storage.transactionSync(work),
      database: this.#database,
      now: Date.now,
      random: Math.random,
      turn: async (work) => {
        const token = await this.#turns.take();
        try {
          return await work();
        } finally {
          this.#turns.giveBack(token);
        }
      },
      log: logEvent,
    });
    this.#schedule();
  }

  takeTurn(): Promise<number> {
    return this.#turns.take();
  }

  async giveTurnBack(token: number): Promise<void> {
    this.#turns.giveBack(token);
  }

  /** Every key's record, for an instance's copy. */
  async allKeys(): Promise<KeyRecord[]> {
    await this.#restore();
    return this.#keys();
  }

  async createKey(input: NewKey): Promise<Result<KeyView & { key: string }>> {
    return this.#answer(async () => {
      await this.#restore();
      const id = hex(6);
      const key = `mk_${id}_${hex(24)}`;
      const record: KeyRecord = {
        id,
        ...input,
        created_at: new Date().toISOString(),
        revoked_at: null,
        hash: await sha256(key),
      };
      this.#put(record);
      await this.#push([record]);
      return { ...viewOf(record), key };
    });
  }

  async listKeys(): Promise<Result<KeyView[]>> {
    return this.#answer(async () => (await this.allKeys()).map(viewOf));
  }

  /** Answers when every instance knows, so that a revoked key works nowhere. */
  async revokeKey(id: string): Promise<Result<KeyView>> {
    return this.#answer(async () => {
      await this.#restore();
      const known = this.#keys().find((record) => record.id === id);
      if (!known) throw new Refused("not_found", `There is no key ${id}.`);
      const record = { ...known, revoked_at: known.revoked_at ?? new Date().toISOString() };
      this.#put(record);
      await this.#push([record]);
      return viewOf(record);
    });
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    await this.#outbox.flush();
    this.#schedule();
  }

  #keys(): KeyRecord[] {
    return this.#sql
      .all<{ body: string }>("SELECT body FROM api_keys ORDER BY id")
      .map((row) => JSON.parse(row.body) as KeyRecord);
  }

  #put(record: KeyRecord): void {
    this.ctx.storage.transactionSync(() => {
      this.#sql.run(
        "INSERT OR REPLACE INTO api_keys (id, hash, body) VALUES (?, ?, ?)",
        record.id,
        record.hash,
        JSON.stringify(record),
      );
      this.#outbox.mark("api_keys", [record.id]);
    });
    void this.#outbox.flush().finally(() => this.#schedule());
    this.#schedule();
  }

  async #push(keys: KeyRecord[]): Promise<void> {
    const count = this.#settings.instanceCount;
    const sent = await Promise.allSettled(
      Array.from({ length: count }, async (_, index) => {
        const stub = this.env.MEMORY_INSTANCE.getByName(`instance-${index}`);
        await stub.internal({ index, count }, "keys", { keys, complete: false });
      }),
    );
    if (sent.some((result) => result.status === "rejected")) {
      throw new Refused("not_ready", "Not every instance has heard of the change yet. Repeat the request.", {
        retry_after_s: 1,
      });
    }
  }

  /** A Coordinator that starts with nothing takes the keys that the database has. */
  async #restore(): Promise<void> {
    if (this.#restored || this.#keys().length > 0) return;
    const rows = await this.#database.all<{ id: string; hash: string; body: string }>(
      "SELECT id, hash, body FROM api_keys",
    );
    for (const { id, hash, body } of rows) {
      this.#sql.run("INSERT OR IGNORE INTO api_keys (id, hash, body) VALUES (?, ?, ?)", id, hash, body);
    }
    this.#restored = true;
  }

  #schedule(): void {
    const at = this.#outbox.nextAt();
    if (at !== null) this.#alarm.wake(Math.max(at, Date.now() + 1_000));
  }

  async #answer<T>(work: () => Promise<T>): Promise<Result<T>> {
    try {
      return { ok: true, value: await work(), namespace: "", durability: "queued", replayed: false };
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      return { ok: false, error: failure };
    }
  }
}

function viewOf({ hash: _hash, ...view }: KeyRecord): KeyView {
  return view;
}

function hex(bytes: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(bytes)));
}

async function sha256(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
