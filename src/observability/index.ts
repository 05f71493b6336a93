/**
 * The front door of `observability/`: metrics, log events, readiness, capacity, post-mortems,
 * and the error reporter. All of it is pure but the reporter and the logger.
 *
 * @module
 */

export { CONTENT_TYPES, expose, formatFor } from "./metrics/exposition.ts";
export { COMMON_FIELDS, EVENTS, type Level, type Log, type LogEvent } from "./log-events.ts";
export { LogRing, RING_BYTES, type LoggedLine } from "./log-ring.ts";
export { logger, traceIdOf } from "./logger.ts";
export { createReporter, type Reporter } from "./sentry.ts";
export {
  bornZero,
  gauge,
  labelled,
  Meter,
  seriesKey,
  type Counting,
  type HistogramSample,
  type Labelled,
  type Sample,
} from "./metrics/meter.ts";
export { tracedBy, tracedDatabase, type Traced } from "./spans.ts";
export { summedByInstances } from "./metrics/sums.ts";
export { BACKUP_JOBS, dueAt, JOBS, RUN_NAMES, VERIFY_JOB } from "./jobs.ts";
export { capacityOf, type CapacityLimits } from "./capacity/capacity.ts";
export { fitLine, studentT975 } from "./capacity/forecast.ts";
export { postmortem } from "./postmortem.ts";
export type { InstanceAnswer, ReadinessFacts } from "./readiness/check.ts";
export { judge } from "./readiness/readiness.ts";
export { quantile, reduceScrape } from "./metrics/exposition.ts";
export type {
  CapacityView,
  CheckView,
  Health,
  Incident,
  JobRunView,
  MetricSample,
  ReadinessView,
  Severity,
} from "../contract/watching/answers.ts";
export type { IncidentKind, SampleName } from "../contract/vocabulary.ts";
export { METHODS, type AlarmPartName, type OAuthEvent } from "./metrics/labels.ts";
export {
  METRIC_NAMES,
  METRICS,
  ruleOf,
  type GaugeName,
  type LabelsOf,
} from "./metrics/registry.ts";
