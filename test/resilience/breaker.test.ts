/**
 * The breaker's conformance table: one line for each behaviour. Behaviours that other libraries
 * promise too are in `breaker.oracles.test.ts`, where they run through all of them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Breaker,
  DEFAULT_BREAKER,
  type BreakerConfig,
  type Transition,
} from "../../src/resilience/index.ts";

const CONFIG: BreakerConfig = {
  ...DEFAULT_BREAKER,
  window_type: "count",
  window_size: 4,
  minimum_calls: 4,
  failure_rate: 0.5,
  slow_call_rate: 0.75,
  slow_call_ms: 100,
  trial_calls: 2,
  trial_lease_ms: 500,
  open_ms: 1_000,
  open_backoff: 2,
  open_max_ms: 3_000,
  open_jitter: 0,
};

type Kind = "ok" | "fail" | "slow" | "slow_fail" | "ignored";

class Bench {
  now = 1_000_000;
  readonly events: Transition[] = [];
  breaker: Breaker;

  constructor(more: Partial<BreakerConfig> = {}, random = () => 0) {
    this.breaker = new Breaker({ ...CONFIG, ...more }, random, (event) => this.events.push(event));
  }

  get state() {
    return this.breaker.state(this.now);
  }
  get moves(): string[] {
    return this.events.map(({ from, to }) => `${from}→${to}`);
  }
  begin(purpose: "call" | "trial" = "call") {
    const admission = this.breaker.acquire(this.now, purpose);
    return admission.ok ? admission.permit : null;
  }
  /** false: refused. */
  call(kind: Kind, purpose: "call" | "trial" = "call"): boolean {
    const permit = this.begin(purpose);
    if (!permit) return false;
    this.end(permit, kind);
    return true;
  }
  end(permit: { epoch: number; trial: number | null }, kind: Kind): void {
    const result =
      kind === "ignored"
        ? "ignored"
        : kind === "fail" || kind === "slow_fail"
          ? "failure"
          : "success";
    this.breaker.record(permit, result, kind.startsWith("slow") ? 100 : 1, this.now);
  }
  calls(...kinds: Kind[]): void {
    for (const kind of kinds) this.call(kind);
  }
  open(): this {
    this.calls("fail", "fail", "fail", "fail");
    expect(this.state).toBe("open");
    return this;
  }
  halfOpen(): this {
    this.open();
    this.now += 1_000;
    this.breaker.trialAt(this.now);
    return this;
  }
  retryAfter(): number {
    const admission = this.breaker.acquire(this.now, "call");
    return admission.ok ? -1 : admission.retry_after_ms;
  }
}

type Row = [behaviour: string, run: () => void];

const settings: Row[] = [
  [
    "the defaults are valid",
    () => expect(() => new Breaker(DEFAULT_BREAKER, Math.random)).not.toThrow(),
  ],
  ...(
    [
      ["failure_rate", 0],
      ["failure_rate", 1.01],
      ["slow_call_rate", -1],
      ["window_size", 0],
      ["window_size", 1.5],
      ["minimum_calls", 0],
      ["trial_calls", 0],
      ["open_ms", 0],
      ["open_backoff", 0.5],
      ["open_jitter", 2],
      ["slow_call_ms", Number.NaN],
    ] as const
  ).map(([name, value]): Row => [
    `${name} ${value} is refused by name`,
    () => expect(() => new Bench({ [name]: value })).toThrow(name),
  ]),
  [
    "minimum_calls beyond a count window counts as its size",
    () => {
      const bench = new Bench({ minimum_calls: 100 });
      bench.calls("fail", "fail", "fail", "fail");
      expect(bench.state).toBe("open");
    },
  ],
  [
    "settings passed in are not changed, and may change at run time without a transition",
    () => {
      const config = { ...CONFIG };
      const bench = new Bench(config);
      bench.breaker.configure({ ...config, minimum_calls: 2 });
      bench.calls("fail", "fail");
      expect(config).toEqual(CONFIG);
      expect(bench.moves).toEqual(["closed→open"]);
    },
  ],
  [
    "another type of window begins empty",
    () => {
      const bench = new Bench();
      bench.calls("fail", "fail", "fail");
      bench.breaker.configure({ ...CONFIG, window_type: "time", window_size: 60 });
      bench.calls("fail");
      expect(bench.state).toBe("closed");
      expect(bench.breaker.rates(bench.now).calls).toBe(1);
    },
  ],
];

