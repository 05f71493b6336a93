/**
 * What `GET /health/ready` says, in the shape of checks by name or as a list.
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

/** Never throws: not to answer is an answer. */
export async function readiness(open: MemoryClient): Promise<ReadinessView> {
  try {
    return readinessOf(await open.request("GET", "/health/ready", {}, { retries: 0 }));
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
