/**
 * The Worker as wrangler bundles it for a deployment, and the options by which the platform's local
 * runtime runs it. In goes `wrangler.toml`; out come the bundle and `options.json` in a directory of
 * the caller's. It starts nothing and keeps nothing.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { deploymentOf } from "../../cli/setup/config.ts";

const ROOT = join(import.meta.dirname, "../..");
const CONFIG = join(ROOT, "wrangler.toml");

export interface WorkerOptions {
  /** Settings of the deployment: those of `[vars]`. */
  bindings: Record<string, string>;
  serviceBindings?: Record<string, unknown>;
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
  // Its id of this machine, which it writes whatever it may send, goes with the folder.
  const home = mkdtempSync(join(tmpdir(), "memory-build-"));
  const silent = { WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false", CI: "1" };
  const env = { ...process.env, ...silent, XDG_CONFIG_HOME: home };
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }

  // Loaded here and not above: reading wrangler takes most of a second, and whoever runs a Worker
  // that is built already needs none of it.
  const { unstable_getMiniflareWorkerOptions: optionsOf } = await import("wrangler");
  const { main, workerOptions } = quietly(() => optionsOf(config));
  withoutSecrets(workerOptions as { bindings?: Record<string, unknown> }, config);
  const script = join(output, `${basename(main ?? "", ".ts")}.js`);
  const options = {
    ...workerOptions,
    name: "memory-service",
    modulesRoot: output,
    modules: [{ type: "ESModule", path: script }],
  };
  writeFileSync(join(directory, "options.json"), JSON.stringify(options));
}

/** What wrangler heeds unless whoever builds says otherwise. */
const QUIET = { WRANGLER_LOG: "error", WRANGLER_WRITE_LOGS: "false" };

/** It would say that secrets are missing, which nobody who builds must have, and log that. */
function quietly<T>(work: () => T): T {
  const set = Object.entries(QUIET).filter(([name]) => process.env[name] === undefined);
  Object.assign(process.env, Object.fromEntries(set));
  try {
    return work();
  } finally {
    for (const [name] of set) Reflect.deleteProperty(process.env, name);
  }
}

/**
 * Takes out what wrangler took from the environment of who builds: a secret is given to the Worker
 * when it is started, and never lies in what was built.
 */
function withoutSecrets(options: { bindings?: Record<string, unknown> }, config: string): void {
  const secrets = deploymentOf(config, null).resources.filter(({ kind }) => kind === "secret");
  for (const { binding } of secrets) delete options.bindings?.[binding];
}

/** What stands for folders in the options of a Worker that is moved to another place. */
const MOVED = { build: "{BUILD}", root: "{ROOT}" } as const;

/** The runtime's options for the Worker that was built into a directory. */
export function builtWorker(directory: string): WorkerOptions {
  const text = readFileSync(join(directory, "options.json"), "utf8")
    .replaceAll(MOVED.build, directory)
    .replaceAll(MOVED.root, ROOT);
  return JSON.parse(text) as WorkerOptions;
}

/** Makes what was built into a directory work wherever it and the console's files are put. */
export function makeMovable(directory: string): void {
  const file = join(directory, "options.json");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(directory, MOVED.build).replaceAll(ROOT, MOVED.root));
}

export function isBuilt(directory: string): boolean {
  return existsSync(join(directory, "options.json"));
}