const closed: Row[] = [
  [
    "never opens below minimum_calls, even if all fail",
    () => {
      const bench = new Bench();
      bench.calls("fail", "fail", "fail");
      expect(bench.state).toBe("closed");
    },
  ],
  [
    "opens at exactly the failure rate",
    () => {
      const bench = new Bench();
      bench.calls("ok", "ok", "fail", "fail");
      expect(bench.state).toBe("open");
    },
  ],
  [
    "stays closed just below it",
    () => {
      const bench = new Bench();
      bench.calls("ok", "ok", "ok", "fail");
      expect(bench.state).toBe("closed");
    },
  ],
  [
    "opens by slow calls alone, though all succeed",
    () => {
      const bench = new Bench();
      bench.calls("slow", "slow", "slow", "ok");
      expect([bench.state, bench.events[0]?.cause]).toEqual(["open", "slow_call_rate"]);
    },
  ],
  [
    "a slow failure is both",
    () => {
      const bench = new Bench({ failure_rate: 1 });
      bench.calls("slow_fail", "slow", "slow");
      expect(bench.breaker.rates(bench.now)).toEqual({ calls: 3, failed: 1, slow: 3 });
    },
  ],
  [
    "a count window forgets the oldest call",
    () => {
      const bench = new Bench();
      bench.calls("fail", "ok", "ok", "ok", "fail", "ok");
      expect([bench.state, bench.breaker.rates(bench.now).failed]).toEqual(["closed", 1]);
    },
  ],
  [
    "a time window forgets what is older than its seconds",
    () => {
      const bench = new Bench({ window_type: "time", window_size: 10 });
      bench.calls("fail", "fail", "fail");
      bench.now += 10_000;
      bench.calls("fail");
      expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 1]);
    },
  ],
  [
    "a time window keeps what is within its seconds, second by second",
    () => {
      const bench = new Bench({ window_type: "time", window_size: 10 });
      for (let i = 0; i < 3; i++) {
        bench.calls("fail");
        bench.now += 3_000;
      }
      bench.calls("fail");
      expect(bench.state).toBe("open");
    },
  ],
  [
    "a time window holds at most a bucket for each of its seconds",
    () => {
      const bench = new Bench({ window_type: "time", window_size: 5, minimum_calls: 1_000 });
      for (let i = 0; i < 500; i++) {
        bench.calls("ok");
        bench.now += 500;
      }
      const { state } = bench.breaker.toJSON() as unknown as {
        state: { window: { buckets: unknown[] } };
      };
      expect(state.window.buckets.length).toBeLessThanOrEqual(5);
    },
  ],
  [
    "an ignored call is neither a success nor a failure",
    () => {
      const bench = new Bench();
      bench.calls("ignored", "ignored", "fail", "fail", "fail");
      expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 3]);
    },
  ],
  [
    "admits any number of calls at once",
    () => {
      const bench = new Bench();
      const permits = Array.from({ length: 1_000 }, () => bench.begin());
      expect(permits.every((permit) => permit !== null)).toBe(true);
    },
  ],
];

