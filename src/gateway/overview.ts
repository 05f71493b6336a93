/**
 * Asks every instance and the Coordinator together: for metrics and readiness. Instances are asked
 * through a tree, so that however many there are, the Worker asks few of them. Each question has a
 * deadline, and who does not answer is named instead of being left out.
 *
 * @module
 */

import type { Deployment } from "../env.ts";
import { STORAGE_MAX_BYTES } from "../contract/limits.ts";
import { settingsOf, type Settings } from "../contract/settings.ts";
import type { LoggedLineView } from "../contract/watching/answers.ts";
import { isoTime } from "../util/time.ts";
import { withDeadline } from "../util/deadline.ts";
import type { CommandInput, CommandOutput, CommandsOf } from "../durable/shared/coordinator.ts";
import { Gatherer } from "../durable/shared/instance/gather.ts";
import { MERGES } from "../durable/shared/instance/merges.ts";
import type {
  Gathered,
  InstanceRange,
  InstanceRpc,
  InternalInput,
  Place,
  SingleOperationName,
} from "../durable/shared/instance/protocol.ts";
import { FAN_OUT } from "../durable/shared/instance/tree.ts";
import { refusedOf } from "../durable/shared/refusals.ts";
import {
  judge,
  type CapacityLimits,
  type Incident,
  type InstanceAnswer,
  type JobRunView,
  type LoggedLine,
  RING_BYTES,
  type MetricSample,
  type ReadinessView,
  type Sample,
} from "../observability/index.ts";
import { SCHEMA_VERSION } from "../storage/index.ts";

/** How long everything is waited for, and the instances for the database, ms. */
interface Deadlines {
  answer_ms: number;
  probe_ms: number;
}

/** Readiness answers in under a second whatever is gone; */
const READINESS_DEADLINES: Deadlines = { answer_ms: 800, probe_ms: 500 };
/** in under two where the tree has a third level. */
const READINESS_DEADLINES_MANY: Deadlines = { answer_ms: 1_600, probe_ms: 500 };
/** A job can wait. */
const HEALTH_CHECK_DEADLINES: Deadlines = { answer_ms: 10_000, probe_ms: 5_000 };
/** Readiness is found out no more often than this, ms. */
const READINESS_CACHED_MS = 1_000;
/** Prometheus gives a scrape ten seconds by default, ms. */
const METRICS_MS = 3_000;
/** UTF-8 bytes of all log lines of an answer. */
const LOGS_BYTES = 8 * 1_024 * 1_024;

/** What the overview asks of the gateway. */
interface AskedGateway {
  ask<N extends CommandsOf["worker"]>(name: N, input: CommandInput<N>): Promise<CommandOutput<N>>;
  place(index: number): Place;
}

interface OverviewPorts {
  gateway: AskedGateway;
  /** A new stub. */
  instance: (index: number) => InstanceRpc;
  deployment: Pick<Deployment, "backupKeyProblem" | "defaults" | "version">;
  now: () => number;
}

type Answer<T> = { value: T } | { error: string };

export class Overview {
  readonly #ports: OverviewPorts;
  readonly #gatherer: Gatherer;
  #readiness: { at: number; view: ReadinessView } | null = null;

