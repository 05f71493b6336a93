/**
 * What parts of a service may say of themselves, and every finding that readiness makes of it.
 *
 * @module
 */

import type { BackgroundView, InstanceView } from "../../src/contract/cluster/answers.ts";
import { DATABASE_ERRORS } from "../../src/storage/index.ts";
import type { InstanceAnswer, ReadinessFacts } from "../../src/observability/index.ts";

/** What the small write may fail with: all but what is a row's fault, or a batch's. */
const KINDS = Object.entries(DATABASE_ERRORS).flatMap(([kind, { at_fault }]) =>
  at_fault === "row" || kind === "fenced" ? [] : kind,
);
export const NOW = Date.parse("2026-05-01T12:00:00.000Z");
const breaker = {
  state: "closed" as const,
  until: null,
  reason: null,
  calls: 0,
  failed: 0,
  slow: 0,
};
export const view = (changes: Partial<InstanceView> = {}): InstanceView => ({
  instance: 0,
  control_version: 1,
  topology_version: 1,
  active_episodes: 0,
  oldest_active_at: null,
  cached_episodes: 0,
  cached_bytes: 0,
  outbox: { rows: 0, bytes: 0, dead: 0, oldest_at: null, last_error: null },
  breakers: { turso: breaker, r2: breaker },
  connections: { in_use: 0, waiting: 0, limit: 6 },
  in_flight: 0,
  storage_bytes: 1,
  moving: false,
  ...changes,
});
type Speaking = Extract<InstanceAnswer, { view: unknown }>;
export const word = (changes: Partial<Speaking> = {}): Speaking => ({
  instance: 0,
  view: view(),
  probe_write: { latency_ms: 3, failed: null },
  schema_version: 1,
  last_flush_at: NOW - 5_000,
  cache_hits: 3,
  cache_misses: 1,
  ...changes,
});
const run = (
  job: string,
  result: "success" | "failure" | null,
  hoursAgo: number,
  successHoursAgo: number | null = hoursAgo,
) => ({
  job,
  scheduled_at: new Date(NOW - hoursAgo * 3_600_000).toISOString(),
  started_at: new Date(NOW - hoursAgo * 3_600_000).toISOString(),
  ended_at: result && new Date(NOW - hoursAgo * 3_600_000).toISOString(),
  result,
  detail: "why",
  last_success_at:
    successHoursAgo === null ? null : new Date(NOW - successHoursAgo * 3_600_000).toISOString(),
});
export const facts = (changes: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  now: NOW,
  latency_ms: 9,
  instances: [word(), word({ instance: 1 })],
  coordinator: { maintenance: null, degraded: null, jobs: [] },
  schema_version: 1,
  limits: {
    outbox_max_rows: 100,
    outbox_max_bytes: 1_000,
    cache_max_size: 10,
    cache_max_bytes: 1_000,
  },
  ...changes,
});
const outbox = (changes: Partial<InstanceView["outbox"]>) =>
  word({
    view: view({
      outbox: { rows: 1, bytes: 1, dead: 0, oldest_at: null, last_error: null, ...changes },
    }),
  });
const jobs = (...all: ReturnType<typeof run>[]) => ({
  coordinator: { maintenance: null, degraded: null, jobs: all },
});
/** Nothing ran since so many hours. */
export const waiting = (hours: number) => ({
  coordinator: {
    maintenance: null,
    degraded: null,
    jobs: [],
    jobs_since: new Date(NOW - hours * 3_600_000).toISOString(),
  },
});
const mode = { message: "m", since: "2026-05-01T11:00:00.000Z" };
const endingMode = { ...mode, until: "2026-01-02T04:00:00.000Z" };

const restore = (phase: "running" | "interrupted") => ({
  backup: "b",
  job: "j",
  since: "2026-05-01T11:00:00.000Z",
  phase,
});

/** What is wrong, the facts of it, the check that finds it, its status, and what it says. */
type Found = [string, Partial<ReadinessFacts>, string, string, RegExp];

