/**
 * Readiness: what every part said of itself goes in, a finding of each check comes out. Pure; asks
 * nobody. An outage of the database is not an outage of memory: it makes the service degraded, not
 * unhealthy.
 *
 * @module
 */

import type { Health, ReadinessView } from "../../contract/watching/answers.ts";
import { background, breakers, cache, instances, outbox } from "./instances.ts";
import type { Check, ReadinessFacts } from "./check.ts";
import { backup, jobs, mode } from "./coordinator.ts";
import { migrations, storage } from "./storage.ts";

/** By name, in the order in which they are shown. */
const CHECKS: Readonly<Record<string, Check>> = {
  instances,
  storage,
  cache,
  circuit_breaker: breakers,
  outbox,
  background,
  backup,
  migrations,
  mode,
  jobs,
};

/** The findings of all checks, and the worst of them as the service's status. */
export function judge(facts: ReadinessFacts): ReadinessView {
  const answering = facts.instances.filter((answer) => "view" in answer);
  const checks = Object.entries(CHECKS).map(([name, check]) => {
    const { status, message, latency_ms = 0 } = check(facts, answering);
    return { name, status, latency_ms: Math.round(latency_ms), message };
  });
  return { status: worst(checks.map(({ status }) => status)), checks };
}

function worst(all: readonly Health[]): Health {
  if (all.includes("unhealthy")) return "unhealthy";
  return all.includes("degraded") ? "degraded" : "healthy";
}
