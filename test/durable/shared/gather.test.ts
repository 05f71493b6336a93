/** The asking itself, with made-up instances: who is asked how, and what time each is given. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gatherer, type Merges } from "../../../src/durable/shared/instance/gather.ts";
import { MERGES } from "../../../src/durable/shared/instance/merges.ts";
import type { Gathered, GatherInput } from "../../../src/durable/shared/instance/protocol.ts";
import { Refused } from "../../../src/durable/shared/refusals.ts";
import type { Sample } from "../../../src/observability/index.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Asked = { instance: number; name: string; input: unknown };

/** Who asks, in front of instances that answer as `answer` says. */
function gathererOf(answer: (asked: Asked) => Promise<unknown>, merges: Merges = {}) {
  const asked: Asked[] = [];
  const unreachable: number[] = [];
  const gatherer = new Gatherer({
    ask: (instance, name, input) => {
      asked.push({ instance, name, input });
      return answer({ instance, name, input }) as Promise<never>;
    },
    now: Date.now,
    merges,
    onUnreachable: (instance) => unreachable.push(instance),
  });
  return { gatherer, asked, unreachable };
}

const sync = (end: number): GatherInput<"sync"> => ({
  name: "sync",
  input: { namespace: "n" },
  range: { first: 0, end },
  total: end,
  within_ms: 1_000,
});
/** As an instance that is the head of a part answers: for all of it. */
function answerOfAll({ instance, name, input }: Asked): Promise<unknown> {
  const value = (number: number) => ({ namespaces: [`n${number}`] });
  if (name !== "gather") return Promise.resolve(value(instance));
  const { first, end } = (input as GatherInput).range;
  const answers = Array.from({ length: end - first }, (_, at) => ({
    instance: first + at,
    value: value(first + at),
  }));
  return Promise.resolve({ answers, silent: [] });
}
const numbersOf = (gathered: Gathered<"sync">): number[] =>
  gathered.answers.map(({ instance }) => instance).sort((a, b) => a - b);
const upTo = (end: number): number[] => Array.from({ length: end }, (_, index) => index);

describe("who is asked", () => {
  it("is each instance itself, up to the fan-out", async () => {
    const { gatherer, asked } = gathererOf(answerOfAll);
    expect(numbersOf(await gatherer.ask(sync(16)))).toEqual(upTo(16));
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(["sync"]));
  });

  it("is the head of each part beyond it, which is given less time than there is", async () => {
    const { gatherer, asked } = gathererOf(answerOfAll);
    expect(numbersOf(await gatherer.ask(sync(40)))).toEqual(upTo(40));
    expect(asked.map(({ instance, name }) => [instance, name])).toEqual([
      [0, "gather"],
      [16, "gather"],
      [32, "gather"],
    ]);
    expect(asked.map(({ input }) => (input as GatherInput).within_ms)).toEqual([600, 600, 600]);
  });

  it("is, as a head, the rest of its own part and itself", async () => {
    const { gatherer, asked } = gathererOf(answerOfAll);
    const gathered = await gatherer.askAsHead({ ...sync(40), range: { first: 32, end: 40 } });
    expect(numbersOf(gathered)).toEqual([32, 33, 34, 35, 36, 37, 38, 39]);
    expect(asked.every(({ name }) => name === "sync")).toBe(true);
  });

  it.each([
    ["is gone", () => Promise.reject(new Error("gone"))],
    ["hangs", () => new Promise(() => undefined)],
    ["refuses", () => Promise.reject(new Refused("not_ready", "not now"))],
  ])("are those below a head that %s, which costs its own answer only", async (_, fails) => {
    const { gatherer, asked } = gathererOf((one) =>
      one.instance === 16 ? fails() : answerOfAll(one),
    );
    const work = gatherer.ask(sync(40));
    await vi.advanceTimersByTimeAsync(1_000);
    const gathered = await work;
    expect(numbersOf(gathered)).toEqual(upTo(40).filter((number) => number !== 16));
    expect(gathered.silent.map(({ instance }) => instance)).toEqual([16]);
    expect(asked.filter(({ name }) => name === "sync").map(({ instance }) => instance)).toEqual(
      upTo(32).filter((number) => number > 16),
    );
  });

  it("answers by its deadline when everybody hangs, and names all", async () => {
    const { gatherer } = gathererOf(() => new Promise(() => undefined));
    const work = gatherer.ask(sync(300));
    await vi.advanceTimersByTimeAsync(1_000);
    const { answers, silent } = await work;
    expect(answers).toEqual([]);
    expect(silent.map(({ instance }) => instance).sort((a, b) => a - b)).toEqual(upTo(300));
  });

  it("is asked again when the platform says that it helps, and that once", async () => {
    const breaks = Object.assign(new Error("the code was updated"), { retryable: true });
    let failures = 1;
    const { gatherer, asked, unreachable } = gathererOf((one) =>
      one.instance === 1 && failures-- > 0 ? Promise.reject(breaks) : answerOfAll(one),
    );
    expect((await gatherer.ask(sync(2))).silent).toEqual([]);
    failures = 2;
    expect((await gatherer.ask(sync(2))).silent).toEqual([
      { instance: 1, error: "the instance is out of reach", refusal: null },
    ]);
    expect([asked.length, unreachable]).toEqual([6, [1]]);
  });
});

