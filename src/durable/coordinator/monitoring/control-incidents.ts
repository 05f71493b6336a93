/**
 * What a change of the control document, of the keys, or of a circuit breaker's state says in the
 * incident timeline. Pure.
 *
 * @module
 */

import type { KeyView } from "../../../contract/access/answers.ts";
import type { IncidentKind, Severity } from "../../../observability/index.ts";
import type { BreakerState } from "../../../resilience/index.ts";

/** An entry of the timeline, before it has a number and a time. */
export interface NewIncident {
  kind: IncidentKind;
  severity: Severity;
  title: string;
  detail: Record<string, unknown>;
}

/**
 * An operator's or the service's change of what is in force.
 *
 * @param what as in the audit: a mode, circuit_breaker, instance_count, api_key, or a setting
 */
export function incidentOfChange(
  by: string,
  what: string,
  from: unknown,
  to: unknown,
): NewIncident {
  const detail = { by, from, to };
  switch (what) {
    case "maintenance":
    case "degraded": {
      const message = to === null ? "" : `: ${(to as { message: string }).message}`;
      const title = `${what} mode ${to === null ? "off" : `on${message}`} (${by})`;
      return { kind: what, severity: to === null ? "info" : "warning", title, detail };
    }
    case "circuit_breaker": {
      const { action, backend } = to as { action: string; backend: string };
      const title = `order to the circuit breakers of ${backend}: ${action} (${by})`;
      return { kind: "breaker", severity: "warning", title, detail };
    }
    case "instance_count": {
      const title = `number of instances: ${String(from)} → ${String(to)} (${by})`;
      return { kind: "topology", severity: "info", title, detail };
    }
    case "api_key": {
      const { id, name, scopes, namespaces } = to as KeyView;
      const done = from === null ? "made" : "revoked";
      const allows = `${scopes.join(", ")} in ${namespaces.join(", ")}`;
      const title = `key ${id} (${name}) ${done}: ${allows} (${by})`;
      return { kind: "keys", severity: from === null ? "info" : "warning", title, detail };
    }
    default: {
      const title = `${what}: ${JSON.stringify(from)} → ${JSON.stringify(to)} (${by})`;
      return { kind: "settings", severity: "info", title, detail };
    }
  }
}

/** @param at whose breaker it is, in words @param who the same for a program */
export function incidentOfBreaker(
  backend: "turso" | "r2",
  at: { words: string; instance?: number },
  from: string,
  to: BreakerState,
): NewIncident {
  const isOpen = to === "open" || to === "forced_open";
  return {
    kind: "breaker",
    severity: isOpen ? "critical" : to === "closed" ? "info" : "warning",
    title: `circuit breaker of ${backend} at ${at.words}: ${from} → ${to}`,
    detail: { backend, instance: at.instance ?? null, from, to },
  };
}
