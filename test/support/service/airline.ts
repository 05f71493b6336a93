/**
 * An agent of an airline at work on a service: it looks up, cancels and refunds.
 *
 * @module
 */

import { expect } from "vitest";
import type { Service } from "./service.ts";

const success = (output: string) => ({ type: "success", output });
const LOOK_UP_USER = {
  tool: "get_user_details",
  action: "look up the customer",
  result: success("Ms Quill, gold"),
  latency_ms: 120,
  tokens: 340,
};
const LOOK_UP_RESERVATION = {
  tool: "get_reservation_details",
  action: "look up the reservation",
  parameters: { reservation_id: "4WQ150" },
  result: success("two flights, <b>not</b> used"),
  latency_ms: 95,
  tokens: 280,
};
const CANCEL = {
  tool: "cancel_reservation",
  action: "cancel it",
  parameters: { reservation_id: "4WQ150" },
  latency_ms: 410,
  tokens: 150,
};
const REFUND = {
  tool: "issue_refund",
  action: "refund to the card",
  parameters: { amount: 120.5 },
  result: success("refunded"),
  latency_ms: 300,
  tokens: 90,
};

/** The steps of the i-th episode: the third finds the reservation locked. */
function stepsOf(i: number): object[] {
  const user = { ...LOOK_UP_USER, parameters: { user_id: `u${i}` } };
  const isLocked = i === 2;
  const result = isLocked
    ? { type: "error", message: "reservation is locked" }
    : success("cancelled");
  const steps = [user, LOOK_UP_RESERVATION, { ...CANCEL, result }];
  return isLocked ? steps : [...steps, REFUND];
}

/** Episodes of an agent that found its way, after a failure. Resolves with the id of the last. */
export async function work(service: Service): Promise<string> {
  let id = "";
  const key = await service.key("default");
  const context = { domain: "airline", complexity: "moderate", tags: ["support"] };
  for (let i = 0; i < 6; i++) {
    const task = `Cancel flight ${4000 + i} and refund the customer`;
    const started = await service.call("POST", "/v1/episodes", { key, body: { task, context } });
    id = String(started.body.id);
    const steps = stepsOf(i);
    await service.call("POST", `/v1/episodes/${id}/steps`, { key, body: { steps } });
    const outcome =
      i === 2
        ? { type: "failure", reason: "the reservation was locked" }
        : { type: "success", verdict: "cancelled and refunded" };
    await service.call("POST", `/v1/episodes/${id}/complete`, { key, body: { outcome } });
  }
  return id;
}

/** Sets the share of the hold-out. */
export async function holdOut(service: Service, share: number): Promise<void> {
  const key = await service.key("default");
  const body = { recall_holdout: share };
  const set = await service.call("PUT", "/v1/namespace/settings", { key, body });
  expect(set.body.settings).toMatchObject(body);
}

/** An episode that asks the memory, and succeeds. */
export async function askedEpisode(service: Service, i: number): Promise<void> {
  const key = await service.key("default");
  const task = `Cancel flight ${5000 + i}`;
  const started = await service.call("POST", "/v1/episodes", { key, body: { task } });
  const body = { task, episode_id: String(started.body.id) };
  await service.call("POST", "/v1/recall", { key, body });
  const ended = { outcome: { type: "success" } };
  await service.call("POST", `/v1/episodes/${body.episode_id}/complete`, { key, body: ended });
}