const open: Row[] = [
  [
    "refuses without a call",
    () => {
      const bench = new Bench().open();
      expect(bench.call("ok")).toBe(false);
    },
  ],
  [
    "says how long, and less as time passes, never less than what is left",
    () => {
      const bench = new Bench().open();
      expect(bench.retryAfter()).toBe(1_000);
      bench.now += 400;
      expect(bench.retryAfter()).toBe(600);
    },
  ],
  [
    "counts what it refuses",
    () => {
      const bench = new Bench().open();
      bench.calls("ok", "ok", "ok");
      expect(bench.breaker.refused).toBe(3);
    },
  ],
  [
    "the late result of a call from before changes nothing",
    () => {
      const bench = new Bench();
      const late = bench.begin();
      bench.open();
      if (late) bench.end(late, "ok");
      expect([bench.state, bench.moves]).toEqual(["open", ["closed→open"]]);
    },
  ],
  [
    "a result from before an opening does not count after the closing either",
    () => {
      const bench = new Bench();
      const late = bench.begin();
      bench.halfOpen();
      bench.call("ok", "trial");
      bench.call("ok", "trial");
      expect(bench.state).toBe("closed");
      if (late) bench.end(late, "fail");
      expect(bench.breaker.rates(bench.now).calls).toBe(0);
    },
  ],
  [
    "an ordinary call never is the trial, however long it was open",
    () => {
      const bench = new Bench().open();
      bench.now += 60_000;
      expect([bench.call("ok"), bench.state]).toEqual([false, "open"]);
    },
  ],
  [
    "stays open longer each time in a row, up to the bound",
    () => {
      const bench = new Bench().open();
      const waits: number[] = [];
      for (let i = 0; i < 4; i++) {
        waits.push(bench.retryAfter());
        bench.now += waits.at(-1) ?? 0;
        bench.call("fail", "trial");
      }
      expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
    },
  ],
  [
    "the wait is the first one again after it closed",
    () => {
      const bench = new Bench().halfOpen();
      bench.call("fail", "trial");
      bench.now += 2_000;
      bench.call("ok", "trial");
      bench.call("ok", "trial");
      bench.open();
      expect(bench.retryAfter()).toBe(1_000);
    },
  ],
  [
    "the wait neither overflows nor ends after any number of failures",
    () => {
      const bench = new Bench({ open_backoff: 10 }).open();
      for (let i = 0; i < 2_000; i++) {
        bench.now += 3_000;
        bench.call("fail", "trial");
      }
      expect(bench.retryAfter()).toBe(3_000);
    },
  ],
  [
    "jitter only shortens, by at most its share",
    () => {
      for (const random of [0, 0.5, 1]) {
        const bench = new Bench({ open_jitter: 0.2 }, () => random).open();
        expect(bench.retryAfter()).toBe(1_000 - 200 * random);
      }
    },
  ],
];

const halfOpen: Row[] = [
  [
    "begins with the first trial after the wait, not by itself",
    () => {
      const bench = new Bench().halfOpen();
      expect(bench.state).toBe("open");
      bench.begin("trial");
      expect(bench.state).toBe("half_open");
    },
  ],
  [
    "a trial before the wait is over is refused",
    () => {
      const bench = new Bench().open();
      bench.now += 999;
      expect(bench.call("ok", "trial")).toBe(false);
    },
  ],
  [
    "lets exactly the permitted trials through at once",
    () => {
      const bench = new Bench().halfOpen();
      const permits = Array.from({ length: 1_000 }, () => bench.begin("trial"));
      expect(permits.filter((permit) => permit !== null)).toHaveLength(2);
    },
  ],
  [
    "refuses ordinary calls",
    () => {
      const bench = new Bench().halfOpen();
      bench.begin("trial");
      expect(bench.begin("call")).toBe(null);
    },
  ],
  [
    "closes when the trials succeed",
    () => {
      const bench = new Bench().halfOpen();
      bench.call("ok", "trial");
      expect(bench.state).toBe("half_open");
      bench.call("ok", "trial");
      expect(bench.moves).toEqual(["closed→open", "open→half_open", "half_open→closed"]);
    },
  ],
  [
    "opens again when they fail, as soon as that is certain",
    () => {
      const bench = new Bench().halfOpen();
      bench.call("fail", "trial");
      expect([bench.state, bench.events.at(-1)?.cause]).toEqual(["open", "trial_failed"]);
    },
  ],
  [
    "opens again when they are slow",
    () => {
      const bench = new Bench().halfOpen();
      bench.call("slow", "trial");
      bench.call("slow", "trial");
      expect(bench.state).toBe("open");
    },
  ],
  [
    "decides by its trials alone: minimum_calls does not apply",
    () => {
      const bench = new Bench({ minimum_calls: 4, trial_calls: 1 }).halfOpen();
      bench.call("fail", "trial");
      expect(bench.state).toBe("open");
    },
  ],
  [
    "a mixed result below the rate closes it",
    () => {
      const bench = new Bench({ trial_calls: 3 }).halfOpen();
      bench.call("fail", "trial");
      bench.call("ok", "trial");
      bench.call("ok", "trial");
      expect(bench.state).toBe("closed");
    },
  ],
  [
    "an ignored trial gives its permit back and decides nothing",
    () => {
      const bench = new Bench().halfOpen();
      for (let i = 0; i < 10; i++) expect(bench.call("ignored", "trial")).toBe(true);
      expect(bench.state).toBe("half_open");
    },
  ],
  [
    "a holder that dies frees its permit when the lease ends",
    () => {
      const bench = new Bench().halfOpen();
      bench.begin("trial");
      bench.begin("trial");
      expect(bench.begin("trial")).toBe(null);
      expect(bench.breaker.trialAt(bench.now)).toBe(bench.now + 500);
      bench.now += 500;
      expect(bench.begin("trial")).not.toBe(null);
    },
  ],
  [
    "the result of a lapsed lease changes nothing",
    () => {
      const bench = new Bench().halfOpen();
      const lapsed = bench.begin("trial");
      bench.now += 500;
      if (lapsed) bench.end(lapsed, "fail");
      expect(bench.state).toBe("half_open");
    },
  ],
  [
    "a result given twice counts once",
    () => {
      const bench = new Bench().halfOpen();
      const permit = bench.begin("trial");
      if (permit) bench.end(permit, "ok");
      if (permit) bench.end(permit, "ok");
      expect(bench.state).toBe("half_open");
    },
  ],
  [
    "a trial of an earlier half-open state changes nothing in a later one",
    () => {
      const bench = new Bench().halfOpen();
      const early = bench.begin("trial");
      bench.call("fail", "trial");
      bench.now += 2_000;
      bench.begin("trial");
      expect(bench.state).toBe("half_open");
      if (early) bench.end(early, "fail");
      expect(bench.state).toBe("half_open");
    },
  ],
];

