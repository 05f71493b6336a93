import type { CronJob } from "./index.ts";

/** Every week: a full backup, from which a new chain begins. */
export const full: CronJob = { cron: "0 3 * * SUN", kind: "backup", params: { kind: "full" } };
