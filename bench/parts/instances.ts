/**
 * One namespace's steps over several instances, and what a cold start takes.
 *
 * @module
 */

import { at, measure, together } from "../support/measure.ts";
import type { Report } from "../support/report.ts";
import { ADMIN_TOKEN } from "../support/runtime.ts";
import { DELAY_MS, World } from "../support/world.ts";
import { Writers } from "./writing.ts";

const COUNTS = [1, 2, 4] as const;
const CLIENTS = 64;
const LOAD_S = 6;
/** Of each episode: where it lives is drawn by its id, and few episodes are few draws. */
const EPISODE_STEPS = 50;
/** The largest instance's share of the steps, by what an even share would be. */
const UNEVEN_MAX = 1.5;
/** Starts of the runtime, the middle one counts. */
const STARTS = 3;
const COLD_CPU_MS = 100;

/** Steps that each instance has counted. */
async function shares(world: World): Promise<number[]> {
  const response = await fetch(`${world.runtime.urls.service}/metrics`, {
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const lines = (await response.text())
    .split("\n")
    .filter((line) => line.startsWith("memory_step_logged_total{"));
  return lines.map((line) => Number(line.split(" ").at(-1)));
}

export async function instances(report: Report): Promise<void> {
  report.heading(`One namespace's steps over several instances, ${CLIENTS} clients`);
  for (const count of COUNTS) {
    const world = await World.start({ INSTANCE_COUNT: String(count) });
    world.proxy.delayMs = DELAY_MS;
    const writers = new Writers(world, EPISODE_STEPS);
    const operation = (_: number, client: number): Promise<void> => writers.log(client, 1);
    const load = together(CLIENTS, 50_000, LOAD_S);
    report.row(
      `step, ${count} instance${count > 1 ? "s" : ""}`,
      await measure(world, { load, operation, settled: () => world.drained() }),
    );
    const steps = await shares(world);
    const all = steps.reduce((sum, n) => sum + n, 0);
    report.note(
      `share of each: ${steps.map((n) => `${((n / all) * 100).toFixed(0)} %`).join(", ")}`,
    );
    report.target(
      `largest share by an even one, ${count} instances`,
      (Math.max(...steps) / all) * count,
      "at most",
      UNEVEN_MAX,
      "×",
    );
    await world.remove();
  }
}

/**
 * CPU time that the service's Worker takes to start and answer, beyond a Worker that is next to
 * nothing.
 */
export async function coldStart(world: World, report: Report): Promise<void> {
  const taken: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const floor = await world.runtime.startCpuMs("floor");
    taken.push((await world.runtime.startCpuMs("service")) - floor);
  }
  report.target(
    "CPU of the Worker's cold start, to its first answer",
    at(taken, 0.5),
    "at most",
    COLD_CPU_MS,
    "ms",
  );
}
