/**
 * What cannot be undercut: a call of a Durable Object that does nothing, one that inserts a row,
 * one that asks its own plain full-text index, and a request to the database.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";

interface FloorEnv {
  FLOOR: DurableObjectNamespace<Floor>;
  TURSO_DATABASE_URL: string;
}

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
  "CREATE VIRTUAL TABLE IF NOT EXISTS plain USING fts5 (id UNINDEXED, task, tokenize = 'porter unicode61')",
];
const PLAIN_QUERY = "SELECT id FROM plain WHERE plain MATCH ? ORDER BY bm25(plain) LIMIT 10";

export class Floor extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    for (const statement of SCHEMA) ctx.storage.sql.exec(statement);
  }

  nothing(): number {
    return 1;
  }

  insert(body: string): number {
    this.ctx.storage.sql.exec("INSERT INTO rows (body) VALUES (?)", body);
    return 1;
  }

  /** Takes documents into the plain full-text index. @param documents their ids and texts */
  index(documents: [id: string, task: string][]): number {
    this.ctx.storage.transactionSync(() => {
      for (const document of documents)
        this.ctx.storage.sql.exec("INSERT INTO plain (id, task) VALUES (?, ?)", ...document);
    });
    return documents.length;
  }

  /** Asks the plain full-text index as FTS5 does it, and says how many rows came. */
  query(match: string): number {
    return this.ctx.storage.sql.exec(PLAIN_QUERY, match).toArray().length;
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const floor = env.FLOOR.getByName("floor");
    if (pathname === "/nothing") return Response.json({ n: await floor.nothing() });
    if (pathname === "/insert")
      return Response.json({ n: await floor.insert(await request.text()) }, { status: 201 });
    if (pathname === "/index")
      return Response.json({ n: await floor.index(await request.json()) }, { status: 201 });
    if (pathname === "/query") return Response.json({ n: await floor.query(await request.text()) });
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
