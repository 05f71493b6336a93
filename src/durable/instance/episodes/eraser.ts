/**
 * Erases a namespace everywhere: in every instance and in the database. Writes to it wait while it
 * happens, so that nothing acknowledged afterwards is caught by it. The owner of the table
 * `erasing`.
 *
 * @module
 */

import { eraseNamespace, fenceOff, type LocalSql } from "../../../storage/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { InternalOutput } from "../../shared/instance/protocol.ts";
import { tablesOfShards } from "../../shared/instance/placement.ts";
import { instanceName } from "../../shared/objects.ts";
import type { Part } from "../../shared/context.ts";
import { instanceTables } from "../../shared/tables/instance-tables.ts";
import type { InstanceContext } from "../context.ts";
import type { Knowledge } from "../knowledge/index.ts";
import type { TaskFailures } from "./tasks/task-failures.ts";
import { isWaitOver } from "../../../util/backoff.ts";
import { isoTime } from "../../../util/time.ts";

const ERASING_SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS erasing (namespace TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT`,
];

/** After this an erasure that was cut short no longer holds writes back, ms. */
const ERASING_MS = 60_000;

export class Eraser implements Part {
  readonly schema = ERASING_SCHEMA;
  readonly #context: InstanceContext;
  readonly #sql: LocalSql;
  readonly #outbox: Outbox;
  readonly #failures: TaskFailures;
  readonly #knowledge: Knowledge;
  /** Until when each namespace takes no writes, ms since the epoch: the table's rows, once read. */
  #until: Map<string, number> | null = null;

  constructor(
    context: InstanceContext,
    outbox: Outbox,
    { failures, knowledge }: { failures: TaskFailures; knowledge: Knowledge },
  ) {
    this.#context = context;
    this.#sql = context.sql;
    this.#outbox = outbox;
    this.#failures = failures;
    this.#knowledge = knowledge;
  }

  /**
   * Whether the namespace takes no writes for now. Asked with every write, so nothing is read for
   * it.
   */
  isErasing(namespace: string): boolean {
    return !isWaitOver(this.#rows().get(namespace) ?? 0, this.#context.now(), ERASING_MS);
  }

  /**
   * Erases the namespace; answers with when, RFC 3339. Throws `DatabaseError` when the database
   * cannot be reached: then nothing, or only part, is erased; repeat it.
   */
  async erase(namespace: string): Promise<string> {
    const { database, now, askAll } = this.#context;
    // Asked first, so that an outage is found before anything is dropped.
    await database.all("SELECT 1 AS n");
    const writers = await askAll("erase_begin", { namespace });
    try {
      // A batch on its way would bring back what it carries: it is shut out.
      const fences = writers.map(({ writer, batch }) => fenceOff(writer, batch, now()));
      await database.write([...fences, ...eraseNamespace(namespace)]);
    } finally {
      await askAll("erase_end", { namespace });
    }
    return isoTime(now());
  }

  /**
   * Drops what this instance holds, and refuses writes until `end`. Answers with the last batch
   * that may still carry something of it.
   */
  begin(namespace: string): InternalOutput<"erase_begin"> {
    const { transaction, now, place } = this.#context;
    const until = now() + ERASING_MS;
    const text = "INSERT OR REPLACE INTO erasing (namespace, until) VALUES (?, ?)";
    this.#sql.run(text, namespace, until);
    this.#rows().set(namespace, until);

    const tables = [
      ...tablesOfShards("episode"),
      ...tablesOfShards("namespace"),
      ...instanceTables(({ of }) => of === "episode" || of === "namespace"),
    ];
    transaction(() => {
      this.#outbox.clearNamespace(namespace);
      this.#failures.forgetNamespace(namespace);
      for (const table of tables)
        this.#sql.run(`DELETE FROM ${table} WHERE namespace = ?`, namespace);
      this.#knowledge.erase(namespace);
    });
    return { writer: instanceName(place().index), batch: this.#outbox.lastBatch() };
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
}
