/**
 * What those who watch the service are answered, as schemas.
 *
 * @module
 */

import * as z from "zod";
import {
  INCIDENT_KINDS,
  SAMPLE_NAMES,
  type CapacityView,
  type Incident,
  type JobRunView,
  type MetricSample,
  type ReadinessView,
} from "../../observability/index.ts";
import { fleet } from "./shapes-operations.ts";
import { named, same, time } from "./component.ts";

const count = z.number().int().min(0);
const health = z.enum(["healthy", "degraded", "unhealthy"]);

/** What everybody sees of it: whether all is well, and which part is not. */
export const publicReadiness = z.object({
  status: health,
  checks: z.array(
    z.object({
      name: z.string(),
      status: health,
      latency_ms: z
        .number()
        .optional()
        .describe("With a key: how long finding it out took, 0 when it was known"),
      message: z
        .string()
        .optional()
        .describe("With a key: what is found and, when it is not well, what to do"),
    }),
  ),
});

const readiness = named(
  "Readiness",
  same<ReadinessView>()(
    z.object({
      status: health,
      checks: z.array(
        z.object({
          name: z.string(),
          status: health,
          latency_ms: z.number().describe("0 when it was known"),
          message: z.string().describe("What is found and, when it is not well, what to do"),
        }),
      ),
    }),
  ),
);
export const version = z.object({
  name: z.string(),
  version: z.string(),
  commit: z.string().nullable(),
  id: z.string().nullable().describe("The deployment, as the platform names it"),
  deployed_at: time.nullable(),
  schema_version: count,
  settings: z
    .object({ version: count, digest: z.string() })
    .nullable()
    .describe("null: the Coordinator does not answer"),
});

const jobRun = named(
  "JobRun",
  same<JobRunView>()(
    z.object({
      job: z.string(),
      scheduled_at: time,
      started_at: time,
      ended_at: time.nullable().describe("null: it runs"),
      result: z.enum(["success", "failure"]).nullable(),
      detail: z.string(),
      last_success_at: time.nullable(),
    }),
  ),
);
const incident = named(
  "Incident",
  same<Incident>()(
    z.object({
      seq: count,
      at: time,
      kind: z.enum(INCIDENT_KINDS),
      severity: z.enum(["info", "warning", "critical"]),
      title: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
);
const sample = named(
  "MetricSample",
  same<MetricSample>()(
    z.object({
      at: time,
      totals: z.partialRecord(z.enum(SAMPLE_NAMES), z.number()),
      histograms: z.partialRecord(z.enum(["http", "storage", "recall"]), z.array(count)),
      silent: count.describe("Instances that did not answer"),
    }),
  ),
);
export const timeline = z.object({
  since: time,
  until: time,
  incidents: z.array(incident),
  samples: z.array(sample),
});
export const overview = z.object({
  at: time,
  version: z.looseObject({ name: z.string(), version: z.string() }),
  readiness,
  fleet,
  jobs: z.array(jobRun),
  incidents: z.array(incident),
  samples: z.array(sample),
  now: sample,
  bucket_bounds: z.array(z.number()).describe("Upper bounds of the samples' histograms, s"),
});

const known = z.number().nullable();
const rate = z.object({ per_hour: known, per_day: known });
export const capacity = named(
  "Capacity",
  same<CapacityView>()(
    z.object({
      from: time.nullable(),
      to: time.nullable(),
      hours: z.number(),
      rates: z.object({
        episodes: rate,
        steps: rate,
        recalls: rate,
        requests: rate,
        patterns: rate,
      }),
      bytes_per_episode: known,
      bytes_per_pattern: known,
      storage: z.object({ database_bytes: known, instance_bytes: known, r2_bytes: known }),
      backlog: z.object({ rows: known, oldest_seconds: known, dead: known }),
      cache_hit_rate: known,
      forecasts: z.array(
        z.object({
          resource: z.string(),
          now: z.number(),
          limit: z.number(),
          unit: z.enum(["bytes", "rows"]),
          used: z.number(),
          per_day: known,
          in_30_days: z
            .object({ expected: z.number(), low: z.number(), high: z.number() })
            .nullable(),
          reached_at: z.object({
            expected: time.nullable(),
            earliest: time.nullable(),
            latest: time.nullable(),
          }),
          advice: z.string(),
        }),
      ),
    }),
  ),
);
