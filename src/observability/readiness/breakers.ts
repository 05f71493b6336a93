/**
 * Judges whether the circuit breakers let requests through: each instance's before the database,
 * and the Coordinator's before R2.
 *
 * @module
 */

import { degraded, healthy, type Check } from "./check.ts";

export const breakers: Check = ({ coordinator }, answering) => {
  const all = [
    ...answering.map(({ instance, view }) => ({
      name: "turso",
      at: String(instance),
      ...view.breakers.turso,
    })),
    ...(coordinator?.r2 ? [{ name: "r2", at: "the Coordinator", ...coordinator.r2 }] : []),
  ];
  const open = all
    .filter(({ state }) => state !== "closed" && state !== "disabled")
    .map(
      ({ name, at, state, reason }) => `${name} ${state} at ${at}${reason ? ` (${reason})` : ""}`,
    );
  return open.length === 0
    ? healthy("all closed")
    : degraded(
        `${open.join("; ")}. They close by themselves when a trial write succeeds; POST /admin/circuit-breaker/reset closes them at once`,
      );
};
