/**
 * What is asked of every instance and the Coordinator at once: metrics and readiness. Each question
 * has a deadline, and who does not answer is named instead of being left out.
 *
 * @module
 */

import type { Deployment } from "../env.ts";
import type { Gateway } from "./gateway.ts";
import { STORAGE_MAX_BYTES } from "../contract/limits.ts";
import { settingsOf, type Settings } from "../contract/settings.ts";
import { withDeadline } from "../util/deadline.ts";
import type {
  InstanceRpc,
  InternalInput,
  InternalOperationName,
  InternalOutput,
} from "../durable/shared/instance/protocol.ts";
import {
  BACKUP_JOBS,
  JOBS,
  judge,
  VERIFY_JOB,
  type CapacityLimits,
  type Incident,
  type InstanceAnswer,
  type JobRule,
  type JobRunView,
  type MetricSample,
  type ReadinessView,
  type Sample,
} from "../observability/index.ts";
import { SCHEMA_VERSION } from "../storage/index.ts";

/** How long everything is waited for, and the instances for the database, ms. */
interface Patience {
  answer_ms: number;
  probe_ms: number;
}

/** Readiness answers in under a second whatever is gone. */
const READINESS_PATIENCE: Patience = { answer_ms: 800, probe_ms: 500 };
/** A job can wait. */
const HEALTH_CHECK_PATIENCE: Patience = { answer_ms: 10_000, probe_ms: 5_000 };
/** Readiness is found out no more often than this, ms. */
const READINESS_CACHED_MS = 1_000;
/** Prometheus gives a scrape ten seconds by default, ms. */
const METRICS_MS = 3_000;

/** The jobs that readiness speaks of, and how often each should run. */
const JUDGED_JOBS = {
  backups: [...Object.keys(BACKUP_JOBS), VERIFY_JOB],
  periods_ms: Object.fromEntries(
    Object.entries<JobRule>(JOBS).map(([job, rule]) => [job, rule.period_ms]),
  ),
};

interface OverviewPorts {
  gateway: Pick<Gateway, "ask" | "place">;
  /** A new stub. */
  instance: (index: number) => InstanceRpc;
  deployment: Pick<Deployment, "defaults" | "version">;
  now: () => number;
}

type Answer<T> = { value: T } | { error: string };

export class Overview {
  readonly #ports: OverviewPorts;
  #readiness: { at: number; view: ReadinessView } | null = null;

  constructor(ports: OverviewPorts) {
    this.#ports = ports;
  }

  /** Every series of the service; an instance that does not answer is `memory_instance_up 0`. */
  async metrics(): Promise<Sample[]> {
    const { gateway, deployment } = this.#ports;
    const { count } = gateway.place(0);
    const all = Array.from({ length: count }, (_, index) => this.#metricsOf(index));
    const own = await answerWithin(METRICS_MS, () => gateway.ask("metrics.get", null));
    const instanceCount = "value" in own ? own.value.instance_count : count;
    for (let index = all.length; index < instanceCount; index++) all.push(this.#metricsOf(index));
    return [
      ...(await Promise.all(all)).flat(),
      ...("value" in own ? own.value.samples : []),
      { name: "memory_build_info", labels: { version: deployment.version.version }, value: 1 },
    ];
  }

  /** Found out at most once a second; answers within a second. */
  async readiness(): Promise<ReadinessView> {
    const { now } = this.#ports;
    const last = this.#readiness;
    if (last && now() - last.at <= READINESS_CACHED_MS) return last.view;
    const view = await this.#judge(READINESS_PATIENCE);
    this.#readiness = { at: now(), view };
    return view;
  }

  /** Readiness with the patience of a job. */
  healthCheck(): Promise<ReadinessView> {
    return this.#judge(HEALTH_CHECK_PATIENCE);
  }

  /** The settings that are in force; null when the Coordinator does not answer in time. */
  async settings(): Promise<{ version: number; settings: Settings } | null> {
    const { answer_ms } = READINESS_PATIENCE;
    const facts = await answerWithin(answer_ms, () => this.#ports.gateway.ask("facts.get", null));
    if ("error" in facts) return null;
    return { version: facts.value.control_version, settings: facts.value.settings };
  }

  /** The last run of each job. */
  async jobRuns(): Promise<JobRunView[]> {
    return (await this.#ports.gateway.ask("facts.get", null)).jobs;
  }

  /**
   * What happened, with samples of the metrics.
   *
   * @param since ms since the epoch
   */
  timeline(since: number): Promise<{ incidents: Incident[]; samples: MetricSample[] }> {
    return this.#ports.gateway.ask("incidents.timeline", { since });
  }

  /**
   * Hourly samples, and the bounds that a forecast is about.
   *
   * @param since ms since the epoch
   */
  async capacity(since: number): Promise<{ samples: MetricSample[]; limits: CapacityLimits }> {
    const { gateway } = this.#ports;
    const [samples, { settings, instances }] = await Promise.all([
      gateway.ask("samples.hourly", { since }),
      gateway.ask("facts.get", null),
    ]);
    return { samples, limits: { ...settings, instance_max_bytes: STORAGE_MAX_BYTES, instances } };
  }

  async #metricsOf(index: number): Promise<Sample[]> {
    const answer = await this.#askInstance(index, "metrics", null, METRICS_MS);
    if ("value" in answer) return answer.value;
    return [{ name: "memory_instance_up", labels: { instance: String(index) }, value: 0 }];
  }

  async #judge({ answer_ms, probe_ms }: Patience): Promise<ReadinessView> {
    const { gateway, deployment, now } = this.#ports;
    const begun = now();
    const [facts, ...instances] = await Promise.all([
      answerWithin(answer_ms, () => gateway.ask("facts.get", null)),
      ...Array.from(
        { length: gateway.place(0).count },
        async (_, index): Promise<InstanceAnswer> => {
          const input = { wait_ms: probe_ms };
          const answer = await this.#askInstance(index, "health", input, answer_ms);
          return { instance: index, ...("value" in answer ? answer.value : answer) };
        },
      ),
    ]);
    const coordinator = "value" in facts ? facts.value : null;
    return judge({
      now: now(),
      latency_ms: now() - begun,
      instances,
      coordinator,
      schema_version: SCHEMA_VERSION,
      limits: coordinator?.settings ?? settingsOf(deployment.defaults),
      jobs: JUDGED_JOBS,
    });
  }

  async #askInstance<N extends InternalOperationName>(
    index: number,
    name: N,
    input: InternalInput<N>,
    ms: number,
  ): Promise<Answer<InternalOutput<N>>> {
    const { instance, gateway } = this.#ports;
    const answer = await answerWithin(ms, () =>
      instance(index).internal(gateway.place(index), name, input),
    );
    if ("error" in answer) return answer;
    const result = answer.value;
    return result.ok ? { value: result.value } : { error: result.error.detail };
  }
}

/** The answer, or why there is none by then. Never throws. */
async function answerWithin<T>(ms: number, ask: () => Promise<T>): Promise<Answer<T>> {
  const asked = (async (): Promise<Answer<T>> => {
    try {
      return { value: await ask() };
    } catch (error) {
      return { error: String(error) };
    }
  })();
  return withDeadline(asked, ms, () => ({ error: `no answer within ${ms} ms` }));
}
