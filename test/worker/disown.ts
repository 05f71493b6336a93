import { env } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import { openDatabase } from "../../src/storage/index.ts";

/**
 * Takes the mark off the database that the tests share: whoever lost all its storage, as every
 * object has before each test, is another deployment to it.
 */
export async function disown(): Promise<void> {
  const url = (env as unknown as Env).TURSO_DATABASE_URL;
  const database = openDatabase({ url, authToken: null, timeoutMs: () => 4_000 });
  // Before the first migration there is no mark.
  await database.write([{ sql: "DELETE FROM _owner", args: [] }]).catch(() => undefined);
}
