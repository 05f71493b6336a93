/**
 * The service's bundle with a window into its instances: what a plain full-text query takes in the
 * same storage, and how many rows an instance has read and written. Everything else is passed on as
 * it is.
 *
 * @module
 */

// The bundle lies beside this module when it runs.
import service, { Coordinator, MemoryInstance as Instance } from "./worker.js";

interface ProbeEnv {
  MEMORY_INSTANCE: DurableObjectNamespace<MemoryInstance>;
}

const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
let counting = false;

/**
 * Keeps the cursor of every statement of this isolate: it knows what was read and written, when it
 * is at its end.
 */
function countRows(sql: SqlStorage): void {
  if (counting) return;
  counting = true;
  const prototype = Object.getPrototypeOf(sql) as SqlStorage;
  // The method is called with its object below.
  // oxlint-disable-next-line typescript/unbound-method
  const { exec } = prototype;
  prototype.exec = function counted(this: SqlStorage, ...args: Parameters<SqlStorage["exec"]>) {
    const cursor = exec.apply(this, args);
    cursors.push(cursor);
    return cursor;
  } as SqlStorage["exec"];
}

export class MemoryInstance extends Instance {
  /** Rows that the objects of this isolate read and wrote since this was asked first. */
  benchRows(): { read: number; written: number } {
    countRows(this.ctx.storage.sql);
    const sum = (of: "rowsRead" | "rowsWritten"): number =>
      cursors.reduce((total, cursor) => total + cursor[of], 0);
    return { read: sum("rowsRead"), written: sum("rowsWritten") };
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
    const instance = env.MEMORY_INSTANCE.getByName(
      `instance-${searchParams.get("instance") ?? "0"}`,
    );
    if (pathname === "/bench/rows") return Response.json(await instance.benchRows());
    const { sql, args } = await request.json<{ sql: string; args: string[] }>();
    return Response.json({ n: await instance.benchQuery(sql, ...args) });
  },
} satisfies ExportedHandler<ProbeEnv>;
