/**
 * Asks `GET /health/ready`, and reads the answer of any version of the service: checks by name or as
 * a list, with this word or that.
 *
 * @module
 */

import { MemoryError, type MemoryClient } from "../../../client/index.ts";

export interface CheckView {
  name: string;
  ok: boolean;
  status: string;
  latency_ms: number | null;
  message: string;
}

export interface ReadinessView {
  /** healthy, degraded, unhealthy; unreachable when nobody answers. */
  status: string;
  checks: CheckView[];
}

/** Never throws: a service that does not answer is `unreachable`. */
export async function readiness(client: MemoryClient): Promise<ReadinessView> {
  try {
    return readinessOf(await client.request("GET", "/health/ready", {}, { retries: 0 }));
  } catch (error) {
    // An unhealthy service answers with 503, and says why in the body.
    if (error instanceof MemoryError && Reflect.has(Object(error.body), "checks"))
      return readinessOf(error.body);
    const message = error instanceof Error ? error.message : String(error);
    const status = error instanceof MemoryError && error.status > 0 ? "unhealthy" : "unreachable";
    return {
      status,
      checks: [{ name: "service", ok: false, status: "fail", latency_ms: null, message }],
    };
  }
}

/** What is not well, a text a check. */
export function problemsOf({ checks }: ReadinessView): string[] {
  return checks.filter(({ ok }) => !ok).map(({ name, message }) => `${name}: ${message}`);
}

type Check = {
  name?: string;
  status?: string;
  detail?: string;
  message?: string;
  latency_ms?: number;
};

function readinessOf(body: unknown): ReadinessView {
  const { status, checks } = (body ?? {}) as {
    status?: string;
    checks?: Check[] | Record<string, Check>;
  };
  const list = Array.isArray(checks)
    ? checks
    : Object.entries(checks ?? {}).map(([name, check]) => ({ name, ...check }));
  return {
    status: status ?? "unhealthy",
    checks: list.map((check) => ({
      name: check.name ?? "check",
      ok: ["pass", "healthy", "ok"].includes(check.status ?? ""),
      status: check.status ?? "unknown",
      latency_ms: check.latency_ms ?? null,
      message: check.message ?? check.detail ?? "",
    })),
  };
}
