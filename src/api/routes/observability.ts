/**
 * The routes of those who watch the service: metrics, incidents, capacity, the console and what it
 * shows.
 *
 * @module
 */

import { MS } from "../../contract/limits.ts";
import {
  capacityOf,
  CONTENT_TYPES,
  expose,
  formatFor,
  METRICS,
  postmortem,
  reduceScrape,
} from "../../observability/index.ts";
import { answer } from "../answer.ts";
import type { Context } from "../context.ts";
import { Problem, problemOf } from "../problem.ts";
import type { Route } from "./route.ts";
import * as schema from "../schemas-operations.ts";
import { isoTime } from "../../util/time.ts";

/** Capacity looks back this far, ms. */
const CAPACITY_MS = 90 * MS.day;
/** The console's files load nothing and talk to nobody but this service. */
const CONSOLE_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
  "Cache-Control": "no-cache",
};

async function metrics(context: Context): Promise<Response> {
  await context.authorizeForMetrics();
  const format = formatFor(context.request.headers.get("Accept"));
  const body = expose(await context.backend.overview.metrics(), format);
  return new Response(body, { headers: { "Content-Type": CONTENT_TYPES[format], Vary: "Accept" } });
}

async function incidents(context: Context): Promise<Response> {
  const query = context.query(schema.incidentsQuery);
  const now = context.options.now();
  const since = now - query.since;
  const timeline = await context.backend.overview.timeline(since);
  const [from, until] = [isoTime(since), isoTime(now)];
  const wanted = (context.request.headers.get("Accept") ?? "").includes("text/markdown")
    ? "markdown"
    : "json";
  if ((query.format ?? wanted) === "json") return answer({ since: from, until, ...timeline });
  return new Response(postmortem(from, until, timeline.incidents, timeline.samples), {
    headers: { "Content-Type": "text/markdown; charset=utf-8", Vary: "Accept" },
  });
}

async function capacity(context: Context): Promise<Response> {
  const { samples, limits } = await context.backend.overview.capacity(
    context.options.now() - CAPACITY_MS,
  );
  return answer(capacityOf(samples, limits));
}

/** What the console shows, in one answer. */
async function overview(context: Context): Promise<Response> {
  const { backend, options } = context;
  const [readiness, fleet, jobs, timeline, scrape] = await Promise.all([
    backend.overview.readiness(),
    backend.command("cluster.view", null),
    backend.overview.jobRuns(),
    backend.overview.timeline(options.now() - MS.day),
    backend.overview.metrics(),
  ]);
  if (!fleet.ok) throw problemOf(fleet.error);
  const { buckets } = METRICS.memory_http_request_duration_seconds;
  return answer({
    at: isoTime(options.now()),
    version: options.version,
    readiness,
    fleet: fleet.value,
    jobs,
    incidents: timeline.incidents,
    samples: timeline.samples,
    /** As it is now, for plots that go on between two samples. */
    now: reduceScrape(scrape, isoTime(options.now())),
    /** Upper bounds of the samples' histograms, s. */
    bucket_bounds: buckets,
  });
}

async function consoleFile(context: Context): Promise<Response> {
  const file = await context.options.consoleFile(context.params["file"] ?? "index.html");
  if (!file) throw new Problem("no_such_route", "The console has no such file.");
  const headers = new Headers(CONSOLE_HEADERS);
  headers.set("Content-Type", file.headers.get("Content-Type") ?? "application/octet-stream");
  const etag = file.headers.get("ETag");
  if (etag !== null) headers.set("ETag", etag);
  return new Response(file.body, { headers });
}

export const OBSERVABILITY_ROUTES: readonly Route[] = [
  { method: "GET", path: "/metrics", scope: "metrics", handle: metrics },
  { method: "GET", path: "/admin/incidents", scope: "root", handle: incidents },
  { method: "GET", path: "/admin/capacity", scope: "root", handle: capacity },
  { method: "GET", path: "/admin/overview", scope: "root", handle: overview },
  { method: "GET", path: "/console", scope: null, handle: consoleFile },
  { method: "GET", path: "/console/:file", scope: null, handle: consoleFile },
];
