/**
 * Debian's Prometheus and promtool, where they are installed.
 *
 * @module
 */

import { spawnSync } from "node:child_process";

let known: boolean | null = null;

/** Whether promtool and prometheus can be run; says how to get them when not. */
export function hasPrometheus(): boolean {
  if (known === null) {
    known = ["promtool", "prometheus"].every((name) => spawnSync(name, ["--version"]).status === 0);
    if (!known) console.warn("Left out what needs Prometheus. To run it: apt-get install -y prometheus");
  }
  return known;
}
