import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Control, initialControl } from "../../../src/durable/shared/control.ts";
import { Instances } from "../../../src/durable/coordinator/instances.ts";
import type { InstanceReport } from "../../../src/durable/shared/coordinator.ts";
import type { InstanceRpc } from "../../../src/durable/shared/instance/protocol.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Answer = (name: string, input: unknown) => Promise<unknown>;
const ok = (value: unknown): Promise<unknown> => Promise.resolve({ ok: true, value });
const takes: Answer = (_, input) => ok({ version: (input as Control).version });

function parts(...answers: Answer[]) {
  const controlStore = {
    control: { ...initialControl(answers.length), version: 2 },
    instanceCount: answers.length,
  };
  const asked: string[] = [];
  const events: unknown[] = [];
  let woken = 0;
  const instances = new Instances({
    controlStore,
    instance: (index) =>
      ({
        internal: (place: { index: number; count: number }, name: string, input: unknown) => {
          asked.push(`${place.index} of ${place.count}: ${name}`);
          return answers[index]?.(name, input);
        },
      }) as unknown as InstanceRpc,
    r2: {
      view: () => ({ state: "closed", until: null, reason: null, calls: 0, failed: 0, slow: 0 }),
    },
    wake: () => {
      woken += 1;
    },
    now: Date.now,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    log: ({ event }) => events.push(event),
  });
  return { controlStore, instances, answers, asked, events, woken: () => woken };
}
const report = (instance: number, control_version: number): InstanceReport =>
  ({ instance, control_version }) as InstanceReport;

describe("the way to the instances", () => {
  it("sends the control document once to each, and again when it changed or an instance lags behind", async () => {
    const { controlStore, instances, asked } = parts(takes, takes);
    await instances.push();
    expect(asked).toEqual(["0 of 2: control", "1 of 2: control"]);
    await instances.push();
    expect(asked).toHaveLength(2);
    controlStore.control = { ...controlStore.control, version: 3 };
    instances.acknowledged(report(1, 3));
    await instances.push();
    expect(asked.slice(2)).toEqual(["0 of 2: control"]);
    instances.acknowledged(report(1, 1));
    await instances.push();
    expect(asked.slice(3)).toEqual(["1 of 2: control"]);
    expect(instances.nextAt()).toBeNull();
  });

  it("asks to be woken for who did not take it, and tells those alone then", async () => {
    const { instances, answers, asked, woken, events } = parts(takes, () =>
      Promise.reject(new Error("gone")),
    );
    await instances.push();
    const at = instances.nextAt() ?? 0;
    expect([at - Date.now(), woken(), events]).toEqual([1_000, 1, ["instance_unreachable"]]);
    answers[1] = takes;
    await instances.onAlarm(at - 1);
    expect(asked).toHaveLength(2);
    await instances.onAlarm(at);
    expect(asked.slice(2)).toEqual(["1 of 2: control"]);
    expect(instances.nextAt()).toBeNull();
  });

  it("names who says no, who is silent and who is out of instanceCount: reach, and has the answers of the others", async () => {
    const { instances, events } = parts(
      () => ok({ retried: 1 }),
      () => Promise.resolve({ ok: false, error: { code: "not_ready", detail: "not now" } }),
      () => new Promise(() => undefined),
      () => Promise.reject(new Error("gone")),
    );
    const answered = instances.everywhere("retry_dead", null, 700);
    await vi.advanceTimersByTimeAsync(700);
    expect(await answered).toEqual([
      { value: { retried: 1 } },
      { instance: 1, error: "not now" },
      { instance: 2, error: "no answer within 700 ms" },
      { instance: 3, error: "the instance is out of reach" },
    ]);
    expect(events).toEqual(["instance_unreachable"]);
  });

  const view = (rows: number, active_episodes = 0) => ({
    outbox: { rows, dead: 0 },
    active_episodes,
  });

  it("drains until nothing is unsent", async () => {
    let rows = 3;
    const { instances } = parts(() => ok(view((rows -= 1))));
    const drained = instances.drain(10_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await drained).toMatchObject({ drained: true, waited_ms: 1_000, unsent_rows: 0 });
  });

  it("gives a drain up when the time does not suffice for another look, and says what is left", async () => {
    const { instances } = parts(
      () => ok(view(2, 1)),
      () => Promise.reject(new Error("gone")),
    );
    const drained = instances.drain(1_200);
    await vi.advanceTimersByTimeAsync(2_000);
    const left = await drained;
    expect(left).toMatchObject({
      drained: false,
      waited_ms: 1_000,
      active_episodes: 1,
      unsent_rows: 2,
    });
    expect(left.message).toContain("1 instances do not answer");
  });
});
