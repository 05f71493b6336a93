/**
 * The steps of the runbooks that `diagnose` can name, each by its headings as they are published;
 * what is in brackets says more. A test holds every one to its page.
 *
 * @module
 */

export interface Step {
  runbook: string;
  step: string;
}

const at = (runbook: string, step: string): Step => ({ runbook, step });
const errors = (step: string): Step => at("RB-004", `Alert HighStorageErrorRate, ${step}`);
const breaker = (step: string): Step => at("RB-004", `Alert CircuitBreakerOpen, ${step}`);
const slow = (step: string): Step => at("RB-005", `Slow Episode Creation, ${step}`);

/** A row of the table of alerts that have no section of their own. */
const row = (what: string): Step => at("RB-004", `The other alerts (${what})`);

export const STEPS = {
  keys: at("RB-001", "Step 1: Verify Prerequisites (keys)"),
  start: at("RB-001", "Step 4: Start Service"),
  verify: at("RB-001", "Step 5: Verify Service Health"),
  network: at("RB-001", "Step 6: Monitor Startup (network, firewall, logs)"),
  serviceDown: at("RB-001", "Service down"),
  rollback: at("RB-001", "Rollback"),
  endMaintenance: at("RB-002", "Planned Maintenance Window, Step 5: End the maintenance"),
  modeLeftOn: at("RB-002", "Alert ModeLeftOn"),
  backupKey: at("RB-003", "Backup, Rotate the key"),
  backups: at("RB-003", "Alerts BackupStale and RestoreUnproven"),
  restore: at("RB-003", "Restore, Step 2: Restore"),
  disaster: at("RB-003", "Disaster Recovery"),
  errorAssess: errors("Step 1: Acknowledge and Assess"),
  errorCause: errors("Step 2: Identify Root Cause"),
  errorLogs: errors("Step 2: Identify Root Cause (logs)"),
  leaveDegraded: errors("Step 4: Verify Resolution (leave degraded mode)"),
  deadLetters: errors("Step 4: Verify Resolution (dead letters)"),
  breakerState: breaker("Step 1: Identify Failing Backend"),
  backend: breaker("Step 2: Check Backend Health"),
  recovery: breaker("Step 3: Trigger Manual Recovery"),
  cacheRate: at("RB-004", "Alert LowCacheHitRate, Step 1: Measure Current Hit Rate"),
  cacheTune: at("RB-004", "Alert LowCacheHitRate, Step 3: Tune Cache Configuration"),
  coordinator: at("RB-004", "Loss of the Coordinator"),
  foreign: at("RB-004", "Another deployment's database or bucket"),
  availability: row("AvailabilityBurnsFast, AvailabilityBurnsSlowly"),
  instanceDown: row("MemoryInstanceDown"),
  signalMissing: row("SignalMissing"),
  outboxStalled: row("OutboxStalled"),
  webhooks: row("WebhookUndelivered"),
  flapping: row("CircuitBreakerFlapping"),
  bucket: row("BucketBreakerOpen"),
  jobFailed: row("JobFailed"),
  jobOverdue: row("JobOverdue"),
  clock: row("ClockWrong"),
  background: row("the check background"),
  notDelivered: row("AlertsNotDelivered"),
  rulesFailing: row("RulesFailing"),
  watchdog: row("Watchdog"),
  profile: slow("Step 1: Profile Operation"),
  storageLayer: slow("Step 2: Check Storage Layer"),
  latency: at("RB-005", "Alerts LatencyBurnsFast, LatencyBurnsSlowly, ConnectionQueue"),
  leakMeasure: at("RB-005", "High Memory Usage, Step 1: Measure Memory"),
  leak: at("RB-005", "High Memory Usage, Step 2: Identify Leak"),
  full: at("RB-006", "Storage Full, Step 1: Find what is full"),
  sizeUnknown: at("RB-006", "Alert DatabaseSizeUnknown"),
  damaged: at("RB-006", "Damaged Instance"),
  scaling: at("RB-006", "Horizontal Scaling"),
  migration: at("RB-007", "Major Version Upgrade, Step 3: Run migration dry-run"),
} as const satisfies Record<string, Step>;
