/**
 * The appendix: what the predecessor's runbooks typed, and what is typed here, row by row. A command
 * here stands in a block of a page, which runs it or holds it to the help of its program, or it is
 * run by itself, in the order of the rows, by the page that `appendix.ts` makes of this list.
 *
 * @module
 */

export interface Here {
  run: string;
  /** The block that has it, as "RB-001 doctor"; none: it is run by itself. */
  within?: string;
  /** Of what is run by itself: what it must print. */
  expect?: RegExp;
}

export interface Equivalent {
  /** In Markdown. */
  there: string;
  here: readonly Here[];
  /** What no command says, in Markdown. */
  note?: string;
}

const AS_OPERATOR = '-H "Authorization: Bearer $MEMORY_ADMIN_TOKEN"';

/** A command of that block of a page. */
const within = (block: string, run: string): Here => ({ run, within: block });
const alone = (run: string, expect: RegExp): Here => ({ run, expect });
/** As the predecessor's pages have it, without a Content-Type. */
const post = (path: string, body: string, shown: string, expect: RegExp): Here =>
  alone(
    `curl -fsS -X POST "$MEMORY_URL${path}" ${AS_OPERATOR} -d '${body}' | jq -c ${shown}`,
    expect,
  );

const START: readonly Equivalent[] = [
  {
    there: "`rustc --version`, `env \\| grep TURSO_`, `curl …/.well-known/health`",
    here: [
      within("RB-001 prerequisites", "node --version"),
      within("RB-001 doctor", "memory-cli doctor"),
      alone(
        `curl -fsS -o /dev/null -w '%{http_code}\\n' "http://127.0.0.1:\${MEMORY_DB_PORT:-8789}/health"`,
        /^200$/m,
      ),
    ],
    note: "the database's path is `/health`, and `libsql://` cannot be curled",
  },
  {
    there: "`cargo build --release`, `cargo test`",
    here: [within("RB-001 build", "npm run build")],
    note: "and `npm test`, which runs this table",
  },
  {
    there: "`mkdir -p $(dirname $REDB_CACHE_PATH)`",
    here: [
      within(
        "RB-007 migrated",
        `jq -e '.checks[] | select(.name == "migrations").status == "healthy"'`,
      ),
    ],
    note: "nothing to type: migrations and storage make themselves",
  },
  {
    there: "`./memory-core …`, `systemctl start`, `docker-compose up`",
    here: [
      within("RB-001 start", "npm start"),
      within("RB-001 start-production", "npx wrangler deploy"),
    ],
    note:
      "on a server of your own `systemctl start memory-service`, `docker compose up -d` " +
      "([self-hosting](../self-hosting.md))",
  },
  {
    there: "`curl :9090/health/live`",
    here: [within("RB-001 liveness", 'curl -fsS "$MEMORY_URL/health/live"')],
  },
  {
    there: "`curl :9090/health/ready`",
    here: [within("RB-006 health", "memory-cli health check")],
  },
  {
    there: "`curl :9090/metrics \\| grep memory_episode_created_total`",
    here: [within("RB-001 metrics", "metrics | grep memory_episode_created_total")],
    note: "the same, with `Authorization`",
  },
  {
    there: "`tail -f memory.log \\| grep ERROR`, `journalctl -u`",
    here: [
      within("RB-001 logs", `grep '"level":"error"' "$DATA/worker.log"`),
      within("RB-001 logs-production", "npx wrangler tail --format json"),
    ],
    note: "filtered by level: [logs.md](../logs.md), RB-001 step 6",
  },
  {
    there: "`open :3000/d/memory-overview`",
    here: [
      alone(`jq -r '.uid + ", " + .title' ops/grafana/memory-overview.json`, /^memory-overview/m),
      within("RB-001 console", '"$MEMORY_URL/console"'),
    ],
  },
  {
    there: "`systemctl start memory-service@previous`",
    here: [within("RB-001 rollback-production", "npx wrangler rollback")],
  },
];

