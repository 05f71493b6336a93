/**
 * `npm run test:histories:planted [-- NAME…]`: plants each bug of the list, and searches for it as
 * `npm run test:histories` does, in at most a hundred histories. Ends with 1 when one is not found.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PLANTED } from "./bugs.ts";

const HISTORIES_MAX = 100;
const [HOOK, MAIN] = ["hook.ts", "../main.ts"].map((file) => join(import.meta.dirname, file));

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PLANTED);
let missed = 0;
for (const name of names) {
  const args = ["--import", HOOK ?? "", MAIN ?? "", "--seed", "1"];
  const bounds = ["--runs", String(HISTORIES_MAX), "--first", "--keep", "histories/planted"];
  const env = { ...process.env, PLANTED_BUG: name };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, ...bounds], {
    env,
    encoding: "utf8",
  });
  const [found] = /^\d+ histories/m.exec(stdout) ?? ["it ended otherwise"];
  // 2: the history could not be made at all, which nobody would overlook either.
  console.log(`${status === 0 ? "NOT FOUND" : "found"} after ${found}: ${name}`);
  if (status !== 0 && status !== 1) console.log(stderr.slice(-2_000));
  if (status !== 1) missed += 1;
}
console.log(`${names.length - missed} of ${names.length} planted bugs found`);
process.exit(missed > 0 ? 1 : 0);
