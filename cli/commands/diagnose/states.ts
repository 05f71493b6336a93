/**
 * Where every state leads that the service can name: the checks of readiness by what they say, the
 * kinds of failure of the database, the alerts and the jobs, each with its page, its step, and what
 * to type there. A test holds the lists to the code and to the rules: none may be missing.
 *
 * @module
 */

import { STEPS, type Step } from "./steps.ts";

/** Where to go on, and what to type there. */
export interface Lead {
  step: Step;
  commands: readonly string[];
}

const to = (step: Step, ...commands: string[]): Lead => ({ step, commands });

const LOGS = "npx wrangler tail --format json";

const CAUSE = to(STEPS.errorCause, "memory-cli doctor", LOGS);
const FULL = to(STEPS.full, "memory-cli storage stats", "memory-cli capacity");
const MIGRATIONS = to(STEPS.migration, "memory-cli migrate --dry-run");
const SLOW = to(STEPS.storageLayer, "memory-cli storage health", "memory-cli degraded on --for 1h");
const BACKEND = to(STEPS.backend, "memory-cli doctor", "memory-cli breaker status");
const RECOVERY = to(
  STEPS.recovery,
  "memory-cli breaker status",
  "memory-cli breaker reset turso --reason REASON",
);
const DEAD = to(STEPS.deadLetters, "memory-cli outbox dead", "memory-cli outbox retry");
const SILENT = to(STEPS.instanceDown, "memory-cli instance list", LOGS);
const COORDINATOR = to(STEPS.coordinator, LOGS, "memory-cli instance list");
const BACKUPS = to(STEPS.backups, "memory-cli job list", "memory-cli backup create");
const FAILED = to(STEPS.jobFailed, "memory-cli job list");
const LEAK = to(
  STEPS.leak,
  "memory-cli usage --by open_episodes --top 5",
  "memory-cli config set episode_idle_timeout_seconds SECONDS",
);
const CACHE = to(STEPS.cacheTune, "memory-cli config set cache_max_size 2000");
const FOREIGN = to(STEPS.foreign, "memory-cli deployment show", "memory-cli deployment takeover");
const ANOTHER = to(STEPS.errorLogs, "memory-cli health check", LOGS);

/** Leads that no check, alert or job has by itself. */
export const LEADS = {
  another: ANOTHER,
  backend: BACKEND,
  cache: CACHE,
  cause: CAUSE,
  leak: LEAK,
  recovery: RECOVERY,
  slow: SLOW,
  slowInstance: to(STEPS.profile, "memory-cli config set log_level debug"),
  leaveDegraded: to(STEPS.leaveDegraded, "memory-cli degraded off", "memory-cli storage flush"),
  full: FULL,
  queue: to(STEPS.latency, "memory-cli storage health"),
} as const;

/** By the kind of failure that readiness names in brackets. */
export const DATABASE: Readonly<Record<string, Lead>> = {
  unauthorized: CAUSE,
  schema: MIGRATIONS,
  quota: FULL,
  corrupt: to(STEPS.disaster, "memory-cli backup list"),
  rejected: to(STEPS.rollback, "npx wrangler rollback"),
  disk: CAUSE,
  out_of_memory: CAUSE,
  internal: CAUSE,
  busy: CAUSE,
  unreachable: CAUSE,
  overloaded: CAUSE,
  timeout: SLOW,
  late: SLOW,
  foreign: FOREIGN,
  not_asked: BACKEND,
  local_damage: to(STEPS.damaged, "memory-cli storage flush", "memory-cli instance list"),
};

/** What a check says when it is not well, and where that leads. */
interface Said {
  says: Pick<RegExp, "test">;
  lead: Lead;
}
const said = (says: Said["says"], lead: Lead): Said => ({ says, lead });

/** A check whose message is of the Coordinator that does not answer. */
const NO_COORDINATOR = said(/the Coordinator does not answer/, COORDINATOR);

