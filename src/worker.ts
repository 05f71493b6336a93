/**
 * The Worker's entry: requests go to the API, schedules to the jobs, the classes to the platform.
 * No logic.
 *
 * @module
 */

import { Api, KeyHashes, OAuth, type ApiOptions } from "./api/index.ts";
import { runNamed, runScheduled } from "./cron/index.ts";
import { deploymentOf, type Env } from "./env.ts";
import { Gateway } from "./gateway/index.ts";
import { createReporter, logger, tracedBy } from "./observability/index.ts";
import { RELEASE } from "./release.ts";

export { Coordinator, DrillScratch, MemoryInstance } from "./durable/index.ts";
export { JobWorkflow } from "./workflows/index.ts";

const gateways = new WeakMap<Env, Gateway>();
const keyHashes = new KeyHashes();

/** One for each isolate: it remembers what this isolate heard, and counts what it did. */
function gatewayOf(env: Env): Gateway {
  let gateway = gateways.get(env);
  if (!gateway) {
    const log = logger(
      () => gatewayOf(env).logLevel,
      () => ({}),
      (line) => gatewayOf(env).logged(line),
    );
    gateway = new Gateway({ env, deployment: deploymentOf(env), now: Date.now, log });
    gateways.set(env, gateway);
  }
  return gateway;
}

const oauths = new WeakMap<Env, OAuth>();

/** One for each isolate; null: the deployment has no KV namespace for it. */
function oauthOf(env: Env): OAuth | null {
  const { OAUTH_KV: kv } = env;
  if (!kv) return null;
  let oauth = oauths.get(env);
  if (!oauth) {
    const backend = gatewayOf(env);
    const log = logger(
      () => backend.logLevel,
      () => ({}),
      (line) => backend.logged(line),
    );
    oauth = new OAuth({
      kv,
      origin: deploymentOf(env).oauthOrigin,
      backend,
      now: Date.now,
      randomUUID: () => crypto.randomUUID(),
      log,
      counted: (event) => backend.countedOAuth(event),
    });
    oauths.set(env, oauth);
  }
  return oauth;
}

function partsOf(env: Env, ctx: ExecutionContext) {
  const deployment = deploymentOf(env);
  const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work);
  return {
    deployment,
    backend: gatewayOf(env),
    waitUntil,
    reporter: createReporter({
      dsn: deployment.sentryDsn,
      release: RELEASE.version,
      waitUntil,
    }),
  };
}

/** @param answered is called when the request is answered */
function apiOf(env: Env, ctx: ExecutionContext, answered: ApiOptions["answered"]): Api {
  const { deployment, backend, reporter, waitUntil } = partsOf(env, ctx);
  const version = env.CF_VERSION_METADATA;
  return new Api(backend, {
    admins: deployment.admins,
    keyHashes,
    version: {
      ...RELEASE,
      commit: version?.tag || null,
      id: version?.id || null,
      deployed_at: deployment.deployedAt || null,
    },
    corsOrigins: deployment.corsOrigins,
    metricsOpen: deployment.metricsOpen,
    oauth: oauthOf(env),
    reporter,
    answered: (request) => {
      answered(request);
      backend.counted(request, waitUntil);
    },
    asset: async (path) => {
      const file = await env.ASSETS.fetch(`https://assets.local/${path}`);
      return file.ok ? file : null;
    },
    runJob: (job, by) =>
      runNamed(job, {
        backend,
        reporter,
        log: logger(
          () => backend.logLevel,
          () => ({ request_id: `job-${job}` }),
          (line) => backend.logged(line),
        ),
        now: Date.now,
        scheduledAt: Date.now(),
        by,
      }),
    now: Date.now,
    wait: (ms) => scheduler.wait(ms),
    randomUUID: () => crypto.randomUUID(),
    log: logger(
      () => backend.logLevel,
      () => ({}),
      (line) => backend.logged(line),
    ),
  });
}

export default {
  fetch(request, env, ctx) {
    return tracedBy(ctx.tracing)("request", (span) =>
      apiOf(env, ctx, ({ route, status }) => {
        span.setAttribute("http.route", route);
        span.setAttribute("http.response.status_code", status);
      }).fetch(request),
    );
  },
  async scheduled(controller, env, ctx) {
    const { backend, reporter } = partsOf(env, ctx);
    const log = logger(
      () => backend.logLevel,
      () => ({ request_id: `cron-${controller.scheduledTime}` }),
      (line) => backend.logged(line),
    );
    const context = {
      backend,
      reporter,
      log,
      now: Date.now,
      scheduledAt: controller.scheduledTime,
      by: "cron",
    };
    try {
      await runScheduled(controller.cron, context);
    } finally {
      backend.sendCounts((work) => ctx.waitUntil(work));
    }
  },
} satisfies ExportedHandler<Env>;
