import type { CronJob } from "./index.ts";

/** Every week, after the full backup: it is restored into a scratch place and compared. */
export const drill: CronJob = { cron: "0 5 * * SUN", kind: "drill", params: {} };