/** Each finding that is not well, of every check but `background`. */
export const FINDINGS: readonly Found[] = [
  [
    "one silent instance",
    { instances: [word(), { instance: 1, error: "no answer" }] },
    "instances",
    "degraded",
    /instances 1 do not answer/,
  ],
  [
    "no instance at all",
    { instances: [{ instance: 0, error: "no answer" }] },
    "instances",
    "unhealthy",
    /do not answer/,
  ],
  ...[...KINDS, "late"].map((failed): [string, Partial<ReadinessFacts>, string, string, RegExp] => [
    `a probe_write that failed for ${failed}`,
    { instances: [word({ probe_write: { latency_ms: 1, failed } })] },
    "storage",
    failed === "foreign" ? "unhealthy" : "degraded",
    new RegExp(`\\[${failed}\\]: .{20,}; it last took a batch 5 s ago`),
  ]),
  [
    "a probe_write that failed at one of two",
    {
      instances: [word(), word({ instance: 1, probe_write: { latency_ms: 1, failed: "busy" } })],
    },
    "storage",
    "degraded",
    /\(instances 1\)/,
  ],
  [
    "a cache far over its bound",
    { instances: [word({ view: view({ cached_episodes: 40 }) })] },
    "cache",
    "degraded",
    /eviction does not keep up/,
  ],
  [
    "an open breaker",
    {
      instances: [
        word({ view: view({ breakers: { turso: { ...breaker, state: "open" }, r2: breaker } }) }),
      ],
    },
    "circuit_breaker",
    "degraded",
    /turso open at 0.*reset/,
  ],
  [
    "a full outbox",
    { instances: [outbox({ rows: 100 })] },
    "outbox",
    "unhealthy",
    /no episode can be started/,
  ],
  [
    "an outbox full of bytes",
    { instances: [outbox({ bytes: 1_000 })] },
    "outbox",
    "unhealthy",
    /no episode can be started/,
  ],
  [
    "rows that wait for long",
    { instances: [outbox({ oldest_at: new Date(NOW - 61_000).toISOString() })] },
    "outbox",
    "degraded",
    /the longest for 61 s/,
  ],
  [
    "rows that wait, and why",
    {
      instances: [
        outbox({
          oldest_at: new Date(NOW - 61_000).toISOString(),
          last_error: "rejected: SQLITE_UNKNOWN",
        }),
        word(),
      ],
    },
    "outbox",
    "degraded",
    /failed: \[rejected: SQLITE_UNKNOWN\] it rejects a statement.*migrations/,
  ],
  [
    "a damaged part of the database",
    { instances: [word({ damage_seen_at: NOW - 7_000 }), word({ instance: 1 })] },
    "storage",
    "degraded",
    /\[corrupt\]: .*Restore .* into a new database.*RB-003.*instances 0 met it, last 7 s ago/,
  ],
  [
    "an instance whose own storage is damaged",
    { instances: [word(), word({ instance: 1, local_damage: 3 })] },
    "instances",
    "degraded",
    /instances 1: a page of their own storage is damaged.*RB-006, Damaged Instance/,
  ],
  ["parked rows", { instances: [outbox({ dead: 2 })] }, "outbox", "degraded", /2 rows are parked/],
  [
    "an old backup",
    jobs(run("backup-incremental", "success", 27)),
    "backup",
    "degraded",
    /^the last backup succeeded 27 h ago; backup-incremental is overdue: it last succeeded 27 h/,
  ],
  [
    "an old backup of one kind beside a new one of another",
    jobs(run("backup-snapshot", "success", 1), run("backup-full", "success", 8 * 24)),
    "backup",
    "degraded",
    /1 h ago|60 min ago; backup-full is overdue: it last succeeded 8 days ago/,
  ],
  [
    "a backup of the time to come",
    jobs(run("backup-snapshot", "success", -2)),
    "backup",
    "degraded",
    /backup-snapshot succeeded 2 h ahead of now: a clock is wrong/,
  ],
  [
    "a schedule that made no backup",
    waiting(16),
    "backup",
    "degraded",
    /^no backup was made yet; backup-snapshot is overdue: it never succeeded; backup-incremental/,
  ],
  [
    "a schedule that never began",
    waiting(1),
    "jobs",
    "degraded",
    /^health-check is overdue: it never succeeded\. none ran yet/,
  ],
  [
    "another deployment's bucket",
    { coordinator: { maintenance: null, degraded: null, jobs: [], foreign_bucket: "other" } },
    "backup",
    "degraded",
    /the bucket is marked as that of another deployment \(other\).*deployment show/,
  ],
  [
    "a malformed BACKUP_KEY",
    { backup_key_problem: "BACKUP_KEY must be good" },
    "backup",
    "degraded",
    /no backup was made yet.*; BACKUP_KEY must be good\. See Rotate the key in RB-003/,
  ],
  [
    "a failed backup",
    jobs(run("backup-full", "failure", 1, 20)),
    "backup",
    "degraded",
    /20 h ago; failed: backup-full: why/,
  ],
  [
    "an old schema",
    { instances: [word({ schema_version: 0 })] },
    "migrations",
    "unhealthy",
    /this version needs 1/,
  ],
  [
    "a migration that was edited",
    {
      instances: [
        word({ schema_problems: ["migration 1 (a) was changed after it was applied"] }),
        word(),
      ],
    },
    "migrations",
    "unhealthy",
    /migration 1 \(a\) was changed after it was applied\. See GET \/admin\/migrations/,
  ],
  [
    "a schema that nobody saw",
    { instances: [word({ schema_version: null })] },
    "migrations",
    "degraded",
    /unknown/,
  ],
  [
    "maintenance",
    { coordinator: { maintenance: endingMode, degraded: null, jobs: [] } },
    "mode",
    "degraded",
    /maintenance since [^ ]+, until 2026-01-02T04:00:00.000Z: /,
  ],
  [
    "degraded mode by hand",
    { coordinator: { maintenance: null, degraded: mode, jobs: [] } },
    "mode",
    "degraded",
    /by hand since/,
  ],
  ["a failed job", jobs(run("prune", "failure", 1)), "jobs", "degraded", /prune failed: why/],
  [
    "an overdue job",
    jobs(run("health-check", "success", 1)),
    "jobs",
    "degraded",
    /health-check is overdue/,
  ],
  ["a silent Coordinator", { coordinator: null }, "mode", "degraded", /unknown/],
  [
    "a restore that runs",
    { coordinator: { maintenance: null, degraded: null, restore: restore("running"), jobs: [] } },
    "mode",
    "degraded",
    /^a restore of backup b has the database since/,
  ],
  [
    "a restore that did not end",
    {
      coordinator: { maintenance: null, degraded: null, restore: restore("interrupted"), jobs: [] },
    },
    "mode",
    "degraded",
    /^a restore that did not end: backup b.*"release":true/,
  ],
  [
    "an open breaker before R2",
    {
      coordinator: {
        maintenance: null,
        degraded: null,
        jobs: [],
        r2: { ...breaker, state: "open", reason: "3 of 3 calls failed" },
      },
    },
    "circuit_breaker",
    "degraded",
    /^r2 open at the Coordinator \(3 of 3 calls failed\)/,
  ],
  [
    "a restore drill that failed",
    jobs(run("restore-drill", "failure", 1)),
    "jobs",
    "degraded",
    /^restore-drill failed: why/,
  ],
  [
    "nobody who tries whether the database takes a write",
    { instances: [word({ probe_write: null })] },
    "storage",
    "degraded",
    /no instance answers that tries/,
  ],
];

export const background = (changes: Partial<BackgroundView>) => ({
  instances: [
    word(),
    word({
      instance: 1,
      view: view({
        instance: 1,
        background: {
          tasks: { pending: 0, dead: 0, last_error: null },
          loading: { namespaces: 0, since: null, last_error: null },
          handover: { failing: 0, last_error: null },
          failing: [],
          ...changes,
        },
      }),
    }),
  ],
});
const since = new Date(NOW - 600_000).toISOString();

/** Each finding of the check `background` that is not well. */
export const BACKGROUND_FINDINGS: readonly [string, Partial<BackgroundView>, string][] = [
  [
    "tasks that were given up",
    { tasks: { pending: 2, dead: 2, last_error: "too long" } },
    "outbox/dead/retry",
  ],
  [
    "a part of the alarm that fails",
    { failing: [{ part: "load", failures: 4, since, error: "broken" }] },
    "load failed 4",
  ],
  [
    "a namespace that loads for ever",
    { loading: { namespaces: 3, since, last_error: "too big" } },
    "loads 3 namespaces",
  ],
  [
    "what cannot be handed over",
    { handover: { failing: 1, last_error: "no" } },
    "cannot hand over 1",
  ],
];
