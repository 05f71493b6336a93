/**
 * The Worker as wrangler bundles it for a deployment, and the options by which the platform's local
 * runtime runs it. In goes `wrangler.toml`; out come the bundle and `options.json` in a directory of
 * the caller's. It starts nothing and keeps nothing.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(import.meta.dirname, "../..");
const CONFIG = join(ROOT, "wrangler.toml");

export interface WorkerOptions {
  /** Settings of the deployment: those of `[vars]`. */
  bindings: Record<string, string>;
  [option: string]: unknown;
}

/**
 * Builds the Worker into a directory, which it empties first. Takes about three seconds.
 *
 * @param config another `wrangler.toml`
 */
export async function buildWorker(directory: string, config: string = CONFIG): Promise<void> {
  const output = join(directory, "bundle");
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", "--dry-run", "--config", config, "--outdir", output];
  await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false", CI: "1" },
  });

  // Loaded here and not above: reading wrangler takes most of a second, and whoever runs a Worker
  // that is built already needs none of it.
  const { unstable_getMiniflareWorkerOptions: optionsOf } = await import("wrangler");
  const { main, workerOptions } = optionsOf(config);
  const script = join(output, `${basename(main ?? "", ".ts")}.js`);
  const options = {
    ...workerOptions,
    name: "memory-service",
    modulesRoot: output,
    modules: [{ type: "ESModule", path: script }],
  };
  writeFileSync(join(directory, "options.json"), JSON.stringify(options));
}

/** The runtime's options for the Worker that was built into a directory. */
export function builtWorker(directory: string): WorkerOptions {
  return JSON.parse(readFileSync(join(directory, "options.json"), "utf8")) as WorkerOptions;
}

export function isBuilt(directory: string): boolean {
  return existsSync(join(directory, "options.json"));
}
