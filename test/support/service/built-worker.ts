/**
 * The Worker as wrangler bundles it for a deployment, and the options by which the simulator runs
 * it. In goes `wrangler.toml`; out come `worker.js` and `options.json` in a directory of the
 * caller's. It starts nothing and keeps nothing.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../../..");
const CONFIG = join(ROOT, "wrangler.toml");
const LIMITED = "test/support/service/limited-worker.ts";

/**
 * `limited` is held to the platform's limits, which the local runtime does not know: for tests.
 * `deployed` is the Worker itself: for what is timed.
 */
export type Variant = "limited" | "deployed";

export interface WorkerOptions {
  /** Settings of the deployment: those of `[vars]`. */
  bindings: Record<string, string>;
  [option: string]: unknown;
}

/** Builds the Worker into an empty directory. Takes about three seconds. */
export async function buildWorker(directory: string, variant: Variant): Promise<void> {
  const config = variant === "deployed" ? CONFIG : writeConfig(directory, LIMITED);
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--config", config, "--outdir", directory];
  await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" },
  });

  // Loaded here and not above: reading wrangler takes most of a second, and whoever runs a Worker
  // that is built already needs none of it.
  const { unstable_getMiniflareWorkerOptions: optionsOf } = await import("wrangler");
  const { main, workerOptions } = optionsOf(config);
  const script = join(directory, `${basename(main ?? "", ".ts")}.js`);
  const options = {
    ...workerOptions,
    name: "memory-service",
    modulesRoot: directory,
    modules: [{ type: "ESModule", path: script }],
  };
  writeFileSync(join(directory, "options.json"), JSON.stringify(options));
}

/** The simulator's options for the Worker that was built into a directory. */
export function builtWorker(directory: string): WorkerOptions {
  return JSON.parse(readFileSync(join(directory, "options.json"), "utf8")) as WorkerOptions;
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