const forced: Row[] = [
  [
    "forced open refuses calls and trials, and never half-opens",
    () => {
      const bench = new Bench();
      bench.breaker.forceOpen(null, "drill", bench.now);
      bench.now += 3_600_000;
      expect([bench.call("ok"), bench.call("ok", "trial"), bench.state]).toEqual([
        false,
        false,
        "forced_open",
      ]);
    },
  ],
  [
    "forced open ends at its time, and a trial finds out how the backend is",
    () => {
      const bench = new Bench();
      bench.breaker.forceOpen(bench.now + 5_000, "drill", bench.now);
      expect(bench.retryAfter()).toBe(5_000);
      bench.now += 5_000;
      bench.call("ok", "trial");
      bench.call("ok", "trial");
      expect(bench.moves).toEqual([
        "closed→forced_open",
        "forced_open→open",
        "open→half_open",
        "half_open→closed",
      ]);
    },
  ],
  [
    "disabled lets everything through and records nothing",
    () => {
      const bench = new Bench();
      bench.breaker.disable(null, "test", bench.now);
      for (let i = 0; i < 50; i++) expect(bench.call("fail")).toBe(true);
      expect(bench.state).toBe("disabled");
    },
  ],
  [
    "disabled ends at its time, closed and empty",
    () => {
      const bench = new Bench();
      bench.calls("fail", "fail", "fail");
      bench.breaker.disable(bench.now + 1_000, "test", bench.now);
      bench.now += 1_000;
      expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 0]);
    },
  ],
  [
    "reset closes any state and forgets the window",
    () => {
      for (const prepare of [
        (bench: Bench) => bench.calls("fail", "fail", "fail"),
        (bench: Bench) => bench.open(),
        (bench: Bench) => bench.halfOpen().begin("trial"),
        (bench: Bench) => bench.breaker.forceOpen(null, "x", bench.now),
        (bench: Bench) => bench.breaker.disable(null, "x", bench.now),
      ]) {
        const bench = new Bench();
        prepare(bench);
        bench.breaker.reset(bench.now);
        expect([bench.state, bench.breaker.rates(bench.now).calls]).toEqual(["closed", 0]);
      }
    },
  ],
  [
    "reset of a closed breaker is no transition",
    () => {
      const bench = new Bench();
      bench.calls("fail");
      bench.breaker.reset(bench.now);
      expect(bench.moves).toEqual([]);
    },
  ],
  [
    "forcing it twice is one transition, and the later end counts",
    () => {
      const bench = new Bench();
      bench.breaker.forceOpen(bench.now + 1_000, "a", bench.now);
      bench.breaker.forceOpen(bench.now + 9_000, "b", bench.now);
      expect(bench.moves).toEqual(["closed→forced_open"]);
      expect(bench.breaker.forced(bench.now)).toEqual({ until: bench.now + 9_000, reason: "b" });
    },
  ],
  [
    "every state can be forced open and disabled",
    () => {
      for (const prepare of [
        (bench: Bench) => bench.open(),
        (bench: Bench) => bench.halfOpen().begin("trial"),
      ]) {
        const bench = new Bench();
        prepare(bench);
        bench.breaker.forceOpen(null, "x", bench.now);
        expect(bench.state).toBe("forced_open");
        bench.breaker.disable(null, "x", bench.now);
        expect(bench.state).toBe("disabled");
      }
    },
  ],
  [
    "the result of a call from before a forced state changes nothing",
    () => {
      const bench = new Bench();
      const permit = bench.begin();
      bench.breaker.forceOpen(null, "x", bench.now);
      if (permit) bench.end(permit, "ok");
      expect(bench.state).toBe("forced_open");
    },
  ],
  [
    "the cluster opens a closed breaker, and moves no other state",
    () => {
      const bench = new Bench();
      bench.breaker.openForCluster(bench.now);
      expect(bench.events.map(({ to, cause }) => [to, cause])).toEqual([["open", "fleet"]]);
      bench.breaker.disable(null, "x", bench.now);
      bench.breaker.openForCluster(bench.now);
      expect(bench.state).toBe("disabled");
    },
  ],
];

