/**
 * Erases a namespace everywhere. Writes to it wait while it happens, so that nothing acknowledged
 * afterwards is caught by it.
 *
 * @module
 */

import { eraseNamespace, fenceOff, TABLES, type TableName } from "../../../storage/index.ts";
import type { InstanceContext } from "../context.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Internals } from "../../shared/protocol.ts";
import { instanceName } from "../../shared/objects.ts";
import { isoTime } from "../../../util/time.ts";

/** After this an erasure that was cut short no longer holds writes back, ms. */
const ERASING_MS = 60_000;

export class Eraser {
  readonly #context: InstanceContext;
  readonly #outbox: Outbox;

  /** Until when each namespace takes no writes, ms since the epoch: what the table has. */
  readonly #until = new Map<string, number>();

  constructor(context: InstanceContext, outbox: Outbox) {
    this.#context = context;
    this.#outbox = outbox;
    for (const row of context.sql.all<{ namespace: string; until: number }>(
      "SELECT namespace, until FROM erasing",
    )) {
      this.#until.set(row.namespace, row.until);
    }
  }

  /**
   * Whether the namespace takes no writes for now. Asked with every write, so nothing is read for
   * it.
   */
  runs(namespace: string): boolean {
    return (this.#until.get(namespace) ?? 0) > this.#context.now();
  }

  /**
   * Throws `DatabaseError` when the database cannot be reached: then nothing, or only part, is
   * erased; repeat it.
   */
  async erase(namespace: string): Promise<string> {
    // Asked first, so that an outage is found before anything is dropped.
    await this.#context.database.all("SELECT 1 AS n");
    const writers = await this.#everywhere("erase_begin", namespace);
    try {
      // A batch on its way would bring back what it carries: it is shut out.
      const now = this.#context.now();
      const fences = writers.map(({ writer, batch }) => fenceOff(writer, batch, now));
      await this.#context.database.write([...fences, ...eraseNamespace(namespace)]);
    } finally {
      await this.#everywhere("erase_end", namespace);
    }
    return isoTime(this.#context.now());
  }

  /** Drops what this instance holds, and refuses writes until `end`. */
  begin(namespace: string): { writer: string; batch: number } {
    const { sql, now, transaction } = this.#context;
    const until = now() + ERASING_MS;
    sql.run("INSERT OR REPLACE INTO erasing (namespace, until) VALUES (?, ?)", namespace, until);
    this.#until.set(namespace, until);
    transaction(() => {
      this.#outbox.forget(namespace);
      for (const name of Object.keys(TABLES) as TableName[]) {
        if (name !== "api_keys") sql.run(`DELETE FROM ${name} WHERE namespace = ?`, namespace);
      }
      for (const name of ["cached", "pending_tasks", "task_failures", "relationships_loaded"]) {
        sql.run(`DELETE FROM ${name} WHERE namespace = ?`, namespace);
      }
    });
    return { writer: instanceName(this.#context.place().index), batch: this.#outbox.lastBatch() };
  }

  end(namespace: string): void {
    this.#until.delete(namespace);
    this.#context.sql.run("DELETE FROM erasing WHERE namespace = ?", namespace);
  }

  #everywhere<N extends "erase_begin" | "erase_end">(
    name: N,
    namespace: string,
  ): Promise<Internals[N]["output"][]> {
    return Promise.all(
      Array.from({ length: this.#context.instanceCount() }, (_, index) =>
        this.#context.ask(index, name, { namespace }),
      ),
    );
  }
}
