/**
 * Readiness, judged from what the parts said of themselves. Pure. An outage of the database is not
 * an outage of memory: it makes the service degraded, not unhealthy.
 *
 * @module
 */

import type { RestoreMark } from "../contract/backups/restore.ts";
import type { BreakerView, InstanceView } from "../contract/cluster/answers.ts";
import { REMEDIES } from "./remedies.ts";
import type { CheckView, Health, JobRunView, ReadinessView } from "../contract/watching/answers.ts";

/** An instance's word, or why there is none. */
export type InstanceAnswer =
  | { instance: number; error: string }
  | {
      instance: number;
      view: Omit<InstanceView, "breakers"> & { breakers: { turso: BreakerView } };
      probe_write: { latency_ms: number; failed: string | null };
      schema_version: number | null;
      schema_problems?: readonly string[];
      last_flush_at: number | null;
      /** When a damaged part of the database was last met, ms since the epoch. */
      damage_seen_at?: number | null;
      /** Statements that met a damaged page of the instance's own storage. */
      local_damage?: number;
      cache_hits: number;
      cache_misses: number;
    };
type AnsweringInstance = Extract<InstanceAnswer, { view: unknown }>;

export interface ReadinessFacts {
  now: number;
  /** How long the asking took, ms. */
  latency_ms: number;
  instances: readonly InstanceAnswer[];
  /** null: the Coordinator did not answer in time. */
  coordinator: {
    maintenance: { message: string; since: string } | null;
    degraded: { message: string; since: string } | null;
    /** A restore that has the database. */
    restore?: RestoreMark | null;
    jobs: readonly JobRunView[];
    /** The circuit breaker before R2. */
    r2?: BreakerView;
  } | null;
  /** What this version of the service needs. */
  schema_version: number;
  limits: {
    outbox_max_rows: number;
    outbox_max_bytes: number;
    cache_max_size: number;
    cache_max_bytes: number;
  };
  jobs: { backups: readonly string[]; periods_ms: Readonly<Record<string, number>> };
}

/** A row that waits for longer than this says that flushing lags, s. */
const OUTBOX_LAG_S = 60;
/** A namespace of the largest size is loaded in less than this, ms. */
const LOADING_MAX_MS = 300_000;
/** The recovery point that is promised, ms. */
const BACKUP_MAX_AGE_MS = 26 * 3_600_000;
/**
 * The cache may be over its bound until the next alarm; this far over, eviction does not keep up.
 */
const CACHE_OVER = 1.5;

export function judge(facts: ReadinessFacts): ReadinessView {
  const speaking = facts.instances.filter((word): word is AnsweringInstance => "view" in word);
  const checks = [
    instancesCheck(facts, speaking),
    storageCheck(facts, speaking),
    cacheCheck(facts, speaking),
    breakerCheck(facts, speaking),
    outboxCheck(facts, speaking),
    backgroundCheck(facts, speaking),
    backupCheck(facts),
    migrationsCheck(facts, speaking),
    modeCheck(facts),
    jobsCheck(facts),
  ];
  return { status: worst(checks.map((check) => check.status)), checks };
}

function worst(all: readonly Health[]): Health {
  if (all.includes("unhealthy")) return "unhealthy";
  return all.includes("degraded") ? "degraded" : "healthy";
}

function check(name: string, status: Health, message: string, latency_ms = 0): CheckView {
  return { name, status, latency_ms: Math.round(latency_ms), message };
}

const list = (numbers: readonly number[]): string => numbers.join(", ");

function instancesCheck(
  { instances, latency_ms }: ReadinessFacts,
  speaking: readonly AnsweringInstance[],
): CheckView {
  const silent = instances.filter((word) => "error" in word).map(({ instance }) => instance);
  const damaged = speaking
    .filter(({ local_damage = 0 }) => local_damage > 0)
    .map(({ instance }) => instance);
  if (silent.length === 0 && damaged.length > 0)
    return check(
      "instances",
      "degraded",
      `instances ${list(damaged)}: ${REMEDIES["local_damage"]}`,
      latency_ms,
    );
  if (silent.length === 0)
    return check(
      "instances",
      "healthy",
      `${instances.length} of ${instances.length} answer`,
      latency_ms,
    );
  const message = `instances ${list(silent)} do not answer; what lives there is out of reach. Look for their errors in the log; redeploying restarts them`;
  return check("instances", speaking.length === 0 ? "unhealthy" : "degraded", message, latency_ms);
}

