/**
 * The Grafana dashboards, as data.
 *
 * @module
 */

import { METRIC_NAMES, ruleOf } from "../../src/observability/index.ts";

type MetricName = (typeof METRIC_NAMES)[number];
type Unit = "short" | "s" | "bytes" | "percentunit" | "reqps" | "ops" | "dateTimeFromNow";

interface Panel {
  title: string;
  /** What it tells, and what to do. */
  description: string;
  unit: Unit;
  /** Query and legend. */
  queries: readonly (readonly [expr: string, legend: string])[];
  kind?: "timeseries" | "stat" | "table";
  /** Of 24. */
  width?: number;
  /** From this value on it is red. */
  red?: number;
}
interface Row {
  title: string;
  panels: readonly Panel[];
}

/** Every series of an instance that is selected. */
const I = 'instance=~"$instance"';
const rate = (name: string, more = "") => `rate(${name}{${I}${more}}[$__rate_interval])`;
const p = (share: number, name: string, more = "") =>
  `histogram_quantile(${share}, sum by (le) (rate(${name}_bucket{${I}${more}}[$__rate_interval])))`;
const quantiles = (name: string, more = "") =>
  [0.5, 0.95, 0.99].map((share) => [p(share, name, more), `p${share * 100}`] as const);

const OVERVIEW: readonly Row[] = [
  {
    title: "Is it well?",
    panels: [
      {
        title: "Instances up",
        description: "RB-004 when fewer than there should be.",
        unit: "short",
        kind: "stat",
        width: 4,
        queries: [["sum(memory_instance_up) / max(memory_instances)", "share"]],
      },
      {
        title: "Breakers open",
        description: "CircuitBreakerOpen, RB-004.",
        unit: "short",
        kind: "stat",
        width: 4,
        red: 1,
        queries: [["sum(memory_circuit_breaker_state > bool 0)", "open"]],
      },
      {
        title: "Waiting writes",
        description: "Rows in all outboxes. They are durable.",
        unit: "short",
        kind: "stat",
        width: 4,
        queries: [["sum(memory_outbox_depth)", "rows"]],
      },
      {
        title: "Parked rows",
        description: "DeadLetters, RB-004.",
        unit: "short",
        kind: "stat",
        width: 4,
        red: 1,
        queries: [["sum(memory_outbox_dead)", "rows"]],
      },
      {
        title: "Maintenance / degraded",
        description: "1: switched on by an operator, RB-002.",
        unit: "short",
        kind: "stat",
        width: 4,
        red: 1,
        queries: [
          ["max(memory_maintenance_mode)", "maintenance"],
          ["max(memory_degraded_mode)", "degraded"],
        ],
      },
      {
        title: "Last backup",
        description: "BackupStale after 26 h, RB-003.",
        unit: "dateTimeFromNow",
        kind: "stat",
        width: 4,
        queries: [
          ["max by (kind) (memory_backup_last_success_timestamp_seconds) * 1000", "{{kind}}"],
          ["max(memory_backup_last_verified_timestamp_seconds) * 1000", "verified"],
        ],
      },
    ],
  },
  {
    title: "Requests",
    panels: [
      {
        title: "Requests by route",
        description: "Rate.",
        unit: "reqps",
        queries: [
          [
            `sum by (method, route) (${rate("memory_http_requests_total")})`,
            "{{method}} {{route}}",
          ],
        ],
      },
      {
        title: "Server errors",
        description: "Share of answers from 500 on.",
        unit: "percentunit",
        queries: [
          [
            `sum(${rate("memory_http_requests_total", ', status=~"5.."')}) / sum(${rate("memory_http_requests_total")})`,
            "5xx",
          ],
        ],
      },
      {
        title: "Latency",
        description: "From arrival to answer.",
        unit: "s",
        queries: quantiles("memory_http_request_duration_seconds"),
      },
      {
        title: "Recall latency",
        description: "As the Worker sees it.",
        unit: "s",
        queries: quantiles("memory_recall_duration_seconds"),
      },
      {
        title: "Refusals",
        description: "By code; rate limits, overload, maintenance, full outboxes.",
        unit: "reqps",
        queries: [
          [`sum by (code) (${rate("memory_refused_total")})`, "{{code}}"],
          [`sum(${rate("memory_rate_limited_total")})`, "rate limited in all"],
          [
            `sum by (reason) (${rate("memory_idempotency_dropped_total")})`,
            "answers not kept: {{reason}}",
          ],
        ],
      },
    ],
  },
  {
    title: "Memory",
    panels: [
      {
        title: "Episodes",
        description: "Started, and ended by outcome.",
        unit: "ops",
        queries: [
          [`sum(${rate("memory_episode_created_total")})`, "started"],
          [`sum by (outcome) (${rate("memory_episode_completed_total")})`, "{{outcome}}"],
        ],
      },
      {
        title: "Active episodes",
        description: "MemoryLeak when they grow and none ends, RB-005.",
        unit: "short",
        queries: [[`sum(memory_active_episodes{${I}})`, "active"]],
      },
      {
        title: "Oldest active episode",
        description: "Closed after episode_idle_timeout_seconds without a write.",
        unit: "s",
        queries: [[`max(memory_oldest_active_episode_seconds{${I}})`, "oldest"]],
      },
      {
        title: "Duration of episodes",
        description: "From start to end.",
        unit: "s",
        queries: quantiles("memory_episode_duration_seconds"),
      },
      {
        title: "Steps, recalls",
        description: "Rate.",
        unit: "ops",
        queries: [
          [`sum(${rate("memory_step_logged_total")})`, "steps"],
          [`sum(${rate("memory_recall_total")})`, "recalls"],
        ],
      },
      {
        title: "Patterns",
        description: "Known, and new ones by kind.",
        unit: "short",
        queries: [
          [`sum(memory_total_patterns{${I}})`, "known"],
          [
            `sum by (kind) (increase(memory_pattern_extracted_total{${I}}[1h]))`,
            "new {{kind}} in an hour",
          ],
        ],
      },
    ],
  },
  {
    title: "What happened",
    panels: [
      {
        title: "Incidents",
        description: "GET /admin/incidents tells the story.",
        unit: "short",
        queries: [["sum by (kind) (increase(memory_incidents_total[1h]))", "{{kind}}"]],
      },
      {
        title: "Breaker transitions",
        description: "By the state entered.",
        unit: "short",
        queries: [
          [
            `sum by (backend, to) (increase(memory_circuit_breaker_transitions_total{${I}}[5m]))`,
            "{{backend}} → {{to}}",
          ],
        ],
      },
      {
        title: "Jobs",
        description: "Runs by result, and requests for long jobs by what became of them.",
        unit: "short",
        queries: [
          ["sum by (job, result) (increase(memory_job_runs_total[1d]))", "{{job}} {{result}}"],
          [
            "sum by (kind, result) (increase(memory_job_requests_total[1d]))",
            "{{kind}} asked for: {{result}}",
          ],
        ],
      },
      {
        title: "Since the last run of a job",
        description: "JobFailed, RB-004.",
        unit: "s",
        queries: [
          ["time() - max by (job) (memory_job_last_run_timestamp_seconds)", "{{job}} ran"],
          [
            "time() - max by (job) (memory_job_last_success_timestamp_seconds)",
            "{{job}} succeeded",
          ],
        ],
      },
      {
        title: "Version",
        description: "What answers.",
        unit: "short",
        kind: "table",
        queries: [["max by (version) (memory_build_info)", "{{version}}"]],
      },
    ],
  },
];

