/**
 * Measures how much memory a process group holds: the processes that one of them started, and
 * itself.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** @param group the id of the process group; null: the system does not say */
export function residentBytes(group: number): number | null {
  try {
    return process.platform === "linux" ? bytesByProc(group) : bytesByPs(group);
  } catch {
    // A system that does not say bounds nothing, and nothing else suffers from it.
    return null;
  }
}

/** proc(5): a system without `ps`, such as a small container, has this. */
function bytesByProc(group: number): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.reduce((sum, pid) => sum + bytesOf(pid, group), 0);
}

/** 0 for a process of another group, and for one that ended meanwhile. */
function bytesOf(pid: string, group: number): number {
  try {
    // The name before the last bracket may hold anything; behind it: state, parent, group.
    const [, , pgrp] = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    if (Number(pgrp) !== group) return 0;
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(
      readFileSync(`/proc/${pid}/status`, "latin1"),
    ) ?? ["", "0"];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0;
  }
}

/** POSIX: the group's id and the resident set in units of 1,024 bytes. */
function bytesByPs(group: number): number {
  return execFileSync("ps", ["-A", "-o", "pgid=,rss="], { encoding: "utf8" })
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number))
    .reduce((sum, [pgid, kilobytes]) => sum + (pgid === group ? (kilobytes ?? 0) * 1_024 : 0), 0);
}
