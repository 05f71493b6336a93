/**
 * The document's part about watching the service, by "METHOD path".
 *
 * @module
 */

import * as z from "zod";
import * as schema from "../schemas-operations.ts";
import type { RouteDoc } from "./route-doc.ts";
import * as shape from "./shapes-observability.ts";

const waits = ["not_ready"] as const;

export const OBSERVABILITY_DOCS: Readonly<Record<string, RouteDoc>> = {
  "GET /health/ready": {
    id: "isReady",
    tag: "Health",
    summary: "Whether requests can be served, part by part",
    description:
      "Open to all. What is found and what to do about it is told with the ADMIN_TOKEN or a key with the scope metrics; any other key is as good as none.",
    answers: [
      {
        status: 200,
        description: "They can; degraded: not all of them, or not for long",
        schema: shape.publicReadiness,
      },
      { status: 503, description: "They cannot", schema: shape.publicReadiness },
    ],
  },
  "GET /version": {
    id: "getVersion",
    tag: "Health",
    summary: "What is deployed",
    answers: [
      {
        status: 200,
        description: "Name, version, deployment, schema and settings",
        schema: shape.version,
      },
    ],
  },
  "GET /metrics": {
    id: "getMetrics",
    tag: "Watching",
    summary: "Metrics of all instances, for Prometheus",
    description:
      "Text, or OpenMetrics by `Accept`. An instance that does not answer is shown as down.",
    answers: [{ status: 200, description: "The exposition", type: "text/plain" }],
  },
  "GET /admin/incidents": {
    id: "listIncidents",
    tag: "Watching",
    summary: "What happened, with samples of the metrics",
    description: "As JSON, or as Markdown for a post-mortem.",
    query: schema.incidentsQuery,
    queryExample: { since: "1h" },
    answers: [
      { status: 200, description: "The timeline", schema: shape.timeline, or: "text/markdown" },
    ],
    errors: waits,
  },
  "GET /admin/capacity": {
    id: "getCapacity",
    tag: "Watching",
    summary: "How much there is, how fast it grows, when a limit is reached",
    answers: [{ status: 200, description: "Rates, sizes and forecasts", schema: shape.capacity }],
    errors: waits,
  },
  "GET /admin/overview": {
    id: "getOverview",
    tag: "Watching",
    summary: "What the console shows, in one answer",
    answers: [{ status: 200, description: "The state of everything", schema: shape.overview }],
    errors: waits,
  },
  "GET /console": {
    id: "getConsole",
    tag: "Watching",
    summary: "The operators' page",
    answers: [{ status: 200, description: "HTML", type: "text/html" }],
  },
  "GET /console/:file": {
    id: "getConsoleFile",
    tag: "Watching",
    summary: "A file of the operators' page",
    params: { file: { schema: z.string(), description: "Its name", example: "index.html" } },
    answers: [
      {
        status: 200,
        description: "The page; scripts and styles have their own types",
        type: "text/html",
      },
    ],
    errors: ["no_such_route"],
  },
};
