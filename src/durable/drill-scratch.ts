/**
 * A scratch place for restore drills: a Durable Object whose SQLite takes a whole backup and is
 * emptied afterwards. It is there in production and locally, costs the database nothing (which
 * would never shrink again), and is the same engine with the same schema.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import {
  CHANGES_TABLE,
  FENCE_SCHEMA,
  PATTERNS_TABLE,
  RESTORE_SCHEMA,
  SCHEMA,
  type Row,
  type SqlValue,
  type Statement,
} from "../storage/index.ts";
import type { ScratchAnswer, ScratchRpc } from "./shared/objects.ts";

const TABLES = [...SCHEMA, PATTERNS_TABLE, ...FENCE_SCHEMA, CHANGES_TABLE, ...RESTORE_SCHEMA];

export class DrillScratch extends DurableObject<Env> implements ScratchRpc {
  async clear(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }

  async write(statements: readonly Statement[]): Promise<ScratchAnswer<null>> {
    return this.#try(() => {
      this.ctx.storage.transactionSync(() => {
        for (const { sql, args } of statements) this.ctx.storage.sql.exec(sql, ...args);
      });
      return null;
    });
  }

  async all(sql: string, args: readonly SqlValue[]): Promise<ScratchAnswer<Row[]>> {
    return this.#try(() => this.ctx.storage.sql.exec(sql, ...args).toArray() as unknown as Row[]);
  }

  #try<T>(work: () => T): ScratchAnswer<T> {
    try {
      for (const statement of TABLES) this.ctx.storage.sql.exec(statement);
      return { value: work() };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }
}
