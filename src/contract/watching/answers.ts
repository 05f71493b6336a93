/**
 * What those who watch the service are answered, and what the document says of these routes. The
 * Worker imports only types from here.
 *
 * @module
 */

import * as z from "zod";
import { count, named, text, textOrNull, time, timeOrNull } from "../answer-fields.ts";
import { cluster } from "../cluster/answers.ts";
import type { RouteDocs } from "../route.ts";
import {
  INCIDENT_KINDS,
  SAMPLE_NAMES,
  SEVERITIES,
  USAGE_MEASURES,
  USAGE_SPANS,
} from "../vocabulary.ts";
import type { WATCHING_ROUTES } from "./requests.ts";

const health = z.enum(["healthy", "degraded", "unhealthy"]);
export type Health = z.infer<typeof health>;

const check = z.object({
  name: text,
  status: health,
  latency_ms: z.number().describe("0 when it was known"),
  message: text.describe("What is found and, when it is not well, what to do"),
});
export type CheckView = z.infer<typeof check>;

const readiness = named("Readiness", z.object({ status: health, checks: z.array(check) }));
export type ReadinessView = z.infer<typeof readiness>;

/** What everybody sees of it: whether all is well, and which part is not. */
const publicReadiness = z.object({
  status: health,
  checks: z.array(
    z.object({
      name: text,
      status: health,
      latency_ms: z
        .number()
        .optional()
        .describe("With a key: how long finding it out took, 0 when it was known"),
      message: text
        .optional()
        .describe("With a key: what is found and, when it is not well, what to do"),
    }),
  ),
});

const version = z.object({
  name: text,
  version: text,
  commit: textOrNull,
  id: textOrNull.describe("The deployment, as the platform names it"),
  deployed_at: timeOrNull,
  schema_version: count,
  settings: z
    .object({ version: count, digest: text })
    .nullable()
    .describe("null: the Coordinator does not answer"),
});

/** The last run of a scheduled job, and the last one that succeeded. */
const jobRun = named(
  "JobRun",
  z.object({
    job: text,
    /** The time that the run was for. */
    scheduled_at: time,
    started_at: time,
    ended_at: timeOrNull.describe("null: it runs"),
    result: z.enum(["success", "failure"]).nullable(),
    detail: text,
    last_success_at: timeOrNull,
  }),
);
export type JobRunView = z.infer<typeof jobRun>;

const incident = named(
  "Incident",
  z.object({
    seq: count,
    at: time,
    kind: z.enum(INCIDENT_KINDS),
    severity: z.enum(SEVERITIES),
    /** One line. */
    title: text,
    detail: z.record(text, z.unknown()),
  }),
);
export type Incident = z.infer<typeof incident>;
export type Severity = Incident["severity"];

/** Totals of counters and present values of gauges over all instances at one moment. */
const sample = named(
  "MetricSample",
  z.object({
    at: time,
    totals: z.partialRecord(z.enum(SAMPLE_NAMES), z.number()),
    /** Observations by bucket since the beginning, not cumulative over buckets. */
    histograms: z.partialRecord(z.enum(["http", "storage", "recall"]), z.array(count)),
    silent: count.describe("Instances that did not answer"),
  }),
);
export type MetricSample = z.infer<typeof sample>;

const loggedLine = z.object({
  at: time,
  from: text.describe("An instance by its number, `coordinator`, or `worker`"),
  line: text.describe("As the log has it: a JSON object"),
});
export type LoggedLineView = z.infer<typeof loggedLine>;

const timeline = z.object({
  since: time,
  until: time,
  incidents: z.array(incident),
  samples: z.array(sample),
  logs: z.array(loggedLine).optional().describe("With `logs=true`, the oldest first"),
  logs_silent: z.array(text).optional().describe("Who did not answer with its lines"),
});

