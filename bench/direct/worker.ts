/**
 * The Worker to compare with: it writes each step straight to the database before it answers.
 *
 * @module
 */

import { createClient } from "@libsql/client/web";

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
    await client.execute({
      sql: "INSERT INTO direct_steps (episode_id, number, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      args: [step.episode_id, step.number, JSON.stringify(step)],
    });
    return Response.json({ accepted: 1 }, { status: 201 });
  },
} satisfies ExportedHandler<DirectEnv>;
