/**
 * The Worker's entry: requests go to the API, the classes to the platform. No logic.
 *
 * @module
 */

import packageJson from "../package.json" with { type: "json" };
import { createApi } from "./api/index.ts";
import { runCron } from "./cron/index.ts";
import { createBackend } from "./durable/index.ts";
import { parseEnv, type Env } from "./env.ts";

export { Coordinator, DrillScratch, MemoryInstance } from "./durable/index.ts";
export { JobWorkflow } from "./workflows/index.ts";

export default {
  fetch(request, env) {
    const deployment = parseEnv(env);
    const version = env.CF_VERSION_METADATA;
    const api = createApi(createBackend(env, deployment), {
      adminToken: deployment.adminToken,
      version: {
        name: packageJson.name,
        version: packageJson.version,
        commit: version?.tag || null,
        id: version?.id || null,
      },
      now: Date.now,
      randomUUID: () => crypto.randomUUID(),
      log: (event) => console.log(JSON.stringify(event)),
    });
    return api.fetch(request);
  },
  async scheduled({ cron, scheduledTime }, env) {
    const { backups } = createBackend(env, parseEnv(env));
    await runCron(cron, scheduledTime, backups.start);
  },
} satisfies ExportedHandler<Env>;
