/**
 * The Worker of a test: as it is deployed, or held to the platform's limits. How it is built is in
 * `scripts/serve/build.ts`. It starts nothing and keeps nothing.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildWorker as build } from "../../../scripts/serve/build.ts";

export { builtWorker, type WorkerOptions } from "../../../scripts/serve/build.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CONFIG = join(ROOT, "wrangler.toml");
const LIMITED = "test/support/service/limited-worker.ts";

/**
 * `limited` is held to the platform's limits, which the local runtime does not know: for tests.
 * `deployed` is the Worker itself: for what is timed.
 */
export type Variant = "limited" | "deployed";

/** Builds the Worker into a directory. Takes about three seconds. */
export function buildWorker(directory: string, variant: Variant): Promise<void> {
  return build(directory, variant === "deployed" ? CONFIG : writeConfig(directory, LIMITED));
}

/** `wrangler.toml` with another entry point, and its paths from the root. */
function writeConfig(directory: string, entry: string): string {
  const text = readFileSync(CONFIG, "utf8")
    .replace('"src/worker.ts"', JSON.stringify(join(ROOT, entry)))
    .replace('"./console/public"', JSON.stringify(join(ROOT, "console/public")));
  const file = join(directory, "wrangler.toml");
  writeFileSync(file, text);
  return file;
}
