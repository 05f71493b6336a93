import type { CronJob } from "./index.ts";

/** Every day: backups that the rules let go. */
export const retention: CronJob = { cron: "30 5 * * *", kind: "retention", params: {} };
