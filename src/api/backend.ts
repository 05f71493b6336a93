/**
 * What the API needs of the memory, and of the one who starts it.
 *
 * @module
 */

import type { BackupStatus, BackupView, JobKind, JobView } from "../memory/jobs.ts";
import type {
  Call,
  ConfigView,
  DeadLetterView,
  DrainView,
  FleetView,
  Input,
  KeyView,
  OperationName,
  Output,
  Readiness,
  Reply,
  Result,
  Scope,
} from "../memory/operations.ts";

export interface Backend {
  /** Runs an operation at the instance with this index; one that is not the right one passes it on. */
  execute<N extends OperationName>(instance: number, name: N, input: Input<N>, call: Call): Promise<Reply<Output<N>>>;
  instanceCount(): Promise<number>;
  readiness(): Promise<Readiness>;
  keys: {
    create(input: NewKeyInput): Promise<Result<KeyView & { key: string }>>;
    list(): Promise<Result<KeyView[]>>;
    revoke(id: string): Promise<Result<KeyView>>;
  };
  /** What operators ask of all instances. `by` says who, for the audit. */
  fleet: {
    view(): Promise<Result<FleetView>>;
    config(): Promise<Result<ConfigView>>;
    configure(changes: Readonly<Record<string, unknown>>, by: string): Promise<Result<ConfigView>>;
    setMode(
      name: "maintenance" | "degraded",
      enabled: boolean,
      message: string,
      by: string,
    ): Promise<Result<FleetView>>;
    order(order: BreakerOrderInput, by: string): Promise<Result<FleetView>>;
    resize(count: number, by: string): Promise<Result<FleetView>>;
    flush(): Promise<Result<FleetView>>;
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
  start(kind: JobKind, params: Record<string, unknown>, key: string, by: string): Promise<Result<JobView>>;
  jobs(limit: number): Promise<Result<JobView[]>>;
  job(id: string): Promise<Result<JobView>>;
  /** @param release of a restore that was cut short: gives the database back half restored */
  cancel(id: string, release: boolean, by: string): Promise<Result<JobView>>;
  status(): Promise<Result<BackupStatus>>;
  list(limit: number): Promise<Result<{ backups: BackupView[]; unreadable: { object: string; problem: string }[] }>>;
  get(id: string): Promise<Result<BackupView>>;
  migrations(): Promise<Result<readonly object[]>>;
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
  version: { name: string; version: string; commit: string | null; id: string | null };
  now(): number;
  randomUUID(): string;
  log(event: Record<string, unknown>): void;
}
