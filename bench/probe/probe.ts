/**
 * The service's bundle with a window into its instances: what a plain full-text query takes in the same storage, and
 * how many rows an instance has written. Everything else is passed on as it is.
 *
 * @module
 */

// The bundle lies beside this module when it runs.
import service, { Coordinator, MemoryInstance as Instance } from "./worker.js";

interface ProbeEnv {
  MEMORY_INSTANCE: DurableObjectNamespace<MemoryInstance>;
}

let rowsWritten = 0;
let counting = false;

/** Counts what every statement of this isolate writes. */
function countRows(sql: SqlStorage): void {
  if (counting) return;
  counting = true;
  const prototype = Object.getPrototypeOf(sql) as SqlStorage;
  // The method is called with its object below.
  // oxlint-disable-next-line typescript/unbound-method
  const { exec } = prototype;
  prototype.exec = function counted(this: SqlStorage, ...args: Parameters<SqlStorage["exec"]>) {
    const cursor = exec.apply(this, args);
    rowsWritten += cursor.rowsWritten;
    return cursor;
  } as SqlStorage["exec"];
}

export class MemoryInstance extends Instance {
  /** Rows that the instances of this isolate wrote since this was asked first. */
  benchRowsWritten(): number {
    countRows(this.ctx.storage.sql);
    return rowsWritten;
  }

  /** Runs a query as it is, and says how many rows came. */
  benchQuery(sql: string, ...args: string[]): number {
    return this.ctx.storage.sql.exec(sql, ...args).toArray().length;
  }
}

export { Coordinator };

export default {
  ...service,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith("/bench/")) return service.fetch(request, env, ctx);
    const instance = env.MEMORY_INSTANCE.getByName(`instance-${searchParams.get("instance") ?? "0"}`);
    if (pathname === "/bench/rows") return Response.json({ n: await instance.benchRowsWritten() });
    const { sql, args } = await request.json<{ sql: string; args: string[] }>();
    return Response.json({ n: await instance.benchQuery(sql, ...args) });
  },
} satisfies ExportedHandler<ProbeEnv>;
