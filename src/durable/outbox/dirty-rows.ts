/**
 * Marks rows for the outbox: only those whose home this instance is, and recorded by call, so that
 * a call can wait until its rows are stored.
 *
 * @module
 */

import type { SqlValue, TableName } from "../../storage/index.ts";
import { homeTextOf } from "../shared/instance/placement.ts";
import { Moved } from "../shared/refusals.ts";
import type { Outbox } from "./outbox.ts";

/** A row by its key. */
export type DirtyRow = readonly [TableName, readonly SqlValue[]];

export interface DirtyRowsDeps {
  outbox: Pick<Outbox, "markDirty" | "markAllDirty">;
  /** Whether what has this text as its home is this instance's to change; null: it is. */
  isHome: (home: string | null) => boolean;
  /** Called after rows were marked. */
  onMarked: () => void;
}

export class DirtyRows {
  readonly #deps: DirtyRowsDeps;
  readonly #recordings = new Set<DirtyRow[]>();

  constructor(deps: DirtyRowsDeps) {
    this.#deps = deps;
  }

  /**
   * In the transaction that changes the row. Throws `Moved` when its home is elsewhere.
   *
   * @param bytes of its body; measured by default
   */
  markDirty(table: TableName, key: readonly SqlValue[], bytes?: number): void {
    this.#check(table, key);
    this.#deps.outbox.markDirty(table, key, bytes);
    this.#deps.onMarked();
  }

  /** Like `markDirty`, for many rows of one table, which all count as much. */
  markAllDirty(table: TableName, keys: readonly (readonly SqlValue[])[]): void {
    for (const key of keys) this.#check(table, key);
    this.#deps.outbox.markAllDirty(table, keys);
    this.#deps.onMarked();
  }

  /** Collects what is marked from now on, until the returned function is called. */
  record(): () => DirtyRow[] {
    const rows: DirtyRow[] = [];
    this.#recordings.add(rows);
    return () => {
      this.#recordings.delete(rows);
      return rows;
    };
  }

  #check(table: TableName, key: readonly SqlValue[]): void {
    if (!this.#deps.isHome(homeTextOf(table, key))) throw new Moved(table);
    for (const rows of this.#recordings) rows.push([table, key]);
  }
}
