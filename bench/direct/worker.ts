/**
 * The Worker to compare with: it reads and writes the database for every request, before it
 * answers. The database has one writer at a time, so under concurrency it must try again when it is
 * told that the database is busy. It learns nothing, checks no key, and its recall is the
 * database's own full-text search, all terms OR-ed.
 *
 * @module
 */

import { createClient, type Client, type InStatement, type Transaction } from "@libsql/client/web";

/** Tries before it gives up. */
const ATTEMPTS = 3;
/** Episodes that a recall answers with. */
const RECALLED = 5;

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS direct_steps (episode_id TEXT, number INTEGER, body TEXT, PRIMARY KEY (episode_id, number))",
  "CREATE TABLE IF NOT EXISTS direct_episodes (id TEXT PRIMARY KEY, task TEXT, outcome TEXT, step_count INTEGER DEFAULT 0, body TEXT)",
  "CREATE VIRTUAL TABLE IF NOT EXISTS direct_index USING fts5 (id UNINDEXED, task, tokenize = 'porter unicode61')",
];

interface DirectEnv {
  TURSO_DATABASE_URL: string;
}

export default {
  async fetch(request, env) {
    const client = createClient({ url: env.TURSO_DATABASE_URL });
    const { pathname } = new URL(request.url);
    const [, , id] = pathname.split("/");
    if (request.method === "GET" && id) return episode(client, id);
    if (request.method === "GET") {
      await client.batch(SCHEMA, "write");
      return new Response("ready");
    }
    const body: Record<string, unknown> = await request.json();
    if (pathname === "/recall") return recall(client, String(body["task"]));
    if (pathname === "/checked-steps") await checked(client, body);
    else await written(client, statements(pathname, body));
    return Response.json({ accepted: 1 }, { status: 201 });
  },
} satisfies ExportedHandler<DirectEnv>;

function statements(pathname: string, body: Record<string, unknown>): InStatement[] {
  const text = JSON.stringify(body);
  const id = String(body["episode_id"]);
  if (pathname === "/episodes") {
    const args = [id, String(body["task"]), text];
    return [
      {
        sql: "INSERT INTO direct_episodes (id, task, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        args,
      },
    ];
  }
  if (pathname === "/complete") {
    return [
      {
        sql: "UPDATE direct_episodes SET outcome = ? WHERE id = ?",
        args: [JSON.stringify(body["outcome"]), id],
      },
      {
        sql: "INSERT INTO direct_index (id, task) SELECT id, task FROM direct_episodes WHERE id = ?",
        args: [id],
      },
    ];
  }
  const args = [id, Number(body["number"]), text];
  return [
    {
      sql: "INSERT INTO direct_steps (episode_id, number, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      args,
    },
    { sql: "UPDATE direct_episodes SET step_count = step_count + 1 WHERE id = ?", args: [id] },
  ];
}

/**
 * As the memory does it: a step goes to an episode that runs, and never takes another one's number.
 */
async function checked(client: Client, body: Record<string, unknown>): Promise<void> {
  const args = [String(body["episode_id"])];
  for (let attempt = 1; ; attempt++) {
    let transaction: Transaction | null = null;
    try {
      transaction = await client.transaction("write");
      const { rows } = await transaction.execute({
        sql: "SELECT outcome FROM direct_episodes WHERE id = ?",
        args,
      });
      if (rows[0]?.["outcome"] !== null)
        throw new Error("there is no such episode, or it has ended");
      await transaction.batch(statements("/steps", body));
      await transaction.commit();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    } finally {
      transaction?.close();
    }
  }
}

async function written(client: Client, list: InStatement[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const [only] = list;
      if (list.length === 1 && only) await client.execute(only);
      else await client.batch(list, "write");
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function episode(client: Client, id: string): Promise<Response> {
  const [found, steps] = await client.batch([
    { sql: "SELECT body, outcome FROM direct_episodes WHERE id = ?", args: [id] },
    { sql: "SELECT body FROM direct_steps WHERE episode_id = ? ORDER BY number", args: [id] },
  ]);
  return Response.json({ episode: found?.rows[0] ?? null, steps: steps?.rows ?? [] });
}

async function recall(client: Client, task: string): Promise<Response> {
  const terms = task.match(/[\p{L}\p{N}]+/gu) ?? [];
  const match = terms.map((term) => `"${term}"`).join(" OR ");
  const { rows } = await client.execute({
    sql: `SELECT e.body, e.outcome FROM direct_index i JOIN direct_episodes e ON e.id = i.id
      WHERE direct_index MATCH ? ORDER BY bm25(direct_index) LIMIT ?`,
    args: [match, RECALLED],
  });
  return Response.json({ episodes: rows });
}
