/**
 * Whether the circuit breakers let requests through.
 *
 * @module
 */

import { degraded, healthy, type Check } from "./check.ts";

export const breakers: Check = (_facts, answering) => {
  const open = answering.flatMap(({ instance, view }) =>
    Object.entries(view.breakers)
      .filter(([, { state }]) => state !== "closed" && state !== "disabled")
      .map(
        ([backend, { state, reason }]) =>
          `${backend} ${state} at ${instance}${reason ? ` (${reason})` : ""}`,
      ),
  );
  return open.length === 0
    ? healthy("all closed")
    : degraded(
        `${open.join("; ")}. They close by themselves when a trial write succeeds; POST /admin/circuit-breaker/reset closes them at once`,
      );
};
