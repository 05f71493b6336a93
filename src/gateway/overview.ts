/**
 * What the Worker asks of everything at once: metrics, readiness, and the Coordinator's watch. Each
 * asking has a deadline, and who does not answer is named instead of being left out.
 *
 * @module
 */

import { settingsOf, type SettingOverrides } from "../contract/settings.ts";
import {
  BACKUP_JOBS,
  JOBS,
  judge,
  VERIFY_JOB,
  type CapacityLimits,
  type InstanceAnswer,
  type JobRule,
  type MetricSample,
  type ReadinessView,
  type Sample,
} from "../observability/index.ts";
import { SCHEMA_VERSION } from "../storage/index.ts";
import type {
  InstanceRpc,
  InternalName,
  Internals,
  MonitorCalls,
  MonitorName,
  CoordinatorRpc,
} from "../durable/shared/protocol.ts";
import { STORAGE_MAX_BYTES } from "../contract/limits.ts";
import { withDeadline } from "../util/deadline.ts";

/** Readiness answers in under a second whatever is gone, ms. */
const READINESS_MS = 800;
/** What an instance may spend of that on waiting for the database, ms. */
const PROBE_MS = 500;
const READINESS_CACHED_MS = 1_000;
/** Prometheus gives a scrape ten seconds by default, ms. */
const METRICS_MS = 3_000;

export interface OverviewPorts {
  coordinator: () => CoordinatorRpc;
  instance: (index: number) => InstanceRpc;
  /** How many instances there are, and the version of that, as far as it is known here. */
  count: () => number;
  version: () => number;
  defaults: SettingOverrides;
  release: { version: string; id: string | null };
}

/** In this isolate. */
let cached: { at: number; view: ReadinessView } | null = null;

export function createOverview(ports: OverviewPorts) {
  const { coordinator, instance, count, version, defaults, release } = ports;

  const ask = async <N extends InternalName>(
    index: number,
    name: N,
    input: Internals[N]["input"],
    ms: number,
  ): Promise<{ value: Internals[N]["output"] } | { error: string }> => {
    const place = { index, count: count(), version: version() };
    const result = await answerWithin(ms, () => instance(index).internal(place, name, input));
    if ("error" in result) return result;
    return result.value.ok ? { value: result.value.value } : { error: result.value.error.detail };
  };

  const watch = <N extends MonitorName>(
    name: N,
    input: MonitorCalls[N]["input"],
  ): Promise<MonitorCalls[N]["output"]> => coordinator().monitor(name, input);

  /** Every series of the service; an instance that does not answer is `memory_instance_up 0`. */
  const metrics = async (): Promise<Sample[]> => {
    const of = async (index: number): Promise<Sample[]> => {
      const word = await ask(index, "metrics", null, METRICS_MS);
      if ("value" in word) return word.value;
      return [{ name: "memory_instance_up", labels: { instance: String(index) }, value: 0 }];
    };
    const all = Array.from({ length: count() }, (_, index) => of(index));
    const global = await answerWithin(METRICS_MS, () => watch("metrics", null));
    const reach = "value" in global ? global.value.reach : count();
    for (let index = all.length; index < reach; index++) all.push(of(index));
    return [
      ...(await Promise.all(all)).flat(),
      ...("value" in global ? global.value.samples : []),
      { name: "memory_build_info", labels: { version: release.version }, value: 1 },
    ];
  };

  const look = async (ms: number, probeMs: number): Promise<ReadinessView> => {
    const begun = Date.now();
    const [facts, ...words] = await Promise.all([
      answerWithin(ms, () => watch("facts", null)),
      ...Array.from({ length: count() }, async (_, index): Promise<InstanceAnswer> => {
        const word = await ask(index, "health", { wait_ms: probeMs }, ms);
        return "value" in word ? { instance: index, ...word.value } : { instance: index, ...word };
      }),
    ]);
    const coordinatorFacts = "value" in facts ? facts.value : null;
    return judge({
      now: Date.now(),
      latency_ms: Date.now() - begun,
      instances: words,
      coordinator: coordinatorFacts,
      schema_version: SCHEMA_VERSION,
      limits: coordinatorFacts?.settings ?? settingsOf(defaults),
      jobs: {
        backups: [...Object.keys(BACKUP_JOBS), VERIFY_JOB],
        periods_ms: Object.fromEntries(
          Object.entries<JobRule>(JOBS).map(([job, rule]) => [job, rule.period_ms]),
        ),
      },
    });
  };

  return {
    metrics,
    watch: {
      timeline: (since: number) => watch("timeline", { since }),
      capacity: async (
        since: number,
      ): Promise<{ samples: MetricSample[]; limits: CapacityLimits }> => {
        const [samples, { settings, instances }] = await Promise.all([
          watch("hourly", { since }),
          watch("facts", null),
        ]);
        return {
          samples,
          limits: { ...settings, instance_max_bytes: STORAGE_MAX_BYTES, instances },
        };
      },
      jobs: async () => (await watch("facts", null)).jobs,
      /** null when the Coordinator does not answer in time. */
      settings: async () => {
        const facts = await answerWithin(READINESS_MS, () => watch("facts", null));
        return "value" in facts
          ? { version: facts.value.control_version, settings: facts.value.settings }
          : null;
      },
    },
    /** For jobs. */
    tell: watch,
    /** Found out at most once a second; answers within a second. */
    readiness: async (): Promise<ReadinessView> => {
      if (cached && Date.now() - cached.at <= READINESS_CACHED_MS) return cached.view;
      const view = await look(READINESS_MS, PROBE_MS);
      cached = { at: Date.now(), view };
      return view;
    },
    /** With the patience of a job. */
    healthCheck: (): Promise<ReadinessView> => look(10_000, 5_000),
    schemaVersion: SCHEMA_VERSION,
  };
}

/** The answer, or why there is none by then. */
async function answerWithin<T>(
  ms: number,
  work: () => Promise<T>,
): Promise<{ value: T } | { error: string }> {
  const answer = (async () => {
    try {
      return { value: await work() };
    } catch (error) {
      return { error: String(error) };
    }
  })();
  return withDeadline(answer, ms, () => ({ error: `no answer within ${ms} ms` }));
}
