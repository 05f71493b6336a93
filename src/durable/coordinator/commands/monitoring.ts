/**
 * Commands about how the service is and was: facts, metrics, samples, incidents.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

type Names =
  | "release.answers"
  | "facts.get"
  | "metrics.get"
  | "health.report"
  | "samples.add"
  | "samples.hourly"
  | "incidents.timeline"
  | "history.prune";

export const MONITORING_COMMANDS: Handlers<Names> = {
  "release.answers": ({ monitor }, { version, id }) => {
    monitor.releaseAnswers(version, id);
    return null;
  },
  "facts.get": ({ monitor }) => monitor.facts(),
  "metrics.get": ({ monitor }) => monitor.series(),
  "health.report": ({ monitor }, { readiness, r2 }) => monitor.health(readiness, r2.failed),
  "samples.add": ({ monitor }, sample) => monitor.addSample(sample),
  "samples.hourly": ({ monitor }, { since }) => monitor.hourly(since),
  "incidents.timeline": ({ monitor }, { since }) => monitor.timeline(since),
  "history.prune": ({ monitor }) => monitor.prune(),
};