function moved(bench: Bench, more: Partial<BreakerConfig> = {}): Bench {
  const next = new Bench(more);
  next.now = bench.now;
  next.breaker.restore(JSON.parse(JSON.stringify(bench.breaker)) as ReturnType<Breaker["toJSON"]>);
  return next;
}

const stored: Row[] = [
  [
    "a closed window goes on where it stopped",
    () => {
      const bench = new Bench();
      bench.calls("fail", "fail", "fail");
      const next = moved(bench);
      next.calls("fail");
      expect(next.state).toBe("open");
    },
  ],
  [
    "an open one waits only what is left",
    () => {
      const bench = new Bench().open();
      bench.now += 700;
      expect(moved(bench).retryAfter()).toBe(300);
    },
  ],
  [
    "an open one whose time passed meanwhile takes a trial at once",
    () => {
      const bench = new Bench().open();
      bench.now += 60_000;
      const next = moved(bench);
      expect([next.call("ok", "trial"), next.state]).toEqual([true, "half_open"]);
    },
  ],
  [
    "a half-open one keeps its leases and their results",
    () => {
      const bench = new Bench().halfOpen();
      const permit = bench.begin("trial");
      bench.call("ok", "trial");
      const next = moved(bench);
      expect(next.begin("trial")).toBe(null);
      if (permit) next.end(permit, "ok");
      expect(next.state).toBe("closed");
    },
  ],
  [
    "a new lease does not take an old one's name",
    () => {
      const bench = new Bench({ trial_calls: 3 }).halfOpen();
      const before = bench.begin("trial");
      const after = moved(bench, { trial_calls: 3 }).begin("trial");
      expect(after?.trial).not.toBe(before?.trial);
    },
  ],
  [
    "the epoch goes on rising, so that results from before stay out",
    () => {
      const bench = new Bench().open();
      const next = moved(bench);
      next.now += 1_000;
      next.begin("trial");
      expect(next.breaker.epoch).toBeGreaterThan(bench.breaker.epoch);
    },
  ],
  [
    "a forced state keeps its end and its reason",
    () => {
      const bench = new Bench();
      bench.breaker.forceOpen(bench.now + 500, "drill", bench.now);
      expect(moved(bench).breaker.forced(bench.now)).toEqual({
        until: bench.now + 500,
        reason: "drill",
      });
    },
  ],
  [
    "what was stored does not change with what goes on",
    () => {
      const bench = new Bench().halfOpen();
      bench.begin("trial");
      const snapshot = bench.breaker.toJSON();
      const copy = JSON.stringify(snapshot);
      bench.begin("trial");
      expect(JSON.stringify(snapshot)).toBe(copy);
    },
  ],
];

