#!/usr/bin/env node
// Runs the compiled CLI of the package, or the sources of a checkout, which Node reads without
// their types.
import { existsSync } from "node:fs";
import { createRequire, enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`memory-cli needs Node.js 22.18 or later; this is ${process.versions.node}.`);
  process.exit(2);
}
// Half of a short command's time is reading the code. Node's own default is a folder that is shared
// by all users.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "memory-cli"));
// An agent waits for its hooks: they load nothing else.
const isHook = process.argv[2] === "hook" && !process.argv.includes("--help");
const source = new URL(isHook ? "./hook.ts" : "./main.ts", import.meta.url);
const compiled = () =>
  isHook ? createRequire(import.meta.url)("./hook.cjs") : import("./main.js");
const { main } = await (existsSync(source) ? import(source.href) : compiled());
process.exitCode = await main(process.argv.slice(2));
