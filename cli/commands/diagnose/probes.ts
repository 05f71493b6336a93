/**
 * Requests of each sort, timed: what the database serves (a list, a read of what no instance has, a
 * write until it is stored) and what the instance serves (a search). Nothing is left of them: an
 * episode that is written is deleted, and a search is not remembered as a recall would be.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { MemoryError, type MemoryClient } from "../../../client/index.ts";
import type { App } from "../../app.ts";

/** How often each sort is tried until one is quick: one slow moment says nothing. */
const TRIES = 5;
const ONCE = { retries: 0, timeoutMs: 10_000 } as const;
/** A deletion that finds the service busy is tried again: nothing may be left. */
const DELETE = { retries: 5, timeoutMs: 10_000 } as const;

export interface Probe {
  what: "list" | "read" | "write" | "search" | "live";
  /** Who serves it. */
  by: "database" | "instance" | "service";
  /** The quickest that succeeded, ms; null: none did. */
  quickest_ms: number | null;
  tries: number;
  /** What the last that failed said; null: none failed. */
  error: unknown;
}

type Try = Pick<Probe, "what" | "by"> & { run: () => Promise<unknown> };

/**
 * @param slowMs a sort is not tried again after one that was quicker
 * @param mayWrite false: the database takes no writes, and what would be written stays unsent
 */
export async function probe(app: App, slowMs: number, mayWrite: boolean): Promise<Probe[]> {
  const probes: Probe[] = [];
  for (const one of await triesOf(app, mayWrite)) probes.push(await measured(one, slowMs));
  return probes;
}

async function triesOf(app: App, mayWrite: boolean): Promise<Try[]> {
  if ((app.target.key ?? app.target.admin_token) === undefined) {
    const live = (): Promise<unknown> =>
      app.anyone({ retries: 0 }).request("GET", "/health/live", {}, ONCE);
    return [{ what: "live", by: "service", run: live }];
  }
  const memory = await app.memory();
  const write: Try = { what: "write", by: "database", run: () => written(memory) };
  return [
    { what: "list", by: "database", run: () => memory.episodes.list({ limit: 1 }, ONCE) },
    { what: "read", by: "database", run: () => unknownRead(memory) },
    { what: "search", by: "instance", run: () => memory.search({ q: "diagnose", limit: 1 }, ONCE) },
    ...(mayWrite ? [write] : []),
  ];
}

/** An episode that nobody has: no instance knows it, and the database is asked. */
async function unknownRead(memory: MemoryClient): Promise<void> {
  try {
    await memory.episodes.get(randomUUID(), ONCE);
  } catch (error) {
    if (!(error instanceof MemoryError) || error.status !== 404) throw error;
  }
}

/** @returns how long the write took, ms: the deletion is not counted */
async function written(memory: MemoryClient): Promise<number> {
  const begun = performance.now();
  const made = await memory.episodes.start({ task: "diagnose" }, { ...ONCE, waitStored: true });
  const ms = performance.now() - begun;
  await memory.episodes.delete(made.id, DELETE);
  return ms;
}

async function measured({ what, by, run }: Try, slowMs: number): Promise<Probe> {
  const probe: Probe = { what, by, quickest_ms: null, tries: 0, error: null };
  while (probe.tries < TRIES) {
    probe.tries += 1;
    const begun = performance.now();
    try {
      const own = await run();
      const ms = typeof own === "number" ? own : performance.now() - begun;
      probe.quickest_ms = Math.min(ms, probe.quickest_ms ?? Infinity);
      if (ms < slowMs) break;
    } catch (error) {
      probe.error = error;
      // A refusal stays one.
      if (error instanceof MemoryError && error.status >= 400 && error.status < 500) break;
    }
  }
  return probe;
}