const overview = z.object({
  at: time,
  version: z.looseObject({ name: text, version: text }),
  readiness,
  fleet: cluster,
  jobs: z.array(jobRun),
  incidents: z.array(incident),
  samples: z.array(sample),
  now: sample,
  bucket_bounds: z.array(z.number()).describe("Upper bounds of the samples' histograms, s"),
});

/** null: not known, or not yet. */
const figure = z.number().nullable();
const rate = z.object({ per_hour: figure, per_day: figure });
export type GrowthView = z.infer<typeof rate>;

const forecast = z.object({
  resource: text,
  now: z.number(),
  limit: z.number(),
  unit: z.enum(["bytes", "rows"]),
  /** Share of the limit that is used, 0…1 and beyond. */
  used: z.number(),
  per_day: figure,
  /** With a 95 % prediction interval; null: too little is known yet. */
  in_30_days: z.object({ expected: z.number(), low: z.number(), high: z.number() }).nullable(),
  /**
   * When the limit is reached, as expected, and at the earliest and latest that the interval allows;
   * null: never, or unknown.
   */
  reached_at: z.object({
    expected: timeOrNull,
    earliest: timeOrNull,
    latest: timeOrNull,
  }),
  /** What to change. */
  advice: text,
});
export type ForecastView = z.infer<typeof forecast>;

const capacity = named(
  "Capacity",
  z.object({
    /** The first and the last of the samples that this is computed from. */
    from: timeOrNull,
    to: timeOrNull,
    hours: z.number(),
    rates: z.object({
      episodes: rate,
      steps: rate,
      recalls: rate,
      requests: rate,
      patterns: rate,
    }),
    /** Growth of the database by episode taken in, with its steps and all that it taught. */
    bytes_per_episode: figure,
    /** Mean of a sample of stored patterns, without indexes. */
    bytes_per_pattern: figure,
    storage: z.object({ database_bytes: figure, instance_bytes: figure, r2_bytes: figure }),
    backlog: z.object({ rows: figure, oldest_seconds: figure, dead: figure }),
    cache_hit_rate: figure,
    forecasts: z.array(forecast),
  }),
);
export type CapacityView = z.infer<typeof capacity>;

const usageCounts = z.object({
  requests: count.describe("That came in, those that were refused included"),
  refusals: count.describe("Requests that the memory refused: rate, scope, bounds, modes"),
  episodes: count.describe("That it began, or imported"),
  open_episodes: count.describe("That run now, whenever they began"),
  rows: count.describe("That its requests wrote, each time that they did"),
  bytes: count.describe("Of those rows"),
});
export type UsageCounts = z.infer<typeof usageCounts>;

const quotaUse = z.object({ used: count.nullable(), limit: count.nullable() });
const namespaceQuotas = z.object({ episodes: quotaUse, bytes: quotaUse });
export type NamespaceQuotas = z.infer<typeof namespaceQuotas>;

const namespaceUsage = z.object({
  namespace: text,
  ...usageCounts.shape,
  quotas: namespaceQuotas
    .nullable()
    .describe(
      "What it holds of its quotas, as last counted with what began since; limit null: there is none of it. null: none is in force, or it began nothing since its home's object did",
    ),
});
const keyUsage = z.object({
  key: text.describe(
    "The id of the key; operator: ADMIN_TOKEN; spans: of an episode that came as spans; nobody: no key that is known; unknown: of an episode that does not say who began it",
  ),
  name: textOrNull.describe("null: it is no key's id, or the name is not known now"),
  revoked_at: timeOrNull,
  ...usageCounts.shape,
});

const usage = named(
  "Usage",
  z.object({
    over: z.enum(USAGE_SPANS).describe("The time until now, by clock hours or days"),
    by: z.enum(USAGE_MEASURES),
    namespaces: z.array(namespaceUsage).describe("Those with the most first"),
    keys: z.array(keyUsage).describe("Those with the most first"),
    others: z
      .object({ namespaces: usageCounts, keys: usageCounts })
      .describe("The sum of those that are not named"),
    silent: z.array(count).describe("Instances that did not answer: theirs is missing"),
  }),
);
export type UsageView = z.infer<typeof usage>;