const STOP_AND_BACK_UP: readonly Equivalent[] = [
  {
    there: "`curl -X POST /admin/maintenance`",
    here: [
      post(
        "/admin/maintenance",
        '{"enabled":true,"message":"as it was"}',
        ".maintenance",
        /as it was/,
      ),
      post("/admin/maintenance", '{"enabled":false}', ".maintenance", /^null$/m),
      within("RB-002 announce", "memory-cli maintenance on"),
    ],
    note: "the same",
  },
  {
    there: "`watch … memory_active_episodes`",
    here: [within("RB-002 drain", "memory-cli drain --timeout 30s")],
  },
  {
    there: "`systemctl stop`, `pkill -9`, `rm memory-service.lock`",
    here: [
      within("RB-002 stop", 'kill "$STOPPED"'),
      within("RB-002 emergency", 'kill -9 "$(cat "$DATA/start.pid")"'),
    ],
    note: "nothing to stop in production; no lock file",
  },
  {
    there: "`backup-redb.sh`",
    here: [within("RB-003 snapshot", "memory-cli backup create --kind snapshot")],
    note: "daily by itself",
  },
  {
    there: "`export-episodes.sh`",
    here: [
      alone('npm run export-episodes -- -o "${TMPDIR:-/tmp}/appendix"', /./),
      within("RB-003 full", "memory-cli backup create --kind full"),
    ],
    note: "every namespace; 30 days are not a backup",
  },
  {
    there: "`gunzip -c cache.redb.gz`, `file cache.redb`",
    here: [
      within("RB-003 restore-instance", 'memory-cli backup restore --snapshot "$SNAPSHOT"'),
      within("RB-003 verify", 'memory-cli backup verify "$BACKUP"'),
    ],
  },
  {
    there: "`turso db restore`, `.import episodes.json`, `SELECT COUNT(*) FROM episodes`",
    here: [
      within("RB-003 restore", 'memory-cli backup restore "$BACKUP" --yes'),
      within("RB-003 restored", "memory-cli stats"),
      within("RB-003 point-in-time-production", "turso db create memory-restored --from-db memory"),
    ],
    note: "`turso db restore` does not exist",
  },
  {
    there: "`storage sync --force`, `episode list --limit 10`",
    here: [
      within("RB-003 sync", "memory-cli storage sync --force"),
      within("RB-003 sync", "memory-cli episode list --limit 10"),
    ],
  },
];

const INCIDENTS: readonly Equivalent[] = [
  {
    there: "alerts HighStorageErrorRate, CircuitBreakerOpen, LowCacheHitRate",
    here: [
      alone(
        "grep -hE 'alert: (HighStorageErrorRate|CircuitBreakerOpen|LowCacheHitRate)' ops/prometheus/alerts.yml",
        /CircuitBreakerOpen/,
      ),
    ],
    note: "the same names",
  },
  {
    there: "`grep memory_storage_errors_total`",
    here: [within("RB-004 errors-kinds", "metrics | grep '^memory_storage_errors_total'")],
    note: "by `backend`, `operation`, `kind`",
  },
  {
    there: '`journalctl --since "5 minutes ago" \\| grep ERROR`, `ls /var/crash`',
    here: [
      within("RB-004 breaker-backend", "memory-cli diagnose"),
      within("RB-004 incident", "memory-cli incident export --since 1h --logs"),
      within("RB-004 errors-log-production", "npx wrangler tail --format json"),
    ],
    note: "a crash is an exception in `wrangler tail` and, with `SENTRY_DSN`, at Sentry",
  },
  {
    there: '"switch to degraded mode"',
    here: [within("RB-004 errors-degrade", "memory-cli degraded on")],
    note: "by itself while the breaker is open",
  },
  {
    there: '"implement rate limiting"',
    here: [within("RB-004 rate-limit", "memory-cli config set rate_limit_per_second 300")],
  },
  {
    there: '`memory-cli episode create --task "test recovery"`',
    here: [alone('memory-cli episode create --task "test recovery"', /test recovery|[0-9a-f]{8}-/)],
    note: "the same",
  },
  {
    there: "`prometheus-query-exporter`, `journalctl > incident_logs.txt`",
    here: [within("RB-004 incident", "memory-cli incident export --since 1h")],
  },
  {
    there: "`grep memory_circuit_breaker_state`",
    here: [
      alone(
        "metrics | grep memory_circuit_breaker_state",
        /^memory_circuit_breaker_state.*backend="turso"/m,
      ),
      alone("memory-cli breaker status", /turso/),
    ],
    note: "the same",
  },
  {
    there: "`curl -X POST /admin/circuit-breaker/reset`",
    here: [
      post("/admin/circuit-breaker/reset", '{"backend":"turso"}', ".topology", /"count"/),
      within("RB-004 breaker-reset", "memory-cli breaker reset turso"),
    ],
    note: "the same",
  },
  {
    there: '`grep -E "cache_hit\\|cache_miss"`',
    here: [
      alone('metrics | grep -E "cache_hit|cache_miss"', /^memory_cache_hit_total/m),
      within("RB-004 cache-cause", "evictions_total"),
    ],
    note: "the same; `memory_cache_evictions_total` says why",
  },
  {
    there: "edit `config.toml`, restart",
    here: [within("RB-004 cache-tune", "memory-cli config set cache_max_size 2000")],
    note: "without a restart",
  },
];

