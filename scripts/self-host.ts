/**
 * What a server of one's own needs before it starts, made once and kept for the owner only:
 *
 * - `node scripts/self-host.ts secrets DIRECTORY`: the ADMIN_TOKEN, a key for backups, and the
 *   database's token and key. What is there stays as it is.
 * - `node scripts/self-host.ts metrics-key FILE`: a key that may read the metrics and nothing else,
 *   from the service at MEMORY_URL with ADMIN_TOKEN_FILE. A file that is there stays as it is.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { databaseToken } from "./start/database-token.ts";

const ASK_MS = 10_000;

function secrets(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keep = (name: string, bytes: number): void => {
    const file = join(directory, name);
    if (!existsSync(file)) writeFileSync(file, randomBytes(bytes).toString("hex"), { mode: 0o600 });
  };
  keep("admin-token", 24);
  keep("backup-key", 32);
  databaseToken(directory);
}

async function metricsKey(file: string): Promise<void> {
  if (existsSync(file)) return;
  const url = process.env["MEMORY_URL"] ?? "http://127.0.0.1:8787";
  const token = readFileSync(process.env["ADMIN_TOKEN_FILE"] ?? "", "utf8").trim();
  const answer = await fetch(`${url}/admin/keys`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "prometheus", scopes: ["metrics"], namespaces: ["*"] }),
    signal: AbortSignal.timeout(ASK_MS),
  });
  if (answer.status !== 201) throw new Error(`${url} answered ${answer.status}`);
  const { key } = (await answer.json()) as { key: string };
  // Prometheus runs as somebody else, and this key shows no memory.
  writeFileSync(file, key, { mode: 0o644 });
}

const [what, where] = process.argv.slice(2);
if (what === "secrets" && where) secrets(where);
else if (what === "metrics-key" && where) await metricsKey(where);
else {
  console.error("usage: node scripts/self-host.ts secrets DIRECTORY | metrics-key FILE");
  process.exit(2);
}