function storageCheck(
  { now, latency_ms }: ReadinessFacts,
  speaking: readonly AnsweringInstance[],
): CheckView {
  if (speaking.length === 0)
    return check("storage", "degraded", "unknown: no instance answers", latency_ms);
  const failing = speaking.filter(({ probe_write }) => probe_write.failed !== null);
  const slowest = Math.max(...speaking.map(({ probe_write }) => probe_write.latency_ms));
  const flushed = Math.max(0, ...speaking.map((word) => word.last_flush_at ?? 0));
  const last =
    flushed === 0
      ? "nothing was sent to it yet"
      : `it last took a batch ${seconds(now - flushed)} ago`;
  if (failing.length === 0)
    return (
      damageCheck(now, speaking) ??
      check("storage", "healthy", `the database takes writes; ${last}`, slowest)
    );
  const kind =
    failing.map(({ probe_write }) => probe_write.failed).find((failed) => failed !== "not_asked") ??
    "not_asked";
  const where =
    failing.length === speaking.length
      ? ""
      : ` (instances ${list(failing.map(({ instance }) => instance))})`;
  const message = `the database does not take writes${where} [${kind}]: ${REMEDIES[kind] ?? kind}; ${last}. Memory goes on: writes are durable here and are sent afterwards`;
  return check("storage", "degraded", message, slowest);
}

/**
 * The database takes writes, but a part of what it holds is damaged; null: not that anybody knows.
 */
function damageCheck(now: number, speaking: readonly AnsweringInstance[]): CheckView | null {
  const met = speaking.filter(({ damage_seen_at }) => typeof damage_seen_at === "number");
  if (met.length === 0) return null;
  const last = Math.max(...met.map(({ damage_seen_at }) => damage_seen_at ?? 0));
  const where = `instances ${list(met.map(({ instance }) => instance))} met it, last ${seconds(now - last)} ago`;
  const message = `the database answers, but not for all that it holds [corrupt]: ${REMEDIES["corrupt"]}; ${where}`;
  return check("storage", "degraded", message);
}

function cacheCheck({ limits }: ReadinessFacts, speaking: readonly AnsweringInstance[]): CheckView {
  const sum = (of: (word: AnsweringInstance) => number): number =>
    speaking.reduce((total, word) => total + of(word), 0);
  const [hits, misses] = [sum((word) => word.cache_hits), sum((word) => word.cache_misses)];
  const rate =
    hits + misses === 0
      ? "no reads yet"
      : `${Math.round((100 * hits) / (hits + misses))} % hits since the beginning`;
  const over = speaking.filter(({ view }) => {
    const ended = view.cached_episodes - view.active_episodes;
    return ended > limits.cache_max_size * CACHE_OVER + view.outbox.rows;
  });
  const message = `${sum(({ view }) => view.cached_episodes)} episodes, ${rate}`;
  if (over.length === 0) return check("cache", "healthy", message);
  return check(
    "cache",
    "degraded",
    `${message}; instances ${list(over.map(({ instance }) => instance))} hold far more than cache_max_size: eviction does not keep up. Raise it or lower the load`,
  );
}

function breakerCheck(
  { coordinator }: ReadinessFacts,
  speaking: readonly AnsweringInstance[],
): CheckView {
  const breakers = [
    ...speaking.map(({ instance, view }) => ({
      name: "turso",
      at: String(instance),
      ...view.breakers.turso,
    })),
    ...(coordinator?.r2 ? [{ name: "r2", at: "the Coordinator", ...coordinator.r2 }] : []),
  ];
  const open = breakers
    .filter(({ state }) => state !== "closed" && state !== "disabled")
    .map(
      ({ name, at, state, reason }) => `${name} ${state} at ${at}${reason ? ` (${reason})` : ""}`,
    );
  if (open.length === 0) return check("circuit_breaker", "healthy", "all closed");
  const advice =
    "They close by themselves when a trial write succeeds; POST /admin/circuit-breaker/reset closes them at once";
  return check("circuit_breaker", "degraded", `${open.join("; ")}. ${advice}`);
}

