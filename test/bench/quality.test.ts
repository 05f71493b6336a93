import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interval, mean } from "../../bench/quality/bootstrap.ts";
import { nameOccurs } from "../../bench/quality/coding/ways-out.ts";
import { brier, calibrationError } from "../../bench/quality/measures.ts";
import { generator, shuffled } from "../../bench/quality/random.ts";
import { stagesOf } from "../../bench/quality/runs/curve.ts";
import { curvesSvg } from "../../bench/quality/runs/curve-svg.ts";
import { foreignTasks, gibberish } from "../../bench/quality/runs/foreign.ts";
import { successesWithin } from "../../bench/quality/runs/next-step.ts";
import { RUN_SETS } from "../../bench/quality/sets/index.ts";
import { csvRows } from "../../bench/quality/sets/files.ts";
import { metaTool } from "../../bench/quality/sets/metatool.ts";

const sets = RUN_SETS.map((read) => read());

describe("an interval", () => {
  it("holds the mean it was drawn around in about 95 of 100 samples", () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = generator(seed * 7_919);
      const items = Array.from({ length: 40 }, (_, task) => ({ task, value: random() - 0.5 }));
      const { low, high } = interval(
        items,
        ({ task }) => task,
        (drawn) => mean(drawn.map(({ value }) => value)),
      );
      if (low <= 0 && high >= 0) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.89);
    expect(covered / 200).toBeLessThan(0.99);
  });

  it("is wider where the runs of a task are alike, and the same for the same items", () => {
    const runs = Array.from({ length: 10 }, (_, task) =>
      Array.from({ length: 10 }, (_run, run) => ({ task, run, value: task % 2 })),
    ).flat();
    const of = (groupOf: (item: (typeof runs)[number]) => unknown): number => {
      const { low, high } = interval(runs, groupOf, (drawn) =>
        mean(drawn.map(({ value }) => value)),
      );
      return high - low;
    };
    expect(of(({ task }) => task)).toBeGreaterThan(2 * of(({ task, run }) => `${task} ${run}`));
    expect(of(({ task }) => task)).toBe(of(({ task }) => task));
  });
});

describe("measures of probabilities", () => {
  it("are 0 for what is sure and right, and 1 for what is sure and wrong", () => {
    const sure = [
      { probability: 1, isTrue: true },
      { probability: 0, isTrue: false },
    ];
    const wrong = sure.map(({ probability, isTrue }) => ({ probability, isTrue: !isTrue }));
    expect([brier(sure), calibrationError(sure)]).toEqual([0, 0]);
    expect([brier(wrong), calibrationError(wrong)]).toEqual([1, 1]);
  });

  it("call calibrated what comes true as often as it says", () => {
    const said = Array.from({ length: 100 }, (_, i) => ({ probability: 0.3, isTrue: i < 30 }));
    expect(calibrationError(said)).toBeCloseTo(0);
    expect(brier(said)).toBeCloseTo(0.21);
  });
});

describe("a set of runs", () => {
  it.each(sets)("holds whole tasks back: $name", ({ learned, asked }) => {
    const known = new Set(learned.map(({ task_id }) => task_id));
    expect(learned.length).toBeGreaterThan(0);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ task_id }) => known.has(task_id))).toEqual([]);
  });

  it.each(sets)("is asked about in whole tasks, spread over it: $name", ({ asked }) => {
    const some = successesWithin(asked, 30);
    const steps = some.reduce((sum, run) => sum + run.steps.length, 0);
    expect(steps).toBeGreaterThan(0);
    const successes = asked.filter(({ outcome }) => outcome.success === true);
    const idsOf = (runs: typeof asked): string[] => runs.map(({ id }) => id).sort();
    expect(idsOf(successesWithin(asked, 1_000_000))).toEqual(idsOf(successes));
  });

  it("of queries names a tool for each", () => {
    const { learned, asked } = metaTool();
    expect(learned.length).toBeGreaterThan(1_000);
    expect([...learned, ...asked].every(({ text, tool }) => text !== "" && tool !== "")).toBe(true);
  });

  it("may be a CSV file with quoted fields", () => {
    const text = 'Query,Tool\nplain,a\n"with, comma and ""quotes""\nand a break",b\r\nlast,c';
    expect(csvRows(text)).toEqual([
      ["plain", "a"],
      ['with, comma and "quotes"\nand a break', "b"],
      ["last", "c"],
    ]);
  });
});

describe("foreign questions", () => {
  const tasks = new Map([
    ["own", ["mine"]],
    ["a", ["a1", "a2", "a2"]],
    ["b", ["b1", "b2", "b3"]],
  ]);

  it("are of every other domain by turns, and each once", () => {
    const asked = foreignTasks("own", tasks);
    expect(asked.toSorted()).toEqual(["a1", "a2", "b1", "b2", "b3"]);
    expect(asked.slice(0, 2).map((task) => task.charAt(0))).toEqual(["a", "b"]);
  });

  it("may be gibberish, the same each time", () => {
    expect(gibberish()).toEqual(gibberish());
    expect(new Set(gibberish()).size).toBe(15);
  });
});

describe("what a way out names", () => {
  it("is found as whole words, one after another", () => {
    expect(nameOccurs("docker compose up", "run `docker compose up -d db` first")).toBe(true);
    expect(nameOccurs("docker compose up", "docker compose restart, then docker up")).toBe(false);
    expect(nameOccurs("rm", "npm run format")).toBe(false);
  });
});

describe("a learning curve", () => {
  it("has rising stages, each once", () => {
    expect(stagesOf(100)).toEqual([6, 13, 25, 50, 100]);
    expect(stagesOf(3)).toEqual([1, 2, 3]);
  });

  it("is drawn within its panel, whatever the figures", () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
        const points = values.map((one, i) => ({ episodes: 2 ** i, value: one }));
        const baseline = { name: "a < b & c", points };
        const svg = curvesSvg([{ set: "s", figure: "f", memory: points, baseline }]);
        const drawn = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)];
        expect(drawn).toHaveLength(values.length);
        for (const [, x, y] of drawn) {
          expect(Number(x)).toBeLessThanOrEqual(300);
          expect(Number(y)).toBeLessThanOrEqual(220);
        }
        expect(svg).not.toContain("a < b");
        expect(svg).not.toContain("NaN");
      }),
    );
  });

  it("keeps every item when it is shuffled", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.nat(), (items, seed) => {
        const order = shuffled(items, generator(seed));
        expect(order.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });
});