const clock: Row[] = [
  [
    "a clock that stands still lets no time pass",
    () => {
      const bench = new Bench().open();
      for (let i = 0; i < 100; i++) expect(bench.call("ok", "trial")).toBe(false);
    },
  ],
  [
    "a clock that steps back does not lengthen the wait beyond what was left",
    () => {
      const bench = new Bench().open();
      bench.now += 900;
      expect(bench.retryAfter()).toBe(100);
      bench.now -= 500_000;
      expect(bench.retryAfter()).toBe(100);
    },
  ],
  [
    "a clock that leaps forward opens the way for a trial, not for calls",
    () => {
      const bench = new Bench().open();
      bench.now += 1e12;
      expect([bench.call("ok"), bench.call("ok", "trial")]).toEqual([false, true]);
    },
  ],
];

const told: Row[] = [
  [
    "each transition is told once, in order, with its cause and its numbers",
    () => {
      const bench = new Bench().open();
      expect(bench.events).toEqual([
        {
          from: "closed",
          to: "open",
          epoch: 1,
          at: bench.now,
          cause: "failure_rate",
          rates: { calls: 4, failed: 4, slow: 0 },
        },
      ]);
    },
  ],
  [
    "a listener that throws does not stop the machine",
    () => {
      const breaker = new Breaker(
        CONFIG,
        () => 0,
        () => {
          throw new Error("listener");
        },
      );
      for (let i = 0; i < 4; i++) {
        const admission = breaker.acquire(0, "call");
        if (admission.ok) breaker.record(admission.permit, "failure", 1, 0);
      }
      expect(breaker.state(0)).toBe("open");
    },
  ],
  [
    "the time of the next trial is told while it is open, and none when closed or forced",
    () => {
      const bench = new Bench();
      expect(bench.breaker.trialAt(bench.now)).toBe(null);
      bench.open();
      expect(bench.breaker.trialAt(bench.now)).toBe(bench.now + 1_000);
      bench.breaker.forceOpen(null, "x", bench.now);
      expect(bench.breaker.trialAt(bench.now)).toBe(null);
    },
  ],
];

describe.each([
  ["settings", settings],
  ["closed", closed],
  ["open", open],
  ["half-open", halfOpen],
  ["forced", forced],
  ["stored", stored],
  ["clock", clock],
  ["told", told],
] as const)("the breaker, %s:", (_name, rows) => {
  it.each(rows.map(([behaviour, run]) => ({ behaviour, run })))("$behaviour", ({ run }) => run());
});

describe("the breaker, whatever happens:", () => {
  const action = fc.oneof(
    fc.record({
      do: fc.constant("begin" as const),
      purpose: fc.constantFrom("call" as const, "trial" as const),
    }),
    fc.record({
      do: fc.constant("end" as const),
      pick: fc.nat(20),
      kind: fc.constantFrom<Kind>("ok", "fail", "slow", "ignored"),
    }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: -200, max: 2_000 }) }),
    fc.record({
      do: fc.constantFrom("force" as const, "disable" as const, "reset" as const, "store" as const),
    }),
  );

  it("has at most the permitted trials out, follows only legal transitions, and can be stored at any moment", () => {
    const legal =
      /^(closed→(open|forced_open|disabled)|open→(half_open|closed|forced_open|disabled)|half_open→(open|closed|forced_open|disabled)|forced_open→(open|closed|disabled)|disabled→(closed|forced_open))$/;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        let bench = new Bench();
        const out: { epoch: number; trial: number | null }[] = [];
        const moves: string[] = [];
        for (const step of actions) {
          if (step.do === "begin") {
            const permit = bench.begin(step.purpose);
            if (permit) out.push(permit);
          } else if (step.do === "end" && out.length > 0) {
            const [permit] = out.splice(step.pick % out.length, 1);
            if (permit) bench.end(permit, step.kind);
          } else if (step.do === "wait") bench.now += step.ms;
          else if (step.do === "force") bench.breaker.forceOpen(bench.now + 500, "x", bench.now);
          else if (step.do === "disable") bench.breaker.disable(bench.now + 500, "x", bench.now);
          else if (step.do === "reset") bench.breaker.reset(bench.now);
          else if (step.do === "store") {
            moves.push(...bench.moves);
            bench = moved(bench);
          }
          const { state } = bench.breaker.toJSON() as unknown as {
            state: { kind: string; leases?: unknown[] };
          };
          expect(state.leases?.length ?? 0).toBeLessThanOrEqual(2);
        }
        for (const move of [...moves, ...bench.moves]) expect(move).toMatch(legal);
      }),
    );
  });
});
