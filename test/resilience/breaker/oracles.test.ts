/**
 * The behaviours of a circuit breaker that cockatiel and opossum promise as well, run through all
 * three. Where one of them does otherwise, the row says what it does and why that is not a fault of
 * ours.
 */
import { CircuitState, circuitBreaker, CountBreaker, handleAll } from "cockatiel";
import Opossum from "opossum";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Breaker, DEFAULT_BREAKER } from "../../../src/resilience/index.ts";

/**
 * ok and fail are calls; a number lets so many ms pass. The answer to a call is ok, fail, or
 * refused.
 */
type Action = "ok" | "fail" | "isolate" | "release" | "store" | number;
type Mark = "ok" | "fail" | "refused" | "closed" | "open" | "half_open";

interface Driver {
  call(kind: "ok" | "fail"): Promise<"ok" | "fail" | "refused">;
  state(): string;
  isolate(): void;
  release(): void;
  /** Goes on as another object from what was stored. */
  store(): void;
}

const SIZE = 4;
const OPEN_MS = 1_000;

function ours(): Driver {
  const config = {
    ...DEFAULT_BREAKER,
    window_size: SIZE,
    minimum_calls: SIZE,
    failure_rate: 0.5,
    trial_calls: 1,
    open_ms: OPEN_MS,
    open_backoff: 1,
    open_jitter: 0,
  };
  let breaker = new Breaker(config, Math.random);
  return {
    call(kind) {
      // These libraries take the first call after the wait as the trial; ours is told which call is
      // one.
      const due = breaker.trialAt(Date.now());
      const admission = breaker.acquire(
        Date.now(),
        due !== null && due <= Date.now() ? "trial" : "call",
      );
      if (!admission.ok) return Promise.resolve("refused");
      breaker.record(admission.permit, kind === "ok" ? "success" : "failure", 1, Date.now());
      return Promise.resolve(kind);
    },
    state: () => breaker.state(Date.now()),
    isolate: () => breaker.forceOpen(null, "test", Date.now()),
    release: () => breaker.reset(Date.now()),
    store() {
      const snapshot = breaker.toJSON();
      breaker = new Breaker(config, Math.random);
      breaker.restore(snapshot);
    },
  };
}

function cockatiel(): Driver {
  const make = (initialState?: unknown) =>
    circuitBreaker(handleAll, {
      halfOpenAfter: OPEN_MS,
      breaker: new CountBreaker({ threshold: 0.49, size: SIZE, minimumNumberOfCalls: SIZE }),
      ...(initialState === undefined ? {} : { initialState }),
    });
  let policy = make();
  let held: { dispose(): void } | null = null;
  return {
    async call(kind) {
      let called = false;
      return policy
        .execute(() => {
          called = true;
          if (kind === "fail") throw new Error("fail");
        })
        .then(
          () => "ok" as const,
          () => (called ? ("fail" as const) : ("refused" as const)),
        );
    },
    state: () => {
      const names = {
        [CircuitState.Closed]: "closed",
        [CircuitState.Open]: "open",
        [CircuitState.HalfOpen]: "half_open",
        [CircuitState.Isolated]: "forced_open",
      };
      return names[policy.state];
    },
    isolate: () => {
      held = policy.isolate();
    },
    release: () => held?.dispose(),
    store: () => {
      policy = make(policy.toJSON());
    },
  };
}

function opossum(): Driver {
  const options = {
    timeout: false as const,
    resetTimeout: OPEN_MS,
    errorThresholdPercentage: 49,
    volumeThreshold: SIZE,
    rollingCountTimeout: 10_000,
    rollingCountBuckets: 10,
  };
  const action = (kind: "ok" | "fail") =>
    kind === "ok" ? Promise.resolve() : Promise.reject(new Error("fail"));
  let breaker = new Opossum(action, options);
  return {
    async call(kind) {
      return breaker.fire(kind).then(
        () => "ok" as const,
        (error: Error) => (error.message === "fail" ? ("fail" as const) : ("refused" as const)),
      );
    },
    state: () => (breaker.halfOpen ? "half_open" : breaker.opened ? "open" : "closed"),
    isolate: () => breaker.open(),
    release: () => breaker.close(),
    store: () => {
      const { state, status } = breaker.toJSON() as unknown as { state: never; status: never };
      breaker.shutdown();
      breaker = new Opossum(action, { ...options, state, status } as never);
    },
  };
}

interface Row {
  behaviour: string;
  script: Action[];
  /** The answers of the calls, and at the end the state. */
  expected: Mark[];
  /** What another library does instead, and why. */
  deviations?: Partial<
    Record<"cockatiel" | "opossum", { expected: (Mark | "forced_open")[]; why: string }>
  >;
}

