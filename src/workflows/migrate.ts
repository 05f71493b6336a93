/**
 * Migrates the database, with a backup taken first.
 *
 * @module
 */

import { migrate, planMigrations } from "../storage/index.ts";
import { backup } from "./backup.ts";
import type { JobGround } from "./ground.ts";

/** The first version that can be backed up: without the change feed there is no watermark. */
const BACKED_UP_SINCE = 2;

export async function migrateJob(ground: JobGround): Promise<unknown> {
  const { steps, plain, now } = ground;
  const before = await steps.run("plan migrations", async () => {
    const plan = await planMigrations(plain);
    const changed = plan.find(({ state }) => state === "changed");
    if (changed) throw new Error(`Migration ${changed.version} was applied with other statements; nothing was done.`);
    return {
      applied: plan.filter(({ state }) => state === "applied").map(({ version }) => version),
      pending: plan.filter(({ state }) => state === "pending").map(({ version }) => version),
    };
  });
  if (before.pending.length === 0) return { ...before, backup: null, version: Math.max(0, ...before.applied) };
  const taken = before.applied.includes(BACKED_UP_SINCE) ? await backup(ground, { kind: "incremental" }) : null;
  const version = await steps.run("migrate", () => migrate(plain, now()));
  return { ...before, backup: taken, version };
}
