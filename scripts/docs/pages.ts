/**
 * The pages that are made from lists in the code.
 *
 * @module
 */

import { COMMON_FIELDS, EVENTS, METRIC_NAMES, ruleOf } from "../../src/observability/index.ts";

const MADE = "<!-- Made by `npm run docs` from the code. Change it there. -->";

export function metricsPage(): string {
  const rows = METRIC_NAMES.map((name) => {
    const { type, help, labels, buckets } = ruleOf(name);
    const shown = Object.entries(labels)
      .filter(([label]) => label !== "instance")
      .map(
        ([label, values]) =>
          `\`${label}\`: ${typeof values === "string" ? KINDS[values] : values.join(", ")}`,
      );
    if (buckets) shown.push(`buckets: ${buckets.join(", ")}`);
    const from = "instance" in labels ? "instance" : "service";
    return `| \`${name}\` | ${type} | ${from} | ${shown.join("; ")} | ${help} |`;
  });
  return `${MADE}

# Metrics

\`GET /metrics\`, with a key that has the scope \`metrics\` or with \`ADMIN_TOKEN\`; open to everybody when the deployment sets
\`METRICS_OPEN = "true"\`. Prometheus text 0.0.4, or OpenMetrics 1.0.0 when \`Accept\` asks for it. A scrape job, which
\`ops/prometheus/prometheus.yml\` has with the rules and the address of Alertmanager:

\`\`\`yaml
scrape_configs:
  - job_name: memory-service
    scheme: https
    # The series carry the number of their instance in the service; without this Prometheus would call it exported_instance.
    honor_labels: true
    authorization: { credentials_file: /etc/prometheus/memory-service.key }
    static_configs: [{ targets: ["YOUR-WORKER"] }]
\`\`\`

Every series of an instance has the label \`instance\`. An instance that does not answer within three seconds is
\`memory_instance_up 0\` and its other series are missing, never zero. Counters are kept in the instance's storage: they survive
eviction and restart, and what is counted with a write is counted in the same transaction. \`memory_http_*\` and
\`memory_recall_duration_seconds\` are counted by the Worker, which tells an instance within a quarter of a second; they are shown at
the instance that was told. Above 64 instances, counters and histograms of each sixteen are one series, whose label is \`0-15\`, \`16-31\` and
so on; one that lacks instances names them, \`16-31 without 20\`, so that no series ever falls. Gauges are always each instance's own. No namespace, key, id or text is ever a label. Alerts are in \`ops/prometheus/\`, dashboards in
\`ops/grafana/\`.

| name | type | of | labels beside \`instance\` | what |
|---|---|---|---|---|
${rows.join("\n")}
`;
}

const KINDS: Readonly<Record<string, string>> = {
  instance: "the instance's number",
  route: 'the route\'s pattern, or "none"',
  status: "the HTTP status",
  version: "the version",
  job: "the job or the kind of backup",
  "error code": "the stable code of the answer",
};

export function logsPage(): string {
  const common = Object.entries(COMMON_FIELDS).map(([field, what]) => `- \`${field}\`: ${what}`);
  const rows = Object.entries(EVENTS).map(([name, { from, level, meaning, fields }]) => {
    const shown = fields.map((field) => `\`${field}\``).join(", ");
    return `| \`${name}\` | ${from} | ${level} | ${meaning} | ${shown} |`;
  });
  return `${MADE}

# Logs

One JSON object a line. The level is the setting \`log_level\` and changes without a deploy:

\`\`\`sh
curl -s -X PUT $MEMORY_URL/admin/config -H "Authorization: Bearer $MEMORY_ADMIN_TOKEN" -H 'Content-Type: application/json' \\
  -d '{"settings":{"log_level":"debug"}}'
\`\`\`

No secret and no text of a task is logged. A request's lines have its \`request_id\`, which is also in the answer's
\`X-Request-Id\`, and the trace's id when the request came with a \`traceparent\`; both go with it to every instance that works on it,
and the \`traceparent\` goes on to the database.

Every line has, when there is something to say:

${common.join("\n")}

## Following them

\`wrangler tail\` shows the Worker's lines and those of its Durable Objects, ten watchers at most, samples under load. Each
line is in \`.logs[].message[]\`:

\`\`\`sh
alias memlog="npx wrangler tail --format json | jq -cr '.logs[]?.message[]? | fromjson?'"
\`\`\`

Elsewhere the lines are as they are: of \`npm start\` \`tail -n +1 -F .data/worker.log\`, of a unit \`journalctl -u memory-service -o cat -f\`,
of a container \`docker compose logs --no-log-prefix -f service\`. Each of them may be \`memlog\`.

| scenario | what to follow |
|---|---|
| service down | \`memlog \\| jq -c 'select(.event=="request_failed" or .event=="instance_unreachable")'\` |
| high error rate | \`memlog \\| jq -c 'select(.event=="storage_operation" and .kind) \\| {instance,operation,kind,duration_ms}'\` |
| storage full | \`memlog \\| jq -c 'select(.kind=="quota" or .event=="outbox_flush_failed")'\` |
| cache degraded | \`memlog \\| jq -c 'select(.event=="episodes_evicted" or (.event=="call" and .cache=="miss"))'\` (the second at debug) |
| slow queries | \`memlog \\| jq -c 'select(.event=="storage_operation" and .duration_ms>500)'\` (at debug) |
| circuit breaker open | \`memlog \\| jq -c 'select(.event=="breaker_transition" or .event=="cluster_down")'\` |
| memory leak | \`memlog \\| jq -c 'select(.event=="episode_abandoned")'\` |
| one request | \`memlog \\| jq -c 'select(.request_id=="ID" or .trace_id=="ID")'\` |
| everything that matters | \`memlog \\| jq -c 'select(.level=="warn" or .level=="error")'\` |

## Events

| event | from | level | when | fields |
|---|---|---|---|---|
${rows.join("\n")}
`;
}