export const WATCHING_DOCS: RouteDocs<typeof WATCHING_ROUTES> = {
  isAlive: {
    tag: "Health",
    summary: "Whether the Worker answers",
    description: "The text OK; as JSON where Accept names application/json.",
    answers: [{ status: 200, description: "It answers", type: "text/plain" }],
  },
  isReady: {
    tag: "Health",
    summary: "Whether requests can be served, part by part",
    description:
      "Open to all. What was found and what to do about it is shown only with the ADMIN_TOKEN or a key with the scope metrics; any other key counts as none.",
    answers: [
      {
        status: 200,
        description: "Requests are served; degraded: not all of them, or not for long",
        schema: publicReadiness,
      },
      { status: 503, description: "Requests are not served", schema: publicReadiness },
    ],
  },
  getVersion: {
    tag: "Health",
    summary: "What is deployed",
    answers: [
      {
        status: 200,
        description: "Name, version, deployment, schema and settings",
        schema: version,
      },
    ],
  },
  getMetrics: {
    tag: "Watching",
    summary: "Metrics of all instances, for Prometheus",
    description:
      "Text, or OpenMetrics by `Accept`. An instance that does not answer is shown as down.",
    answers: [{ status: 200, description: "The exposition", type: "text/plain" }],
  },
  listIncidents: {
    tag: "Watching",
    summary: "What happened, with samples of the metrics",
    description:
      "As JSON, or as Markdown for a post-mortem. With `day` the incidents of that day from their copies in R2, which outlive the Coordinator, without samples. With `logs=true` the last log lines too, of an hour at most, which the instances hold in memory, with those of Workers, and the Coordinator.",
    queryExample: { since: "1h" },
    answers: [{ status: 200, description: "The timeline", schema: timeline, or: "text/markdown" }],
  },
  getCapacity: {
    tag: "Watching",
    summary: "How much there is, how fast it grows, when a limit is reached",
    answers: [{ status: 200, description: "Rates, sizes and forecasts", schema: capacity }],
  },
  getUsage: {
    tag: "Watching",
    summary: "Who uses the service: namespaces and keys",
    description:
      "Counted by the instances, a thousand namespaces and a thousand keys each; of more, those that came the longest ago are summed up in `others`. A count covers the present clock hour (day) and the share of the one before that makes the hour (day) full. What an instance counted within its last ten seconds is lost when it crashes.",
    queryExample: { over: "hour", by: "open_episodes", limit: 10 },
    answers: [{ status: 200, description: "The usage", schema: usage }],
  },
  getOverview: {
    tag: "Watching",
    summary: "What the console shows, in one answer",
    answers: [{ status: 200, description: "The state of the service", schema: overview }],
  },
  getStartPage: {
    tag: "About",
    summary: "What is where",
    answers: [{ status: 200, description: "HTML", type: "text/html" }],
  },
  getConsole: {
    tag: "Watching",
    summary: "The operators' page",
    answers: [{ status: 200, description: "HTML", type: "text/html" }],
  },
  getConsoleFile: {
    tag: "Watching",
    summary: "A file of the operators' page",
    params: { file: { description: "Its name", example: "index.html" } },
    answers: [
      {
        status: 200,
        description: "The page; scripts and styles have their own types",
        type: "text/html",
      },
    ],
    errors: ["no_such_route"],
  },
  getConsolePart: {
    tag: "Watching",
    summary: "A file of a folder of the operators' page",
    params: {
      folder: { description: "The name of the folder", example: "core" },
      file: { description: "The file's name", example: "live.js" },
    },
    answers: [
      { status: 200, description: "A script; styles have their own type", type: "text/javascript" },
    ],
    errors: ["no_such_route"],
  },
};
