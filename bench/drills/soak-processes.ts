/**
 * What the processes under one process hold: the memory of each, and the isolates that can be asked
 * to collect their garbage. Reads /proc; Linux only.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, heldBy } from "../support/inspector.ts";

/** An isolate that has not answered by then is not waited for, ms. */
const ANSWER_MS = 3_000;

interface Target {
  id?: string;
  webSocketDebuggerUrl?: string;
}

export interface Process {
  pid: number;
  command: string;
}

/** All that descend from a process, itself not included. */
export function descendants(root: number): Process[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [stat, command] = [read(`/proc/${name}/stat`), read(`/proc/${name}/cmdline`)];
      const parent = Number(stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      return command === null
        ? []
        : [{ pid: Number(name), parent, command: command.replaceAll("\0", " ") }];
    });
  const below = (parent: number): Process[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(root);
}

/** Bytes that a process holds now; 0 when it has ended. */
export function residentBytes(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kb ?? 0) * 1_024;
}

/** Files, sockets and pipes that a process has open; 0 when it has ended. */
export function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Ports of this machine's own addresses on which a process listens. */
function portsOf(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const lines = (read(`/proc/${pid}/net/tcp`) ?? "").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    return state === "0A" && sockets.has(inode)
      ? [Number.parseInt(local.split(":")[1] ?? "", 16)]
      : [];
  });
}

/**
 * Bytes of each isolate of a process that has an inspector, by its name, after its garbage was
 * collected.
 */
export async function collectGarbage(pid: number): Promise<{ isolate: string; bytes: number }[]> {
  const collected: { isolate: string; bytes: number }[] = [];
  for (const port of portsOf(pid)) {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(`http://127.0.0.1:${port}/json`, { signal }).catch(() => null);
    const targets = (await answer?.json().catch(() => null)) as Target[] | null;
    if (!Array.isArray(targets)) continue;
    for (const { id = "", webSocketDebuggerUrl = "" } of targets) {
      // A proxy of inspectors may be among them, which lets only its own page in.
      const bytes = await Promise.race([
        heapAfterCollection(webSocketDebuggerUrl),
        sleep(ANSWER_MS, null),
      ]);
      if (bytes !== null) collected.push({ isolate: id, bytes });
    }
  }
  return collected;
}

/** Null where the address is no inspector's, or it lets nobody in. */
async function heapAfterCollection(debuggerUrl: string): Promise<number | null> {
  const [, address, target] = /^wss?:\/\/([^/]+)\/(.+)$/.exec(debuggerUrl) ?? [];
  if (address === undefined || target === undefined) return null;
  const inspector = await connect(address, target).catch(() => null);
  if (!inspector) return null;
  await inspector.send("HeapProfiler.collectGarbage");
  const bytes = await heldBy(inspector);
  inspector.close();
  return bytes;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