const ROWS: Row[] = [
  {
    behaviour: "stays closed while calls succeed",
    script: ["ok", "ok", "ok", "ok", "ok"],
    expected: ["ok", "ok", "ok", "ok", "ok", "closed"],
  },
  {
    behaviour: "never opens below the minimum of calls",
    script: ["fail", "fail", "fail"],
    expected: ["fail", "fail", "fail", "closed"],
  },
  {
    behaviour: "opens when all calls fail",
    script: ["fail", "fail", "fail", "fail"],
    expected: ["fail", "fail", "fail", "fail", "open"],
  },
  {
    behaviour: "opens at one half",
    script: ["ok", "fail", "ok", "fail"],
    expected: ["ok", "fail", "ok", "fail", "open"],
  },
  {
    behaviour: "stays closed below one half",
    script: ["ok", "ok", "ok", "fail"],
    expected: ["ok", "ok", "ok", "fail", "closed"],
  },
  {
    behaviour: "forgets calls that left the window",
    script: ["fail", "ok", "ok", "ok", "ok", "fail"],
    expected: ["fail", "ok", "ok", "ok", "ok", "fail", "closed"],
  },
  {
    behaviour: "judges by the window's calls only: two of the last four",
    script: ["ok", "ok", "ok", "ok", "fail", "fail"],
    expected: ["ok", "ok", "ok", "ok", "fail", "fail", "open"],
    deviations: {
      opossum: {
        expected: ["ok", "ok", "ok", "ok", "fail", "fail", "closed"],
        why: "opossum has windows of time only: two of the six calls of the last ten seconds failed.",
      },
    },
  },
  {
    behaviour: "refuses while open",
    script: ["fail", "fail", "fail", "fail", "ok", 999, "ok"],
    expected: ["fail", "fail", "fail", "fail", "refused", "refused", "open"],
  },
  {
    behaviour: "closes by a trial that succeeds",
    script: ["fail", "fail", "fail", "fail", 1_001, "ok", "ok"],
    expected: ["fail", "fail", "fail", "fail", "ok", "ok", "closed"],
  },
  {
    behaviour: "opens again by a trial that fails",
    script: ["fail", "fail", "fail", "fail", 1_001, "fail", "ok"],
    expected: ["fail", "fail", "fail", "fail", "fail", "refused", "open"],
  },
  {
    behaviour: "waits again after a trial that failed",
    script: ["fail", "fail", "fail", "fail", 1_001, "fail", 500, "ok", 501, "ok"],
    expected: ["fail", "fail", "fail", "fail", "fail", "refused", "ok", "closed"],
  },
  {
    behaviour: "begins with an empty window after it closed",
    script: ["fail", "fail", "fail", "fail", 1_001, "ok", "fail", "fail", "fail"],
    expected: ["fail", "fail", "fail", "fail", "ok", "fail", "fail", "fail", "closed"],
    deviations: {
      cockatiel: {
        expected: ["fail", "fail", "fail", "fail", "ok", "fail", "fail", "fail", "open"],
        why: "cockatiel counts the trial itself as the first call of the new window; ours begins empty.",
      },
      opossum: {
        expected: ["fail", "fail", "fail", "fail", "ok", "fail", "refused", "refused", "open"],
        why: "opossum keeps the failures of the last ten seconds, so one failure after the trial opens it again.",
      },
    },
  },
  {
    behaviour: "refuses when isolated by hand, and nothing but a hand ends it",
    script: ["isolate", "ok", 60_000, "ok", "release", "ok"],
    expected: ["refused", "refused", "ok", "closed"],
    deviations: {
      opossum: {
        expected: ["refused", "ok", "ok", "closed"],
        why: "opossum has no forced state: open() waits and tries like any opening.",
      },
    },
  },
  {
    behaviour: "is open after it was stored and restored",
    script: ["fail", "fail", "fail", "fail", "store", "ok"],
    expected: ["fail", "fail", "fail", "fail", "refused", "open"],
  },
  {
    behaviour: "takes a trial at once when its time passed before it was restored",
    script: ["fail", "fail", "fail", "fail", 1_001, "store", "ok"],
    expected: ["fail", "fail", "fail", "fail", "ok", "closed"],
  },
];

async function run(driver: Driver, script: readonly Action[]): Promise<string[]> {
  const marks: string[] = [];
  for (const action of script) {
    if (typeof action === "number") await vi.advanceTimersByTimeAsync(action);
    else if (action === "ok" || action === "fail") marks.push(await driver.call(action));
    else driver[action]();
  }
  return [...marks, driver.state()];
}

describe.each([
  ["ours", ours],
  ["cockatiel", cockatiel],
  ["opossum", opossum],
] as const)("%s", (name, make) => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it.each(ROWS)("$behaviour", async ({ script, expected, deviations }) => {
    const deviation = name === "ours" ? undefined : deviations?.[name];
    expect(await run(make(), script)).toEqual(deviation?.expected ?? expected);
  });
});
