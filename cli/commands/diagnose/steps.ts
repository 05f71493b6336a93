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

export const STEPS = {
  keys: at("RB-001", "Step 1: Verify Prerequisites (keys)"),
  start: at("RB-001", "Step 4: Start Service"),
  verify: at("RB-001", "Step 5: Verify Service Health"),
  network: at("RB-001", "Step 6: Monitor Startup (network, firewall, logs)"),
  endMaintenance: at("RB-002", "Planned Maintenance Window, Step 5: End the maintenance"),
  errorCause: errors("Step 2: Identify Root Cause"),
  errorLogs: errors("Step 2: Identify Root Cause (logs)"),
  mitigate: errors("Step 3: Immediate Mitigation"),
  leaveDegraded: errors("Step 3: Immediate Mitigation (leave degraded mode)"),
  deadLetters: errors("Step 4: Verify Resolution (dead letters)"),
  backend: breaker("Step 2: Check Backend Health"),
  recovery: breaker("Step 3: Trigger Manual Recovery"),
  storageLayer: at("RB-005", "Slow Episode Creation, Step 2: Check Storage Layer"),
  optimize: at("RB-005", "Slow Episode Creation, Step 3: Optimize"),
  leak: at("RB-005", "High Memory Usage, Step 2: Identify Leak"),
  full: at("RB-006", "Storage Full, Step 1: Find what is full"),
  migration: at("RB-007", "Major Version Upgrade, Step 3: Run migration dry-run"),
} as const satisfies Record<string, Step>;
