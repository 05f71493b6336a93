/**
 * Where the demo plays: the service that `npm start` runs here, or the one that `MEMORY_URL` and
 * `MEMORY_KEY` name. What belongs to `npm start` alone (its secrets, its database's process) is null for
 * another service.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryClient } from "../../client/client.ts";
import { dataFolder } from "../start/own-data.ts";

export const NAMESPACE = "demo";

export interface Where {
  url: string;
  memory: MemoryClient;
  /** The root's secret; null: not known. */
  adminToken: string | null;
  /** For the link to the console. */
  secret: string;
  /** The file with the id of the database's process; null: it is not `npm start`'s. */
  databasePid: string | null;
}

/** @param root the checkout @param env of the process @throws as `dataFolder` */
export function whereOf(root: string, env: NodeJS.ProcessEnv): Where {
  const data = dataFolder(root, env);
  /** What `npm start` noted there. */
  const noted = (name: string): string | null => {
    const file = join(data, name);
    return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
  };
  const own = noted("url") ?? `http://127.0.0.1:${env["MEMORY_PORT"] ?? 8787}`;
  const url = env["MEMORY_URL"] ?? own;
  const isOwn = url === own;
  const key = env["MEMORY_KEY"] ?? (isOwn ? noted("local-key") : null) ?? "";
  const adminToken = isOwn ? noted("admin-token") : null;
  const pid = join(data, "database.pid");
  return {
    url,
    memory: new MemoryClient({ url, key, namespace: NAMESPACE }),
    adminToken,
    secret: adminToken ?? key,
    databasePid: isOwn && existsSync(pid) ? pid : null,
  };
}
