/**
 * The dashboard "memory-system-resources": what the service uses.
 *
 * @module
 */

import { againstMean, CHOSEN, quantiles, rate, type Row } from "./panel.ts";

export const RESOURCES: readonly Row[] = [
  {
    title: "Database",
    panels: [
      {
        title: "Requests",
        description: "Attempts, by operation and backend.",
        unit: "ops",
        queries: [
          [
            `sum by (backend, operation) (${rate("memory_storage_operation_duration_seconds_count")})`,
            "{{backend}} {{operation}}",
          ],
        ],
      },
      {
        title: "Errors",
        description: "HighStorageErrorRate above 0.1/s, RB-004.",
        unit: "ops",
        red: 0.1,
        queries: [
          [
            `sum by (backend, kind) (${rate("memory_storage_errors_total")})`,
            "{{backend}} {{kind}}",
          ],
        ],
      },
      {
        title: "Latency",
        description: "SlowQueries above half a second, RB-005.",
        unit: "s",
        red: 0.5,
        queries: quantiles("memory_storage_operation_duration_seconds", ', backend="turso"'),
      },
      {
        title: "Not asked",
        description: "Breaker open, degraded mode, queue full.",
        unit: "ops",
        queries: [[`sum by (reason) (${rate("memory_storage_not_asked_total")})`, "{{reason}}"]],
      },
      {
        title: "Connections",
        description: "The pool: requests in flight to the database.",
        unit: "short",
        queries: [
          [`sum(memory_connections_in_use{${CHOSEN}})`, "in use"],
          [`sum(memory_connections_waiting{${CHOSEN}})`, "waiting"],
          [`sum(memory_connections_limit{${CHOSEN}})`, "limit"],
        ],
      },
      {
        title: "Circuit breakers",
        description: "0 closed, 1 open, 2 half-open.",
        unit: "short",
        queries: [[`memory_circuit_breaker_state{${CHOSEN}}`, "{{backend}} at {{instance}}"]],
      },
    ],
  },
  {
    title: "Background",
    panels: [
      {
        title: "Tasks",
        description: "What namespaces' homes must still be told. Given up: DeadTasks, RB-004.",
        unit: "short",
        queries: [
          [`sum(memory_tasks_pending{${CHOSEN}})`, "pending"],
          [`sum(memory_tasks_dead{${CHOSEN}})`, "given up"],
          [`sum(memory_namespaces_loading{${CHOSEN}})`, "namespaces loading"],
          [`sum(memory_namespaces_former{${CHOSEN}})`, "namespaces of an earlier form"],
        ],
      },
      {
        title: "Failures",
        description: "Tries of tasks, and parts of alarms; each is tried again.",
        unit: "ops",
        queries: [
          [`sum by (kind) (${rate("memory_task_failures_total")})`, "task {{kind}}"],
          [`sum by (part) (${rate("memory_alarm_failures_total")})`, "alarm {{part}}"],
        ],
      },
      {
        title: "Left out of learning",
        description: "Of episodes that are too large, in an hour.",
        unit: "short",
        queries: [[`sum by (what) (increase(memory_digest_cut_total{${CHOSEN}}[1h]))`, "{{what}}"]],
      },
    ],
  },
  {
    title: "Outbox",
    panels: [
      {
        title: "Depth",
        description: "StorageFull above 80 % of the bound, RB-006.",
        unit: "short",
        queries: [
          [`memory_outbox_depth{${CHOSEN}}`, "{{instance}}"],
          [`min(memory_outbox_max_rows{${CHOSEN}})`, "bound of one"],
        ],
      },
      {
        title: "Bytes",
        description: "What waits.",
        unit: "bytes",
        queries: [
          [`memory_outbox_bytes{${CHOSEN}}`, "{{instance}}"],
          [`min(memory_outbox_max_bytes{${CHOSEN}})`, "bound of one"],
        ],
      },
      {
        title: "Age of the oldest row",
        description: "OutboxStalled above 15 min, RB-004.",
        unit: "s",
        red: 900,
        queries: [[`memory_outbox_oldest_seconds{${CHOSEN}}`, "{{instance}}"]],
      },
      {
        title: "Rows in a batch",
        description: "batch_size bounds it.",
        unit: "short",
        queries: quantiles("memory_flush_batch_size"),
      },
      {
        title: "Since the last batch",
        description: "Grows while nothing is to be sent, too.",
        unit: "s",
        queries: [[`time() - memory_last_flush_timestamp_seconds{${CHOSEN}}`, "{{instance}}"]],
      },
    ],
  },
  {
    title: "Cache",
    panels: [
      {
        title: "Hit rate",
        description: "LowCacheHitRate below half, RB-004.",
        unit: "percentunit",
        queries: [
          [
            `sum(${rate("memory_cache_hit_total")}) / (sum(${rate("memory_cache_hit_total")}) + sum(${rate("memory_cache_miss_total")}))`,
            "hits",
          ],
        ],
      },
      {
        title: "Episodes",
        description: "cache_max_size bounds those that have ended.",
        unit: "short",
        queries: [
          [`memory_cache_size{${CHOSEN}}`, "{{instance}}"],
          [`min(memory_cache_max_size{${CHOSEN}})`, "bound of one"],
        ],
      },
      {
        title: "Bytes",
        description: "cache_max_bytes bounds those that have ended.",
        unit: "bytes",
        queries: [
          [`memory_cache_bytes{${CHOSEN}}`, "{{instance}}"],
          [`min(memory_cache_max_bytes{${CHOSEN}})`, "bound of one"],
        ],
      },
      {
        title: "Evictions",
        description: "By reason.",
        unit: "ops",
        queries: [[`sum by (reason) (${rate("memory_cache_evictions_total")})`, "{{reason}}"]],
      },
    ],
  },
  {
    title: "Heat by instance",
    panels: [
      {
        title: "Steps, against the mean",
        description:
          "1 is an even load. One that stays far above holds a busy namespace: RB-006, Horizontal Scaling.",
        unit: "short",
        queries: [[againstMean("memory_step_logged_total"), "{{instance}}"]],
      },
      {
        title: "Recalls, against the mean",
        description: "As for steps; a recall is answered where its namespace lives.",
        unit: "short",
        queries: [[againstMean("memory_recall_total"), "{{instance}}"]],
      },
      {
        title: "Busiest instances",
        description: "Requests at work now; the five with the most.",
        unit: "short",
        queries: [[`topk(5, memory_instance_in_flight{${CHOSEN}})`, "{{instance}}"]],
      },
    ],
  },
  {
    title: "Space and load",
    panels: [
      {
        title: "Storage of the instances",
        description: "Raise INSTANCE_COUNT before it is full, RB-006.",
        unit: "bytes",
        queries: [
          [`memory_instance_storage_bytes{${CHOSEN}}`, "{{instance}}"],
          [`min(memory_instance_storage_max_bytes{${CHOSEN}})`, "bound of one"],
        ],
      },
      {
        title: "Database and bucket",
        description: "GET /admin/capacity forecasts them.",
        unit: "bytes",
        queries: [
          ["max(memory_database_bytes)", "database"],
          ["max(memory_database_max_bytes)", "plan"],
          ["max(memory_r2_bytes)", "bucket"],
        ],
      },
      {
        title: "Requests in flight",
        description: "instance_in_flight_max bounds them.",
        unit: "short",
        queries: [[`memory_instance_in_flight{${CHOSEN}}`, "{{instance}}"]],
      },
      {
        title: "Instances up",
        description:
          "0: it did not answer the scrape. Damage: statements that met a damaged page of its storage, RB-006.",
        unit: "short",
        queries: [
          [`memory_instance_up{${CHOSEN}}`, "{{instance}}"],
          [`memory_local_damage_total{${CHOSEN}}`, "damage at {{instance}}"],
        ],
      },
    ],
  },
];
