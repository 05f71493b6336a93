/**
 * Marks rows for the outbox: only what lives here, and so that whoever waits for a call's rows
 * knows which they are.
 *
 * @module
 */

import type { SqlValue, TableName } from "../../storage/index.ts";
import type { Outbox } from "./outbox.ts";
import { Moved } from "../shared/refusals.ts";
import { homeTextOf } from "../shared/placement.ts";

export type DirtyRow = readonly [TableName, readonly SqlValue[]];

export interface DirtyRowsPorts {
  outbox: Pick<Outbox, "markDirty" | "markAllDirty">;
  /** Whether what has this text as its home is this instance's to change. */
  isHome: (home: string | null) => boolean;
  /** Told after rows were marked. */
  onMarked: () => void;
}

export class DirtyRows {
  readonly #ports: DirtyRowsPorts;
  readonly #recorders = new Set<DirtyRow[]>();

  constructor(ports: DirtyRowsPorts) {
    this.#ports = ports;
  }

  /**
   * In the transaction that changes the row. Throws `Moved`.
   *
   * @param bytes of its body; measured by default
   */
  markDirty(table: TableName, key: readonly SqlValue[], bytes?: number): void {
    this.#check(table, key);
    this.#ports.outbox.markDirty(table, key, bytes);
    this.#ports.onMarked();
  }

  /** Like `dirty`, for derived rows. */
  markAllDirty(table: TableName, keys: readonly (readonly SqlValue[])[]): void {
    for (const key of keys) this.#check(table, key);
    this.#ports.outbox.markAllDirty(table, keys);
    this.#ports.onMarked();
  }

  /** Collects what is marked from now on, until the returned function is called. */
  record(): () => DirtyRow[] {
    const marks: DirtyRow[] = [];
    this.#recorders.add(marks);
    return () => {
      this.#recorders.delete(marks);
      return marks;
    };
  }

  #check(table: TableName, key: readonly SqlValue[]): void {
    if (!this.#ports.isHome(homeTextOf(table, key))) throw new Moved(table);
    for (const marks of this.#recorders) marks.push([table, key]);
  }
}
