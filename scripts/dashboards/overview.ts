/**
 * The dashboard "memory-overview": whether the service is well, what it does, what happened.
 *
 * @module
 */

import { CHOSEN, quantiles, rate, type Row } from "./panel.ts";

export const OVERVIEW: readonly Row[] = [
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
        title: "Dead letters",
        description: "Rows that the database never took. DeadLetters, RB-004.",
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
    title: "Objectives",
    panels: [
      {
        title: "Availability, three days",
        description:
          "Share of agents' requests without an error of the service; the objective is 99.9 %.",
        unit: "percentunit",
        kind: "stat",
        width: 6,
        queries: [["1 - memory:http_errors:ratio_rate3d", "without an error"]],
      },
      {
        title: "Within a second, three days",
        description: "Share of agents' requests; the objective is 99 %.",
        unit: "percentunit",
        kind: "stat",
        width: 6,
        queries: [["1 - memory:http_slow:ratio_rate3d", "within a second"]],
      },
      {
        title: "Budget of errors: how fast it burns",
        description:
          "1 is as fast as the objective allows; 14.4 pages (AvailabilityBurnsFast, RB-004).",
        unit: "short",
        width: 6,
        red: 14.4,
        queries: [
          ["memory:http_errors:ratio_rate5m / 0.001", "5 min"],
          ["memory:http_errors:ratio_rate1h / 0.001", "1 h"],
          ["memory:http_errors:ratio_rate6h / 0.001", "6 h"],
        ],
      },
      {
        title: "Budget of slow requests: how fast it burns",
        description: "1 is as fast as the objective allows; 14.4 pages (LatencyBurnsFast, RB-005).",
        unit: "short",
        width: 6,
        red: 14.4,
        queries: [
          ["memory:http_slow:ratio_rate5m / 0.01", "5 min"],
          ["memory:http_slow:ratio_rate1h / 0.01", "1 h"],
          ["memory:http_slow:ratio_rate6h / 0.01", "6 h"],
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
            `(sum(${rate("memory_http_requests_total", ', status=~"5.."')}) or vector(0)) / sum(${rate("memory_http_requests_total")})`,
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
        queries: [[`sum(memory_active_episodes{${CHOSEN}})`, "active"]],
      },
      {
        title: "Oldest active episode",
        description: "Closed after episode_idle_timeout_seconds without a write.",
        unit: "s",
        queries: [[`max(memory_oldest_active_episode_seconds{${CHOSEN}})`, "oldest"]],
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
          [`sum(memory_total_patterns{${CHOSEN}})`, "known"],
          [
            `sum by (kind) (increase(memory_pattern_extracted_total{${CHOSEN}}[1h]))`,
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
            `sum by (backend, to) (increase(memory_circuit_breaker_transitions_total{${CHOSEN}}[5m]))`,
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
