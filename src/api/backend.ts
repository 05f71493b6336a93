/**
 * What the API needs of the memory, and of the one who starts it.
 *
 * @module
 */

import type { BackupView, JobKind, JobView } from "../contract/jobs.ts";
import type {
  Call,
  ConfigView,
  DeadLetterView,
  DrainView,
  ClusterView,
  Input,
  KeyView,
  MigrationsView,
  OperationName,
  Output,
  Reply,
  Result,
  Scope,
} from "../contract/operations.ts";
import type {
  CapacityLimits,
  Incident,
  JobRunView,
  MetricSample,
  ReadinessView,
  Reporter,
  Sample,
} from "../observability/index.ts";

export interface Backend {
  /**
   * Runs an operation at the instance with this index; one that is not the right one passes it on.
   */
  execute<N extends OperationName>(
    instance: number,
    name: N,
    input: Input<N>,
    call: Call,
  ): Promise<Reply<Output<N>>>;
  instanceCount(): Promise<number>;
  readiness(): Promise<ReadinessView>;
  /** Every series of the service. */
  metrics(): Promise<Sample[]>;
  watch: {
    /** What happened since then, with samples of the metrics. @param since ms since the epoch */
    timeline(since: number): Promise<{ incidents: Incident[]; samples: MetricSample[] }>;
    /** Hourly samples since then, and the bounds that a forecast is about. */
    capacity(since: number): Promise<{ samples: MetricSample[]; limits: CapacityLimits }>;
    /** The last run of each job. */
    jobs(): Promise<JobRunView[]>;
    /** What is in force; null when the Coordinator does not answer. */
    settings(): Promise<{ version: number; settings: Readonly<Record<string, unknown>> } | null>;
  };
  /** The version of the database's schema that this version of the service needs. */
  schemaVersion: number;
  migrations: {
    /** Changes nothing. */
    plan(): Promise<Result<MigrationsView>>;
    /** Applies what is pending, after a backup. */
    execute(withoutBackup: boolean, by: string): Promise<Result<MigrationsView>>;
  };
  keys: {
    create(input: NewKeyInput, by: string): Promise<Result<KeyView & { key: string }>>;
    list(): Promise<Result<KeyView[]>>;
    revoke(id: string, by: string): Promise<Result<KeyView>>;
  };
  /** What operators ask of all instances. `by` says who, for the audit. */
  cluster: {
    view(): Promise<Result<ClusterView>>;
    config(): Promise<Result<ConfigView>>;
    configure(changes: Readonly<Record<string, unknown>>, by: string): Promise<Result<ConfigView>>;
    setMode(
      name: "maintenance" | "degraded",
      enabled: boolean,
      message: string,
      by: string,
    ): Promise<Result<ClusterView>>;
    order(order: BreakerOrderInput, by: string): Promise<Result<ClusterView>>;
    resize(count: number, by: string): Promise<Result<ClusterView>>;
    flush(): Promise<Result<ClusterView>>;
    drain(timeoutMs: number): Promise<Result<DrainView>>;
    /** @param namespace "*" for all */
    sync(namespace: string): Promise<Result<{ namespaces: string[] }>>;
    dead(limit: number): Promise<Result<DeadLetterView[]>>;
    retryDead(): Promise<Result<{ retried: number }>>;
  };
  backups: BackupsBackend;
}

/** What operators ask of backups and jobs. */
interface BackupsBackend {
  /** @param key the same key is the same job */
  start(
    kind: JobKind,
    params: Record<string, unknown>,
    key: string,
    by: string,
  ): Promise<Result<JobView>>;
  jobs(limit: number): Promise<Result<JobView[]>>;
  job(id: string): Promise<Result<JobView>>;
  /** @param release of a restore that was cut short: gives the database back half restored */
  cancel(id: string, release: boolean, by: string): Promise<Result<JobView>>;
  list(
    limit: number,
  ): Promise<Result<{ backups: BackupView[]; unreadable: { object: string; problem: string }[] }>>;
  get(id: string): Promise<Result<BackupView>>;
}

export interface BreakerOrderInput {
  backend: "turso" | "r2";
  action: "open" | "reset" | "disable";
  /** ms since the epoch; null: until it is reset. */
  until: number | null;
  reason: string;
  /** null: all. */
  instance: number | null;
}

export interface AnsweredRequest {
  method: string;
  /** The route's pattern; "none" when no route was found. */
  route: string;
  status: number;
  seconds: number;
  /** How long the instance took to recall; null: it was no recall. */
  recallSeconds: number | null;
}

interface NewKeyInput {
  name: string;
  scopes: Scope[];
  namespaces: string[];
  default_namespace: string;
  expires_at: string | null;
}

export interface ApiOptions {
  /** The root's secret; null: there is no root, and no key can be made. */
  adminToken: string | null;
  version: {
    name: string;
    version: string;
    commit: string | null;
    id: string | null;
    deployed_at: string | null;
  };
  /** The metrics need no key. */
  metricsOpen: boolean;
  reporter: Reporter;
  /** Told of every request, when it is answered. */
  answered(request: AnsweredRequest): void;
  /** A file of the console, by its name; null: there is none. */
  consoleFile(name: string): Promise<Response | null>;
  now(): number;
  wait(ms: number): Promise<void>;
  randomUUID(): string;
  log(event: Record<string, unknown>): void;
}