function outboxCheck(
  { now, limits }: ReadinessFacts,
  speaking: readonly AnsweringInstance[],
): CheckView {
  const rows = speaking.reduce((sum, { view }) => sum + view.outbox.rows, 0);
  const dead = speaking.reduce((sum, { view }) => sum + view.outbox.dead, 0);
  const full = speaking.filter(
    ({ view }) =>
      view.outbox.rows >= limits.outbox_max_rows || view.outbox.bytes >= limits.outbox_max_bytes,
  );
  if (full.length > 0) {
    return check(
      "outbox",
      "unhealthy",
      `the outbox of instances ${list(full.map(({ instance }) => instance))} is full: no episode can be started there. Mend the database, or raise outbox_max_rows and outbox_max_bytes`,
    );
  }
  const oldest = speaking.reduce(
    (age, { view }) =>
      Math.max(age, view.outbox.oldest_at === null ? 0 : now - Date.parse(view.outbox.oldest_at)),
    0,
  );
  const waiting =
    rows === 0 ? "nothing waits" : `${rows} rows wait, the longest for ${seconds(oldest)}`;
  if (dead > 0) {
    return check(
      "outbox",
      "degraded",
      `${dead} rows are parked that the database never takes; ${waiting}. See GET /admin/outbox/dead, mend the cause, then POST /admin/outbox/dead/retry`,
    );
  }
  if (oldest > OUTBOX_LAG_S * 1_000) {
    return check(
      "outbox",
      "degraded",
      `${waiting}${failedBatches(speaking)}. It drains when the database takes writes; POST /admin/storage/flush tries at once`,
    );
  }
  return check("outbox", "healthy", waiting);
}

/**
 * What instances do by themselves: tasks, loading, handing over. A part that stands still says so
 * here.
 */
function backgroundCheck(
  { now }: ReadinessFacts,
  speaking: readonly AnsweringInstance[],
): CheckView {
  const views = speaking.flatMap(({ instance, view }) =>
    view.background ? [{ instance, ...view.background }] : [],
  );
  const problems: string[] = [];
  const dead = views.filter(({ tasks }) => tasks.dead > 0);
  if (dead.length > 0) {
    const sum = dead.reduce((total, { tasks }) => total + tasks.dead, 0);
    const why = dead[0]?.tasks.last_error ?? "";
    problems.push(
      `${sum} tasks were given up at instances ${list(dead.map(({ instance }) => instance))} [${why}]; see GET /admin/outbox/dead, mend the cause, then POST /admin/outbox/dead/retry`,
    );
  }
  for (const { instance, failing } of views) {
    for (const { part, failures, since, error } of failing) {
      problems.push(
        `${part} failed ${failures} times at instance ${instance} since ${since} [${error}]; look for alarm_part_failed in the log`,
      );
    }
  }
  for (const { instance, loading } of views) {
    const age = loading.since === null ? 0 : now - Date.parse(loading.since);
    if (age <= LOADING_MAX_MS) continue;
    problems.push(
      `instance ${instance} loads ${loading.namespaces} namespaces, the longest for ${seconds(age)} [${loading.last_error ?? "no error"}]; recall is answered by the database meanwhile, and feedback waits`,
    );
  }
  for (const { instance, handover } of views) {
    if (handover.failing === 0) continue;
    problems.push(
      `instance ${instance} cannot hand over ${handover.failing} items [${handover.last_error ?? ""}]; the change of INSTANCE_COUNT waits for them`,
    );
  }
  if (problems.length > 0) return check("background", "degraded", problems.join(". "));

  const loading = views.reduce((sum, view) => sum + view.loading.namespaces, 0);
  const pending = views.reduce((sum, { tasks }) => sum + tasks.pending, 0);
  const moving = speaking.filter(({ view }) => view.moving).map(({ instance }) => instance);
  const said = [
    ...(pending > 0 ? [`${pending} tasks wait`] : []),
    ...(loading > 0 ? [`${loading} namespaces are loading`] : []),
    ...(moving.length > 0 ? [`instances ${list(moving)} hand over what moved`] : []),
  ];
  return check("background", "healthy", said.length === 0 ? "nothing waits" : said.join("; "));
}

/** Why batches fail, where that is known. */
function failedBatches(speaking: readonly AnsweringInstance[]): string {
  const errors = new Set(
    speaking.flatMap(({ view }) => (view.outbox.rows > 0 ? (view.outbox.last_error ?? []) : [])),
  );
  const told = [...errors].map((error) => {
    const remedy = REMEDIES[error.split(":")[0] ?? ""];
    return remedy === undefined ? error : `[${error}] ${remedy}`;
  });
  return told.length === 0 ? "" : `; the last batch failed: ${told.join("; ")}`;
}

