/**
 * Looks into the database past the service.
 *
 * @module
 */

import { createClient } from "@libsql/client/web";

export async function rowsOf(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = createClient({ url, intMode: "number" });
  const result = await client.execute(sql);
  client.close();
  return result.rows.map((row) => ({ ...row }));
}

/** Steps by episode and number, each as often as it is there. */
export async function storedSteps(url: string): Promise<string[]> {
  const rows = await rowsOf(
    url,
    "SELECT episode_id, number FROM steps ORDER BY episode_id, number",
  );
  return rows.map((row) => `${String(row["episode_id"])} ${String(row["number"])}`);
}
