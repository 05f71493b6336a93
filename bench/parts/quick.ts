/**
 * What one small store shows: `npm run bench`.
 *
 * @module
 */

import type { Report } from "../support/report.ts";
import { DELAY_MS, World } from "../support/world.ts";
import { costs } from "./costs.ts";
import { coldStart } from "./instances.ts";
import { operations } from "./operations.ts";
import { writing } from "./writing.ts";

/** The bundle as it is sent, gzip. */
const BUNDLE_KB = 400;
const KB = 1_024;

export async function all(report: Report): Promise<void> {
  const world = await World.start();
  try {
    world.proxy.delayMs = DELAY_MS;
    await writing(world, report);
    world.proxy.delayMs = 0;
    await operations(world, report);
    world.proxy.delayMs = DELAY_MS;
    await costs(world, report);
    console.log();
    report.target("the bundle, gzip", world.runtime.bundle.gzip / KB, "at most", BUNDLE_KB, "KB");
    await coldStart(world, report);
  } finally {
    await world.remove();
  }
}