/** By check of readiness, the most telling first. Of the check `storage` see `DATABASE`. */
export const CHECKS: Readonly<Record<string, readonly Said[]>> = {
  instances: [
    said(/do not answer/, SILENT),
    said(/their own storage is damaged/, DATABASE["local_damage"] ?? ANOTHER),
  ],
  storage: [
    said(/no instance answers/, SILENT),
    ...Object.entries(DATABASE).map(([kind, lead]) =>
      said({ test: (message) => message.includes(`[${kind}]`) }, lead),
    ),
  ],
  cache: [said(/eviction does not keep up/, CACHE)],
  circuit_breaker: [
    said(/\bturso \w/, BACKEND),
    said(/\br2 \w/, to(STEPS.bucket, "memory-cli breaker status")),
  ],
  outbox: [
    said(/ is full: /, FULL),
    said(/are parked/, DEAD),
    said(
      /rows wait/,
      to(STEPS.outboxStalled, "memory-cli instance list --format json", "memory-cli storage flush"),
    ),
  ],
  background: [
    said(/were given up/, DEAD),
    said(/failed \d+ times/, to(STEPS.background, LOGS)),
    said(/cannot hand over/, to(STEPS.scaling, "memory-cli instance list")),
    said(/loads \d+ namespaces/, to(STEPS.background, "memory-cli storage health")),
  ],
  backup: [
    NO_COORDINATOR,
    said(/the bucket is marked/, FOREIGN),
    said(/BACKUP_KEY/, to(STEPS.backupKey, "npx wrangler secret put BACKUP_KEY")),
    said(/failed: |is overdue|a clock is wrong/, BACKUPS),
  ],
  migrations: [said(/the database was not seen/, CAUSE), said(/this version needs/, MIGRATIONS)],
  mode: [
    NO_COORDINATOR,
    said(/\brestore\b/, to(STEPS.restore, "memory-cli job list")),
    said(/maintenance since/, to(STEPS.endMaintenance, "memory-cli maintenance off")),
    said(/degraded mode by hand/, LEADS.leaveDegraded),
  ],
  jobs: [
    NO_COORDINATOR,
    said(/a clock is wrong/, to(STEPS.clock, "date -u", "memory-cli job list")),
    said(/restore-drill (failed|is overdue)/, BACKUPS),
    said(/ failed: /, FAILED),
    said(/is overdue/, to(STEPS.jobOverdue, "npx wrangler triggers deploy", "memory-cli job list")),
  ],
};

/** Where a check leads that is not well; null: this release knows no such message. */
export function leadOf({ name, message }: { name: string; message: string }): Lead | null {
  return CHECKS[name]?.find(({ says }) => says.test(message))?.lead ?? null;
}

/** By job or run. */
export const JOBS: Readonly<Record<string, Lead>> = {
  "health-check": FAILED,
  "backup-snapshot": BACKUPS,
  "backup-full": BACKUPS,
  "backup-incremental": BACKUPS,
  "backup-verify": BACKUPS,
  "restore-drill": BACKUPS,
  retention: FAILED,
  prune: FAILED,
  "capacity-report": FAILED,
};

/** By alert, of the rules for the service and for what watches it. */
export const ALERTS: Readonly<Record<string, Lead>> = {
  AvailabilityBurnsFast: to(STEPS.availability, "memory-cli diagnose"),
  AvailabilityBurnsSlowly: to(STEPS.availability, "memory-cli diagnose"),
  LatencyBurnsFast: to(STEPS.latency, "memory-cli diagnose"),
  LatencyBurnsSlowly: to(STEPS.latency, "memory-cli diagnose"),
  MemoryServiceDown: to(STEPS.serviceDown, "memory-cli diagnose"),
  MemoryInstanceDown: SILENT,
  SignalMissing: to(STEPS.signalMissing, "memory-cli health check"),
  DatabaseSizeUnknown: to(STEPS.sizeUnknown, "memory-cli job list"),
  ClockWrong: to(STEPS.clock, "date -u", "memory-cli job list"),
  HighStorageErrorRate: to(STEPS.errorAssess, "memory-cli storage health"),
  CircuitBreakerOpen: to(STEPS.breakerState, "memory-cli breaker status"),
  BucketBreakerOpen: to(STEPS.bucket, "memory-cli breaker status"),
  CircuitBreakerFlapping: to(STEPS.flapping, "memory-cli breaker status"),
  LowCacheHitRate: to(STEPS.cacheRate, "memory-cli config get cache_max_size"),
  StorageFull: FULL,
  SlowQueries: SLOW,
  MemoryLeak: to(STEPS.leakMeasure, ...LEAK.commands),
  ConnectionQueue: LEADS.queue,
  OutboxStalled: to(STEPS.outboxStalled, "memory-cli instance list --format json"),
  DeadLetters: DEAD,
  DeadTasks: DEAD,
  WebhookUndelivered: to(
    STEPS.webhooks,
    "memory-cli webhook undelivered",
    "memory-cli webhook list",
  ),
  BackupStale: BACKUPS,
  RestoreUnproven: BACKUPS,
  JobFailed: FAILED,
  JobOverdue: to(STEPS.jobOverdue, "npx wrangler triggers deploy", "memory-cli job list"),
  ModeLeftOn: to(STEPS.modeLeftOn, "memory-cli maintenance status", "memory-cli degraded status"),
  Watchdog: to(STEPS.watchdog),
  AlertsNotDelivered: to(STEPS.notDelivered),
  RulesFailing: to(STEPS.rulesFailing),
};
