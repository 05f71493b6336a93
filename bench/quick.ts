/**
 * `npm run bench`: what an operation takes, beside the floor and beside a Worker that asks the database directly. Ends
 * with 1 when a target is missed.
 *
 * @module
 */

import { join } from "node:path";
import { writing } from "./parts/writing.ts";
import { operations } from "./parts/operations.ts";
import { ROOT } from "./support/bundle.ts";
import { Report } from "./support/report.ts";
import { DELAY_MS, World } from "./support/world.ts";

const report = new Report("npm run bench");
const world = await World.start();
try {
  world.proxy.delayMs = DELAY_MS;
  await writing(world, report);
  world.proxy.delayMs = 0;
  await operations(world, report);
} finally {
  await world.remove();
}
report.write(join(ROOT, "bench/results/quick.json"));
