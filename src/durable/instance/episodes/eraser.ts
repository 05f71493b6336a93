/**
 * Erases a namespace everywhere: in every instance and in the database. Writes to it wait while it
 * happens, so that nothing acknowledged afterwards is caught by it. The owner of the table
 * `erasing`.
 *
 * @module
 */

import {
  eraseNamespace,
  fenceOff,
  TABLE_NAMES,
  TABLES,
  type LocalSql,
} from "../../../storage/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { InternalInput, InternalOutput } from "../../shared/instance/protocol.ts";
import { instanceName } from "../../shared/objects.ts";
import type { Part } from "../../shared/parts/part.ts";
import { instanceTables } from "../../shared/tables/instance-tables.ts";
import type { InstanceContext } from "../context.ts";
import type { TaskFailures } from "./tasks/task-failures.ts";
import { isoTime } from "../../../util/time.ts";

const ERASING_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS erasing (namespace TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT`,
];

/** After this an erasure that was cut short no longer holds writes back, ms. */
const ERASING_MS = 60_000;

export interface EraserDeps {
  context: Pick<
    InstanceContext,
    "sql" | "transaction" | "database" | "now" | "place" | "instanceCount" | "ask"
  >;
  outbox: Outbox;
  failures: TaskFailures;
}

export class Eraser implements Part {
  readonly schema = ERASING_SCHEMA;
  readonly #deps: EraserDeps;
  readonly #sql: LocalSql;
  /** Until when each namespace takes no writes, ms since the epoch: the table's rows, once read. */
  #until: Map<string, number> | null = null;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
    this.#sql = deps.context.sql;
  }

  /**
   * Whether the namespace takes no writes for now. Asked with every write, so nothing is read for
   * it.
   */
  isErasing(namespace: string): boolean {
    return (this.#rows().get(namespace) ?? 0) > this.#deps.context.now();
  }

  /**
   * Erases the namespace; answers with when, RFC 3339. Throws `DatabaseError` when the database
   * cannot be reached: then nothing, or only part, is erased; repeat it.
   */
  async erase(namespace: string): Promise<string> {
    const { database, now } = this.#deps.context;
    // Asked first, so that an outage is found before anything is dropped.
    await database.all("SELECT 1 AS n");
    const writers = await this.#everywhere("erase_begin", { namespace });
    try {
      // A batch on its way would bring back what it carries: it is shut out.
      const fences = writers.map(({ writer, batch }) => fenceOff(writer, batch, now()));
      await database.write([...fences, ...eraseNamespace(namespace)]);
    } finally {
      await this.#everywhere("erase_end", { namespace });
    }
    return isoTime(now());
  }

  /**
   * Drops what this instance holds, and refuses writes until `end`. Answers with the last batch
   * that may still carry something of it.
   */
  begin(namespace: string): InternalOutput<"erase_begin"> {
    const { context, outbox, failures } = this.#deps;
    const until = context.now() + ERASING_MS;
    const text = "INSERT OR REPLACE INTO erasing (namespace, until) VALUES (?, ?)";
    this.#sql.run(text, namespace, until);
    this.#rows().set(namespace, until);

    const tables = [
      ...TABLE_NAMES.filter((name) => TABLES[name].home !== "coordinator"),
      ...instanceTables(({ of }) => of === "episode" || of === "namespace"),
    ];
    context.transaction(() => {
      outbox.clearNamespace(namespace);
      failures.forgetNamespace(namespace);
      for (const table of tables)
        this.#sql.run(`DELETE FROM ${table} WHERE namespace = ?`, namespace);
    });
    return { writer: instanceName(context.place().index), batch: outbox.lastBatch() };
  }

  end(namespace: string): void {
    this.#rows().delete(namespace);
    this.#sql.run("DELETE FROM erasing WHERE namespace = ?", namespace);
  }

  #rows(): Map<string, number> {
    this.#until ??= new Map(
      this.#sql
        .all<{ namespace: string; until: number }>("SELECT namespace, until FROM erasing")
        .map((row) => [row.namespace, row.until]),
    );
    return this.#until;
  }

  #everywhere<N extends "erase_begin" | "erase_end">(
    name: N,
    input: InternalInput<N>,
  ): Promise<InternalOutput<N>[]> {
    const { instanceCount, ask } = this.#deps.context;
    const indexes = Array.from({ length: instanceCount() }, (_, index) => index);
    return Promise.all(indexes.map((index) => ask(index, name, input)));
  }
}