  constructor(ports: OverviewPorts) {
    this.#ports = ports;
    const { gateway, instance, now } = ports;
    this.#gatherer = new Gatherer({
      ask: async (index, name, input) => {
        const result = await instance(index).internal(gateway.place(index), name, input);
        if (result.ok) return result.value;
        throw refusedOf(result.error);
      },
      now,
      merges: MERGES,
    });
  }

  /** Every series of the service; an instance that does not answer is `memory_instance_up 0`. */
  async metrics(): Promise<Sample[]> {
    const { gateway, deployment } = this.#ports;
    const { count } = gateway.place(0);
    const [instances, own] = await Promise.all([
      this.#metricsOf({ first: 0, end: count }),
      answerWithin(METRICS_MS, () => gateway.ask("metrics.get", null)),
    ]);
    // Instances of another topology, while they hand over.
    const end = "value" in own ? own.value.instance_count : count;
    return [
      ...instances,
      ...(await this.#metricsOf({ first: count, end })),
      ...("value" in own ? own.value.samples : []),
      { name: "memory_build_info", labels: { version: deployment.version.version }, value: 1 },
    ];
  }

  /** Found out at most once a second. */
  async readiness(): Promise<ReadinessView> {
    const { now } = this.#ports;
    const last = this.#readiness;
    if (last && now() - last.at <= READINESS_CACHED_MS) return last.view;
    const areMany = this.#ports.gateway.place(0).count > FAN_OUT ** 2;
    const view = await this.#judge(areMany ? READINESS_DEADLINES_MANY : READINESS_DEADLINES);
    this.#readiness = { at: now(), view };
    return view;
  }

  /** Readiness with the deadlines of a job. */
  healthCheck(): Promise<ReadinessView> {
    return this.#judge(HEALTH_CHECK_DEADLINES);
  }

  /** The settings that are in force; null when the Coordinator does not answer in time. */
  async settings(): Promise<{ version: number; settings: Settings } | null> {
    const { answer_ms } = READINESS_DEADLINES;
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
   * The last lines that the instances, the Coordinator and Workers logged, the oldest first, and who
   * did not answer. Workers send theirs to the instances.
   *
   * @param since ms since the epoch
   */
  async logs(since: number): Promise<{ lines: LoggedLineView[]; silent: string[] }> {
    const { gateway } = this.#ports;
    const { count } = gateway.place(0);
    // Each instance has lines of its own and of Workers.
    const bytes = Math.min(RING_BYTES, Math.floor(LOGS_BYTES / (2 * count + 1)));
    const input = { since, bytes };
    const range = { first: 0, end: count };
    const [{ answers, silent }, workers, own] = await Promise.all([
      this.#gather("logs", input, range, METRICS_MS),
      this.#gather("worker_logs", input, range, METRICS_MS),
      answerWithin(METRICS_MS, () => gateway.ask("logs.recent", input)),
    ]);
    const named = (from: string, lines: readonly LoggedLine[]) =>
      lines.map(({ at, line }) => ({ at, from, line }));
    const all = [
      ...answers.flatMap(({ instance, value }) => named(String(instance), value)),
      ...workers.answers.flatMap(({ value }) => named("worker", value)),
      ...("value" in own ? named("coordinator", own.value) : []),
    ];
    all.sort((a, b) => a.at - b.at);
    return {
      lines: all.map(({ at, ...line }) => ({ at: isoTime(at), ...line })),
      silent: [
        ...silent.map(({ instance }) => String(instance)),
        ...("value" in own ? [] : ["coordinator"]),
      ],
    };
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

  async #metricsOf(range: InstanceRange): Promise<Sample[]> {
    const { answers, silent } = await this.#gather("metrics", null, range, METRICS_MS);
    const isUp = silent.map(({ instance }): Sample => {
      const labels = { instance: String(instance) };
      return { name: "memory_instance_up", labels, value: 0 };
    });
    return [...answers.flatMap(({ value }) => value), ...isUp];
  }

  async #judge({ answer_ms, probe_ms }: Deadlines): Promise<ReadinessView> {
    const { gateway, deployment, now } = this.#ports;
    const begun = now();
    const everybody = { first: 0, end: gateway.place(0).count };
    const [facts, gathered] = await Promise.all([
      answerWithin(answer_ms, () => gateway.ask("facts.get", null)),
      this.#gather("health", { wait_ms: probe_ms }, everybody, answer_ms),
    ]);
    const instances: InstanceAnswer[] = [
      ...gathered.answers.map(({ instance, value }) => ({ instance, ...value })),
      ...gathered.silent.map(({ instance, error }) => ({ instance, error })),
    ];
    const coordinator = "value" in facts ? facts.value : null;
    return judge({
      now: now(),
      latency_ms: now() - begun,
      instances,
      coordinator,
      schema_version: SCHEMA_VERSION,
      limits: coordinator?.settings ?? settingsOf(deployment.defaults),
      backup_key_problem: deployment.backupKeyProblem,
    });
  }

  #gather<N extends SingleOperationName>(
    name: N,
    input: InternalInput<N>,
    range: InstanceRange,
    within_ms: number,
  ): Promise<Gathered<N>> {
    return this.#gatherer.ask({ name, input, range, total: range.end, within_ms });
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