const SPEED_AND_SCALE: readonly Equivalent[] = [
  {
    there: "`RUST_LOG=debug`, `ping`, `grep connection_pool`",
    here: [
      within("RB-005 debug", "memory-cli config set log_level debug"),
      alone("memory-cli storage health || [ $? -eq 1 ]", /all closed/),
      within("RB-005 slow-storage", "memory_connections_(in_use|waiting|limit)"),
    ],
    note: "no provider's database answers `ping`",
  },
  {
    there: "`batch_writes = true`, `pool_max_connections = 200`",
    here: [within("RB-005 batches", "memory-cli config set batch_size 1000")],
    note: "six connections are the platform's bound",
  },
  {
    there: "`ps aux`, `/debug/pprof/heap`, `MemoryLimit=2G`",
    here: [
      alone(
        "metrics | grep -E '^memory_(active_episodes|instance_storage_bytes)'",
        /memory_instance_storage_bytes/,
      ),
      within("RB-005 leak-close", "memory-cli config set episode_idle_timeout_seconds 20"),
    ],
  },
  {
    there: "`systemctl edit`: `CPUQuota`",
    here: [within("RB-006 vertical-production", "npx wrangler deploy")],
    note: "with `limits.cpu_ms` in `wrangler.toml`",
  },
  {
    there: "`INSTANCE_ID=2 ./memory-core`, nginx upstream",
    here: [within("RB-006 resize", "memory-cli instance resize 6 --yes")],
  },
  {
    there: "`$((1000 * 50 + 1000 * 5 * 3))`",
    here: [within("RB-006 capacity", "memory-cli capacity")],
    note: "measured",
  },
  {
    there: "`wget …; cp memory-service /usr/local/bin`",
    here: [
      within("RB-007 check", "memory-cli upgrade check"),
      within("RB-007 gradual-production", "npx wrangler versions deploy"),
    ],
  },
  {
    there:
      "`migrate --dry-run`, `migrate --execute`, `full-backup.sh`, `smoke-tests.sh`, " +
      "`grep BREAKING CHANGELOG`",
    here: [
      within("RB-007 migrate-dry", "memory-cli migrate --dry-run"),
      within("RB-007 migrate", "memory-cli migrate --execute"),
      within("RB-007 full-backup", "npm run full-backup"),
      within("RB-007 smoke", "npm run smoke-tests"),
      alone("grep -n '^### Upgrading' CHANGELOG.md", /Upgrading from/),
    ],
  },
];

const BY_THE_CLOCK: readonly Equivalent[] = [
  {
    there: "the decision tree on paper",
    here: [within("RB-004 breaker-backend", "memory-cli diagnose")],
  },
  {
    there: "crontab",
    here: [within("RB-006 schedule", "grep -A 14 '^\\[triggers\\]' wrangler.toml")],
  },
  {
    there: "`prometheus-cleanup.sh`, `logrotate`",
    here: [alone("grep -n '0 4 \\* \\* MON' wrangler.toml", /0 4 /)],
    note: "logs are the platform's",
  },
  {
    there: "Prometheus asks every 5 min",
    here: [
      alone("grep -n '\\*/5 \\* \\* \\* \\*' wrangler.toml", /5 /),
      alone("memory-cli health watch --interval 1s --count 1 || [ $? -eq 1 ]", /./),
    ],
  },
  {
    there: '"manual review", `cargo audit`',
    here: [
      within("RB-006 capacity", "memory-cli capacity"),
      within("RB-006 audit-production", "npm run audit"),
    ],
    note: "a report in R2 each month",
  },
  {
    there: "checklist, contacts, links",
    here: [alone("grep -c '^- \\[ \\]' docs/runbooks/README.md", /^\d+$/m)],
    note: "boxes of this page",
  },
];

/** In the order of the predecessor's rows. */
export const EQUIVALENTS: readonly Equivalent[] = [
  ...START,
  ...STOP_AND_BACK_UP,
  ...INCIDENTS,
  ...SPEED_AND_SCALE,
  ...BY_THE_CLOCK,
];