function backupCheck({ now, coordinator, jobs }: ReadinessFacts): CheckView {
  if (!coordinator) return check("backup", "degraded", "unknown: the Coordinator does not answer");
  const runs = coordinator.jobs.filter(({ job }) => jobs.backups.includes(job));
  if (runs.length === 0)
    return check(
      "backup",
      "healthy",
      "no backup was made yet; the first one is made by the schedule or by POST /admin/backups",
    );
  const newest = runs.reduce(
    (latest, run) => Math.max(latest, Date.parse(run.last_success_at ?? "") || 0),
    0,
  );
  const failed = runs
    .filter(({ result }) => result === "failure")
    .map(({ job, detail }) => `${job}: ${detail}`);
  const last =
    newest === 0
      ? "no backup succeeded yet"
      : `the last backup succeeded ${seconds(now - newest)} ago`;
  if (failed.length > 0)
    return check(
      "backup",
      "degraded",
      `${last}; failed: ${failed.join("; ")}. See GET /admin/jobs and run it again`,
    );
  if (newest > 0 && now - newest > BACKUP_MAX_AGE_MS)
    return check(
      "backup",
      "degraded",
      `${last}, which is too long. Run one now: POST /admin/backups`,
    );
  return check("backup", "healthy", last);
}

function migrationsCheck(
  { schema_version }: ReadinessFacts,
  speaking: readonly AnsweringInstance[],
): CheckView {
  const seen = speaking.flatMap((word) => word.schema_version ?? []);
  if (seen.length === 0)
    return check(
      "migrations",
      "degraded",
      "unknown: the database was not seen since the instances started",
    );
  const behind = Math.min(...seen);
  const said = `schema version ${behind}, this version needs ${schema_version}`;
  const [problem, ...more] = new Set(speaking.flatMap((word) => word.schema_problems ?? []));
  if (problem !== undefined)
    return check(
      "migrations",
      "unhealthy",
      `${[said, problem, ...more].join("; ")}. See GET /admin/migrations`,
    );
  // A newer schema is what a version before a rollback left: it is backward compatible by one
  // version.
  if (behind >= schema_version) return check("migrations", "healthy", said);
  return check("migrations", "unhealthy", `${said}. Run the migrations`);
}

function modeCheck({ coordinator }: ReadinessFacts): CheckView {
  if (!coordinator)
    return check(
      "mode",
      "degraded",
      "unknown: the Coordinator does not answer; instances go on with what they were told",
    );
  const { maintenance, degraded, restore } = coordinator;
  const on = [
    ...(restore ? [restoring(restore)] : []),
    ...(maintenance
      ? [
          `maintenance since ${maintenance.since}: ${maintenance.message} (end it: POST /admin/maintenance {"enabled":false})`,
        ]
      : []),
    ...(degraded
      ? [
          `degraded mode by hand since ${degraded.since}: ${degraded.message} (end it: POST /admin/degraded {"enabled":false})`,
        ]
      : []),
  ];
  return on.length === 0
    ? check("mode", "healthy", "normal")
    : check("mode", "degraded", on.join("; "));
}

function restoring({ backup, job, since, phase }: RestoreMark): string {
  const has = `backup ${backup} has the database since ${since}, which is not asked meanwhile; writes are kept here (job ${job})`;
  return phase === "running"
    ? `a restore of ${has}`
    : `a restore that did not end: ${has}. Run it again, or give the database back: POST /admin/jobs/${job}/cancel {"release":true}`;
}

function jobsCheck({ now, coordinator, jobs }: ReadinessFacts): CheckView {
  if (!coordinator) return check("jobs", "degraded", "unknown: the Coordinator does not answer");
  const own = coordinator.jobs.filter(({ job }) => !jobs.backups.includes(job));
  const failed = own.filter(({ result }) => result === "failure");
  const late = own.filter(
    ({ job, started_at }) =>
      now - Date.parse(started_at) > 2 * (jobs.periods_ms[job] ?? Number.POSITIVE_INFINITY),
  );
  const last = own.map(
    (run) =>
      `${run.job} ${run.result ?? "running"} ${seconds(now - Date.parse(run.ended_at ?? run.started_at))} ago`,
  );
  const message = last.length === 0 ? "none ran yet" : last.join("; ");
  if (failed.length + late.length === 0) return check("jobs", "healthy", message);
  const why = [
    ...failed.map(({ job, detail }) => `${job} failed: ${detail}`),
    ...late.map(({ job }) => `${job} is overdue`),
  ];
  return check(
    "jobs",
    "degraded",
    `${why.join("; ")}. ${message}. Check the cron triggers of the deployment and the log`,
  );
}

/** A time span for a person. */
function seconds(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3_600)} h` : `${Math.round(s / 86_400)} days`;
}
