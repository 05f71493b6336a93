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

export type MarkedRow = readonly [TableName, readonly SqlValue[]];

export interface MarksPorts {
  outbox: Pick<Outbox, "mark" | "markAll">;
  /** Whether what has this text as its home is this instance's to change. */
  owns: (home: string | null) => boolean;
  /** Told after rows were marked. */
  marked: () => void;
}

export class Marks {
  readonly #ports: MarksPorts;
  readonly #recorders = new Set<MarkedRow[]>();

  constructor(ports: MarksPorts) {
    this.#ports = ports;
  }

  /**
   * In the transaction that changes the row. Throws `Moved`.
   *
   * @param bytes of its body; measured by default
   */
  dirty(table: TableName, key: readonly SqlValue[], bytes?: number): void {
    this.#check(table, key);
    this.#ports.outbox.mark(table, key, bytes);
    this.#ports.marked();
  }

  /** Like `dirty`, for derived rows. */
  dirtyAll(table: TableName, keys: readonly (readonly SqlValue[])[]): void {
    for (const key of keys) this.#check(table, key);
    this.#ports.outbox.markAll(table, keys);
    this.#ports.marked();
  }

  /** Collects what is marked from now on, until the returned function is called. */
  record(): () => MarkedRow[] {
    const marks: MarkedRow[] = [];
    this.#recorders.add(marks);
    return () => {
      this.#recorders.delete(marks);
      return marks;
    };
  }

  #check(table: TableName, key: readonly SqlValue[]): void {
    if (!this.#ports.owns(homeTextOf(table, key))) throw new Moved(table);
    for (const marks of this.#recorders) marks.push([table, key]);
  }
}
