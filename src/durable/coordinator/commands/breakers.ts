/**
 * Commands about the circuit breakers: an operator's orders, and what requests to R2 came to.
 *
 * @module
 */

import type { Handlers } from "./handler.ts";

export const BREAKER_COMMANDS: Handlers<"breaker.order" | "r2.report"> = {
  "breaker.order": async ({ controlStore, instances, r2, log }, { order, by }) => {
    const { id, ...what } = controlStore.addOrder(order, by);
    log({ event: "breaker_order", level: "warn", id, by, ...what });
    if (order.backend === "r2") r2.order(order);
    await instances.push();
    return instances.view("view");
  },

  "r2.report": ({ r2 }, report) => r2.report(report),
};
