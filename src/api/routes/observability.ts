/**
 * Handlers of the routes of those who watch the service: health, version, metrics, incidents,
 * capacity, and what the console shows.
 *
 * @module
 */

import { answer } from "../answer.ts";
import { identify } from "../caller.ts";
import { Problem, problemOf } from "../problem.ts";
import type { RequestContext } from "../request-context.ts";
import { consoleFile } from "./files.ts";
import { command, type Handlers } from "./route.ts";
import { MS } from "../../contract/limits.ts";
import type { WATCHING_ROUTES } from "../../contract/watching/requests.ts";
import { canonicalJson } from "../../memory/canonical.ts";
import {
  capacityOf,
  CONTENT_TYPES,
  expose,
  formatFor,
  METRICS,
  postmortem,
  reduceScrape,
  type Incident,
  type MetricSample,
} from "../../observability/index.ts";
import { withDeadline } from "../../util/deadline.ts";
import { sha256Hex } from "../../util/hashing/hash.ts";
import { isoTime } from "../../util/time.ts";

/** How long one instance may take to judge a caller, ms. */
const JUDGE_MS = 1_000;

/**
 * Whether the caller of a route that is open to all showed the ADMIN_TOKEN or a key with the scope
 * metrics. Says no when no instance answers in time: whoever looks after a service that is unwell
 * shows the ADMIN_TOKEN.
 */
async function isWatcher(context: RequestContext): Promise<boolean> {
  const { request, url, backend, options } = context;
  if (!request.headers.has("Authorization")) return false;
  try {
    const caller = await identify(request, url, options.admins, options.keyHashes);
    if (caller.root) return true;

    const count = await withDeadline(backend.instanceCount(), JUDGE_MS);
    const authorized = context.as(caller).authorizeAt(context.namespaceHome(count), "metrics");
    await withDeadline(authorized, JUDGE_MS);
    return true;
  } catch {
    return false;
  }
}

/** Instances that are asked whether a caller may read the metrics, until one answers. */
const JUDGES_MAX = 8;

/** Asks one instance after the other. @throws Problem when the caller may not */
async function authorizeForMetrics(context: RequestContext): Promise<void> {
  if (context.caller.root || context.options.metricsOpen) return;
  const count = await context.backend.instanceCount().catch(() => 1);
  const judges = Math.min(count, JUDGES_MAX);
  for (let instance = 0; ; instance++) {
    try {
      await withDeadline(context.authorizeAt(instance, "metrics"), JUDGE_MS);
      return;
    } catch (error) {
      if (error instanceof Problem || instance + 1 >= judges) throw error;
    }
  }
}

/** What happened: lately, with samples, or on a day, as R2 has it. */
async function timelineOf(
  { backend, options }: RequestContext,
  { since, day }: { since: number; day?: string },
): Promise<{ from: string; until: string; incidents: Incident[]; samples: MetricSample[] }> {
  const now = options.now();
  if (day === undefined) {
    const [from, until] = [isoTime(now - since), isoTime(now)];
    return { from, until, ...(await backend.overview.timeline(now - since)) };
  }
  const found = await backend.archive.day(day);
  if (!found.ok) throw problemOf(found.error);
  const [from, until] = [`${day}T00:00:00.000Z`, `${day}T23:59:59.999Z`];
  return { from, until, incidents: found.value, samples: [] };
}

/** Capacity looks back this far, ms. */
const CAPACITY_MS = 90 * MS.day;
/** Hexadecimal digits of the digest of the settings. */
const DIGEST_DIGITS = 16;

/** What the console shows, in one answer. */
async function overview(context: RequestContext): Promise<Response> {
  const { backend, options } = context;
  const [readiness, cluster, jobs, timeline, scrape] = await Promise.all([
    backend.overview.readiness(),
    backend.command("cluster.view", null),
    backend.overview.jobRuns(),
    backend.overview.timeline(options.now() - MS.day),
    backend.overview.metrics(),
  ]);
  if (!cluster.ok) throw problemOf(cluster.error);

  const { buckets } = METRICS.memory_http_request_duration_seconds;
  return answer({
    at: isoTime(options.now()),
    version: options.version,
    readiness,
    fleet: cluster.value,
    jobs,
    incidents: timeline.incidents,
    samples: timeline.samples,
    /** As it is now, for plots that go on between two samples. */
    now: reduceScrape(scrape, isoTime(options.now())),
    /** Upper bounds of the samples' histograms, s. */
    bucket_bounds: buckets,
  });
}

export const WATCHING_HANDLERS: Handlers<typeof WATCHING_ROUTES> = {
  /** As text, unless JSON is asked for: the simplest probes compare it with "OK". */
  isAlive: ({ request }) =>
    (request.headers.get("Accept") ?? "").includes("application/json")
      ? answer({ status: "alive" }, { headers: { Vary: "Accept" } })
      : new Response("OK", {
          headers: { "Content-Type": "text/plain; charset=utf-8", Vary: "Accept" },
        }),

  async isReady(context) {
    const [readiness, isForWatcher] = await Promise.all([
      context.backend.overview.readiness(),
      isWatcher(context),
    ]);
    // What is found names jobs, backups and errors: it is for those who watch.
    const checks = readiness.checks.map(({ name, status }) => ({ name, status }));
    return answer(isForWatcher ? readiness : { status: readiness.status, checks }, {
      status: readiness.status === "unhealthy" ? 503 : 200,
    });
  },

  /** The digest tells whether two services are set alike. */
  async getVersion({ backend, options }) {
    const inForce = await backend.overview.settings();
    const settings = inForce && {
      version: inForce.version,
      digest: (await sha256Hex(canonicalJson(inForce.settings))).slice(0, DIGEST_DIGITS),
    };
    return answer({ ...options.version, schema_version: backend.schemaVersion, settings });
  },

  async getMetrics(context) {
    await authorizeForMetrics(context);
    const format = formatFor(context.request.headers.get("Accept"));
    const body = expose(await context.backend.overview.metrics(), format);
    return new Response(body, {
      headers: { "Content-Type": CONTENT_TYPES[format], Vary: "Accept" },
    });
  },

  async listIncidents(context, { query }) {
    const { overview: asked } = context.backend;
    const now = context.options.now();
    const { from, until, ...timeline } = await timelineOf(context, query);
    const logged = query.logs ? await asked.logs(now - Math.min(query.since, MS.hour)) : null;
    const logs = logged ? { logs: logged.lines, logs_silent: logged.silent } : {};

    const accept = context.request.headers.get("Accept") ?? "";
    const format = query.format ?? (accept.includes("text/markdown") ? "markdown" : "json");
    if (format === "json") return answer({ since: from, until, ...timeline, ...logs });
    return new Response(postmortem({ from, until, ...timeline, logs: logged?.lines ?? null }), {
      headers: { "Content-Type": "text/markdown; charset=utf-8", Vary: "Accept" },
    });
  },

  async getCapacity({ backend, options }) {
    const { samples, limits } = await backend.overview.capacity(options.now() - CAPACITY_MS);
    return answer(capacityOf(samples, limits));
  },

  getUsage: (context, { query }) => command(context, "usage.get", query),

  getOverview: overview,
  getStartPage: (context) => consoleFile(context, "start.html"),
  getConsole: (context) => consoleFile(context, "index.html"),
  getConsoleFile: (context, { params: { file } }) => consoleFile(context, file),
  getConsolePart: (context, { params: { folder, file } }) => consoleFile(context, folder, file),
};
