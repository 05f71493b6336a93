/**
 * Where the programs of npm are that the service runs on: beside this checkout, or, of a package
 * that was installed, in the folder that `memory-service start` made.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** @param root the checkout, or the package's folder @param env of the process */
export const modulesOf = (root: string, env: NodeJS.ProcessEnv): string =>
  join(env["MEMORY_RUNTIME_DIR"] || root, "node_modules");

/** The Worker that a package brings; null: this is a checkout, which builds it. */
export function packagedBuild(root: string): string | null {
  const build = join(root, "build");
  return existsSync(join(build, "options.json")) ? build : null;
}

/** Miniflare is wrangler's in a checkout, so that both are of one release; else it is by itself. */
export function loadMiniflare(modules: string): unknown {
  const wrangler = join(modules, "wrangler/package.json");
  const from = existsSync(wrangler) ? wrangler : join(modules, "../package.json");
  return createRequire(from)("miniflare");
}
