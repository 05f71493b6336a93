/**
 * What cannot be undercut: a call of a Durable Object that does nothing, one that inserts a row,
 * and a request to the database.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";

interface FloorEnv {
  FLOOR: DurableObjectNamespace<Floor>;
  TURSO_DATABASE_URL: string;
}

export class Floor extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    );
  }

  nothing(): number {
    return 1;
  }

  insert(body: string): number {
    this.ctx.storage.sql.exec("INSERT INTO rows (body) VALUES (?)", body);
    return 1;
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const floor = env.FLOOR.getByName("floor");
    if (pathname === "/nothing") return Response.json({ n: await floor.nothing() });
    if (pathname === "/insert")
      return Response.json({ n: await floor.insert(await request.text()) }, { status: 201 });
    const answer = await fetch(`${env.TURSO_DATABASE_URL}/v2/pipeline`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Encoding": "identity" },
      body: JSON.stringify({
        requests: [{ type: "execute", stmt: { sql: "SELECT 1" } }, { type: "close" }],
      }),
    });
    return new Response(await answer.text(), { status: answer.status });
  },
} satisfies ExportedHandler<FloorEnv>;
