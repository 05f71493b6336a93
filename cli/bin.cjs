#!/usr/bin/env node
// Runs the compiled CLI of the package, or the sources of a checkout, which Node reads without
// their types. CommonJS: Node gets ready for modules where it meets one, and a hook meets none.
"use strict";
const { existsSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { homedir } = require("node:os");
const path = require("node:path");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`memory-cli needs Node.js 22.18 or later; this is ${process.versions.node}.`);
  process.exit(2);
}
// Half of a short command's time is reading the code. Node's own default is a folder that is shared
// by all users.
enableCompileCache(
  path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "memory-cli"),
);
// An agent waits for its hooks: they load nothing else.
const isHook = process.argv[2] === "hook" && !process.argv.includes("--help");

async function run() {
  const name = isHook ? "hook" : "main";
  const isSource = existsSync(path.join(__dirname, `${name}.ts`));
  const compiled = () => (isHook ? require(path.join(__dirname, "hook.cjs")) : import("./main.js"));
  const { main } = await (isSource ? import(`./${name}.ts`) : compiled());
  process.exitCode = await main(process.argv.slice(2));
}
void run();