const RESOURCES: readonly Row[] = [
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
          [`sum(memory_connections_in_use{${I}})`, "in use"],
          [`sum(memory_connections_waiting{${I}})`, "waiting"],
          [`sum(memory_connections_limit{${I}})`, "limit"],
        ],
      },
      {
        title: "Circuit breakers",
        description: "0 closed, 1 open, 2 half-open.",
        unit: "short",
        queries: [[`memory_circuit_breaker_state{${I}}`, "{{backend}} at {{instance}}"]],
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
          [`sum(memory_tasks_pending{${I}})`, "pending"],
          [`sum(memory_tasks_dead{${I}})`, "given up"],
          [`sum(memory_namespaces_loading{${I}})`, "namespaces loading"],
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
        queries: [[`sum by (what) (increase(memory_digest_cut_total{${I}}[1h]))`, "{{what}}"]],
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
          [`memory_outbox_depth{${I}}`, "{{instance}}"],
          [`min(memory_outbox_max_rows{${I}})`, "bound of one"],
        ],
      },
      {
        title: "Bytes",
        description: "What waits.",
        unit: "bytes",
        queries: [
          [`memory_outbox_bytes{${I}}`, "{{instance}}"],
          [`min(memory_outbox_max_bytes{${I}})`, "bound of one"],
        ],
      },
      {
        title: "Age of the oldest row",
        description: "OutboxStalled above 15 min, RB-004.",
        unit: "s",
        red: 900,
        queries: [[`memory_outbox_oldest_seconds{${I}}`, "{{instance}}"]],
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
        queries: [[`time() - memory_last_flush_timestamp_seconds{${I}}`, "{{instance}}"]],
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
          [`memory_cache_size{${I}}`, "{{instance}}"],
          [`min(memory_cache_max_size{${I}})`, "bound of one"],
        ],
      },
      {
        title: "Bytes",
        description: "cache_max_bytes bounds those that have ended.",
        unit: "bytes",
        queries: [
          [`memory_cache_bytes{${I}}`, "{{instance}}"],
          [`min(memory_cache_max_bytes{${I}})`, "bound of one"],
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
    title: "Space and load",
    panels: [
      {
        title: "Storage of the instances",
        description: "Raise INSTANCE_COUNT before it is full, RB-006.",
        unit: "bytes",
        queries: [
          [`memory_instance_storage_bytes{${I}}`, "{{instance}}"],
          [`min(memory_instance_storage_max_bytes{${I}})`, "bound of one"],
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
        queries: [[`memory_instance_in_flight{${I}}`, "{{instance}}"]],
      },
      {
        title: "Instances up",
        description:
          "0: it did not answer the scrape. Damage: statements that met a damaged page of its storage, RB-006.",
        unit: "short",
        queries: [
          [`memory_instance_up{${I}}`, "{{instance}}"],
          [`memory_local_damage_total{${I}}`, "damage at {{instance}}"],
        ],
      },
    ],
  },
];

/** The panel of a metric that no other panel shows: what its type and its name say. */
export function panelOfMetric(name: MetricName): Panel {
  const { type, help: description, labels } = ruleOf(name);
  const title = name.slice("memory_".length).replaceAll("_", " ");
  if (type === "histogram") {
    return { title, description, unit: unitOf(name), queries: quantiles(name) };
  }

  const own = Object.keys(labels).filter((label) => label !== "instance");
  const by = own.length === 0 ? "" : `by (${own.join(", ")}) `;
  const legend = own.length === 0 ? "all" : own.map((label) => `{{${label}}}`).join(" ");
  const series = "instance" in labels ? `${name}{${I}}` : name;
  return type === "counter"
    ? {
        title,
        description,
        unit: "ops",
        queries: [[`sum ${by}(rate(${series}[$__rate_interval]))`, legend]],
      }
    : { title, description, unit: unitOf(name), queries: [[`max ${by}(${series})`, legend]] };
}

function unitOf(name: string): Unit {
  if (name.endsWith("_bytes")) return "bytes";
  return name.endsWith("_seconds") && !name.endsWith("_timestamp_seconds") ? "s" : "short";
}

/** So that no metric is without a panel, whoever declares it. */
function others(shown: readonly Row[]): Row[] {
  const queries = JSON.stringify(shown);
  const isShown = (name: MetricName): boolean =>
    new RegExp(`\\b${name}(_bucket|_count|_sum)?\\b`).test(queries);
  const panels = METRIC_NAMES.filter((name) => !isShown(name)).map(panelOfMetric);
  return panels.length === 0 ? [] : [{ title: "Other", panels }];
}

function dashboard(uid: string, title: string, description: string, rows: readonly Row[]) {
  const panels: Record<string, unknown>[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const { kind = "timeseries", width = 8 } = panel;
      const h = kind === "timeseries" ? 8 : 4;
      if (x + width > 24) [x, y, height] = [0, y + height, 0];
      panels.push({ id: panels.length + 1, ...panelOf(panel), gridPos: { x, y, w: width, h } });
      x += width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return {
    __inputs: [
      {
        name: "DS_PROMETHEUS",
        label: "Prometheus",
        type: "datasource",
        pluginId: "prometheus",
        pluginName: "Prometheus",
      },
    ],
    __requires: [
      { type: "grafana", id: "grafana", name: "Grafana", version: "10.0.0" },
      { type: "datasource", id: "prometheus", name: "Prometheus", version: "1.0.0" },
    ],
    uid,
    title,
    description,
    tags: ["memory-service"],
    schemaVersion: 38,
    version: 1,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "utc",
    graphTooltip: 1,
    links: [
      {
        type: "dashboards",
        title: "memory-service",
        tags: ["memory-service"],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: {
      list: [
        {
          name: "instance",
          label: "Instance",
          type: "query",
          datasource: SOURCE,
          query: { query: "label_values(memory_instance_up, instance)", refId: "instances" },
          definition: "label_values(memory_instance_up, instance)",
          refresh: 2,
          includeAll: true,
          multi: true,
          allValue: ".*",
          current: { selected: true, text: ["All"], value: ["$__all"] },
          sort: 3,
        },
      ],
    },
    annotations: { list: [] },
    panels,
  };
}

const SOURCE = { type: "prometheus", uid: "${DS_PROMETHEUS}" } as const;

function panelOf({
  title,
  description,
  unit,
  queries,
  kind = "timeseries",
  red,
}: Panel): Record<string, unknown> {
  const steps = [
    { color: "green", value: null },
    ...(red === undefined ? [] : [{ color: "red", value: red }]),
  ];
  return {
    type: kind,
    title,
    description,
    datasource: SOURCE,
    fieldConfig: {
      defaults: {
        unit,
        min: unit === "dateTimeFromNow" ? null : 0,
        thresholds: { mode: "absolute", steps },
        ...(kind === "timeseries"
          ? {
              custom: {
                lineWidth: 1,
                fillOpacity: 8,
                showPoints: "never",
                spanNulls: false,
                thresholdsStyle: { mode: red === undefined ? "off" : "line" },
              },
            }
          : {}),
      },
      overrides: [],
    },
    options:
      kind === "timeseries"
        ? {
            legend: { displayMode: "list", placement: "bottom" },
            tooltip: { mode: "multi", sort: "desc" },
          }
        : kind === "stat"
          ? {
              colorMode: "background",
              graphMode: "none",
              reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
            }
          : { showHeader: true },
    targets: queries.map(([expr, legendFormat], i) => ({
      refId: String.fromCodePoint(65 + i),
      datasource: SOURCE,
      expr,
      legendFormat,
      ...(kind === "timeseries" ? {} : { instant: true, range: false }),
    })),
  };
}

export const DASHBOARDS = {
  "memory-overview": dashboard(
    "memory-overview",
    "memory-overview",
    "Whether memory-service is well, what it does, and what happened.",
    OVERVIEW,
  ),
  "memory-system-resources": dashboard(
    "memory-system-resources",
    "memory-system-resources",
    "What memory-service uses: database, outboxes, caches, space.",
    [...RESOURCES, ...others([...OVERVIEW, ...RESOURCES])],
  ),
};