describe("the small write of a health check", () => {
  const waits = (asked: readonly Asked[]) =>
    asked.map(({ input }) => (input as { wait_ms: number | null }).wait_ms);
  const health = (within_ms: number): GatherInput<"health"> => ({
    ...sync(2),
    name: "health",
    input: { wait_ms: 500 },
    within_ms,
  });

  it("is waited for as long as was asked, or until the answer can still come in time", async () => {
    for (const [within_ms, wait_ms] of [
      [800, 500],
      [450, 300],
      [100, 0],
    ] as const) {
      const { gatherer, asked } = gathererOf(() => Promise.resolve(null));
      await gatherer.ask(health(within_ms));
      expect(waits(asked)).toEqual([wait_ms, wait_ms]);
    }
  });

  it("is made by sixteen at most, however many there are", async () => {
    for (const [total, writing] of [
      [16, 16],
      [17, 9],
      [256, 16],
      [1_024, 16],
    ] as const) {
      const { gatherer, asked } = gathererOf(() => Promise.resolve(null));
      // One part after the other, as the heads have them.
      for (const first of upTo(total)) {
        const range = { first, end: first + 1 };
        await gatherer.ask({ ...health(800), range, total });
      }
      expect(waits(asked).filter((wait_ms) => wait_ms !== null)).toHaveLength(writing);
    }
  });
});

describe("merged metrics", () => {
  const steps = (instance: number | string, value: number): Sample => ({
    name: "memory_step_logged_total",
    labels: { instance: String(instance) },
    value,
  });
  const rows = (instance: number): Sample => ({
    name: "memory_outbox_depth",
    labels: { instance: String(instance) },
    value: instance,
  });
  const merge = (answers: [number, Sample[]][], silent: number[], end: number, total: number) =>
    MERGES.metrics?.(
      {
        answers: answers.map(([instance, value]) => ({ instance, value })),
        silent: silent.map((instance) => ({ instance, error: "", refusal: null })),
      },
      { input: null, range: { first: 0, end }, total },
    );
  const some = upTo(16).filter((number) => number !== 3);

  it("are one sum of a whole group, beside every instance's gauges", () => {
    const all = upTo(16).map((i): [number, Sample[]] => [i, [steps(i, 2), rows(i)]]);
    expect(merge(all, [], 16, 100)).toEqual([
      { instance: 0, value: [...upTo(16).map(rows), steps("0-15", 32)] },
    ]);
  });

  it("are under another name while one is missing: no series falls and rises again", () => {
    const all = some.map((i): [number, Sample[]] => [i, [steps(i, 2)]]);
    expect(merge(all, [3], 16, 100)).toEqual([
      { instance: 0, value: [steps("0-15 without 3", 30)] },
    ]);
  });

  it("are not summed twice further up", () => {
    const merged = merge([[0, [steps("0-15", 32)]]], [], 100, 100);
    expect(merged).toEqual([{ instance: 0, value: [steps("0-15", 32)] }]);
  });

  it("are each instance's own up to 64 instances, and where the group is not whole yet", () => {
    const all = upTo(16).map((i): [number, Sample[]] => [i, [steps(i, 2)]]);
    expect(merge(all, [], 16, 64)).toHaveLength(16);
    expect(merge(all.slice(0, 15), [], 15, 100)).toHaveLength(15);
  });
});

describe("merged dead letters", () => {
  it("are the oldest of all, as many as were asked for", () => {
    const letter = (parked_at: string) => ({ parked_at }) as never;
    const answers = [
      { instance: 0, value: [letter("2"), letter("4")] },
      { instance: 1, value: [letter("1"), letter("3")] },
    ];
    const of = { input: { limit: 3 }, range: { first: 0, end: 2 }, total: 2 };
    const merged = MERGES.dead?.({ answers, silent: [] }, of);
    expect(merged?.flatMap(({ value }) => value)).toEqual(["1", "2", "3"].map(letter));
  });
});
