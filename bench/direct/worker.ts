/**
 * The Worker to compare with: it writes each step straight to the database before it answers. The database has one
 * writer at a time, so under concurrency it must try again when it is told that the database is busy.
 *
 * @module
 */

import { createClient } from "@libsql/client/web";

/** Tries before it gives up. */
const ATTEMPTS = 20;

interface DirectEnv {
  TURSO_DATABASE_URL: string;
}

export default {
  async fetch(request, env) {
    const client = createClient({ url: env.TURSO_DATABASE_URL });
    if (request.method === "GET") {
      await client.execute(
        "CREATE TABLE IF NOT EXISTS direct_steps (episode_id TEXT, number INTEGER, body TEXT, PRIMARY KEY (episode_id, number))",
      );
      return new Response("ready");
    }
    const step: { episode_id: string; number: number } = await request.json();
    for (let attempt = 1; ; attempt++) {
      try {
        await client.execute({
          sql: "INSERT INTO direct_steps (episode_id, number, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          args: [step.episode_id, step.number, JSON.stringify(step)],
        });
        break;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
    return Response.json({ accepted: 1 }, { status: 201 });
  },
} satisfies ExportedHandler<DirectEnv>;
