/**
 * The Workers as they are deployed: the service as wrangler bundles it, the Workers to compare with
 * as esbuild does.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

export const ROOT = join(import.meta.dirname, "../..");

/** What only the runtime has. */
const RUNTIME = ["cloudflare:*", "node:*", "./worker.js"];

/**
 * Writes the service's bundle, `worker.js`, to a directory, and says how large it is, bytes.
 *
 * @param isReadable with the names that the sources have; not as it is deployed
 */
export function bundleService(
  directory: string,
  isReadable = false,
): { bytes: number; gzip: number } {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const args = [
    "deploy",
    "--dry-run",
    "--outdir",
    directory,
    ...(isReadable ? ["--no-minify"] : []),
  ];
  execFileSync(process.execPath, [wrangler, ...args], {
    cwd: ROOT,
    stdio: "ignore",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "1" },
  });
  const code = readFileSync(join(directory, "worker.js"));
  return { bytes: code.length, gzip: gzipSync(code).length };
}

/**
 * Writes another Worker's bundle to a file of the directory.
 *
 * @param source from the root of the project
 */
export function bundle(source: string, directory: string, file: string): void {
  buildSync({
    entryPoints: [join(ROOT, source)],
    outfile: join(directory, file),
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: RUNTIME,
    logLevel: "error",
  });
}
