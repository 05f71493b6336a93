/**
 * Builds the Worker once for a whole run: each service of it is started from that build.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "./built-worker.ts";

export default async function setup(): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), "memory-worker-"));
  await buildWorker(directory, "limited");
  // The processes that run the tests are started after this, and have its environment.
  process.env["MEMORY_TEST_WORKER"] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
