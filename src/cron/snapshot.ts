import type { CronJob } from "./index.ts";

/** Every day: what the instances hold, and with it what changed in the database. */
export const snapshot: CronJob = { cron: "0 2 * * *", kind: "snapshot", params: {} };
