import { describe, expect, it } from "vitest";
import {
  choose,
  outputsOf,
  recordable,
  recordedAnew,
  shapeOf,
  unlike,
} from "../../scripts/runbooks/recorded/printed.ts";

const anything = { id: "a", expect: null };
const ran = (output: string, exit = 0) =>
  outputsOf("RB-001", [{ block: anything, ended: { exit, output } }]);
const NAMES = new Set(["RB-001 a"]);

describe("a line that is recorded", () => {
  it.each([
    ["episode 0f8fad5b-d9cb-469f-a165-70867728950e", "episode ID"],
    ["at 2026-01-14T12:00:00.123Z, on 2026-01-14", "at TIME, on DAY"],
    ["http://127.0.0.1:41234/console", "http://127.0.0.1:PORT/console"],
    ["written: /tmp/memory-world-Ab3xYz/copy", "written: $TMPDIR/copy"],
    ["sha c0ffee00c0ffee00", "sha ID"],
    ["accessibility and 6 instances", "accessibility and 6 instances"],
  ])("%s: %s", (line, recorded) => expect(recordable(line)).toBe(recorded));

  it("is bounded", () => expect(recordable("a".repeat(10_000))).toHaveLength(400));
});

describe("two lines", () => {
  it.each([
    ["drained in 0.4 s", "drained in 812 ms"],
    ["| 12 │  1,024 |", "| 3 │ 7 |"],
    ['memory_cache_hit_total{instance="0"} 12', 'memory_cache_hit_total{instance="3"} 4.1e+06'],
    ['x_total{kind="timeout"} 1', 'x_total{kind="unreachable"} 7'],
  ])("say the same: %s, %s", (one, other) => expect(shapeOf(one)).toBe(shapeOf(other)));

  it.each([
    ["storage: healthy", "storage: degraded"],
    ["3 episodes", "3 patterns"],
  ])("do not say the same: %s, %s", (one, other) => expect(shapeOf(one)).not.toBe(shapeOf(other)));
});

describe("the record", () => {
  it("has what a block expects and how its output ends, or how it begins and ends", () => {
    const output = "first\nthe second\n\n}\nthe third\nlast of all\n}\n";
    expect(choose({ expect: /third/m }, 0, output)).toEqual({
      exit: 0,
      lines: ["the third"],
    });
    expect(choose({ expect: null }, 1, output)).toEqual({
      exit: 1,
      lines: ["first", "last of all"],
    });
    expect(choose({ expect: null }, 0, "\n")).toEqual({ exit: 0, lines: [] });
  });

  it("keeps a line that is printed again, drops one that is not, and begins anew where none is", () => {
    const first = recordedAnew({}, ran("took 3 s\nsome luck\n"), NAMES);
    expect(first).toEqual({ "RB-001 a": { exit: 0, lines: ["took 3 s", "some luck"] } });
    const second = recordedAnew(first, ran("took 9 s\nother luck\n"), NAMES);
    expect(second).toEqual({ "RB-001 a": { exit: 0, lines: ["took 3 s"] } });
    expect(recordedAnew(second, ran("all is new\n", 1), NAMES)).toEqual({
      "RB-001 a": { exit: 1, lines: ["all is new"] },
    });
  });

  it("keeps blocks that did not run, and forgets those that no table shows", () => {
    const before = { "RB-001 a": { exit: 0, lines: [] }, "RB-009 b": { exit: 0, lines: [] } };
    expect(recordedAnew(before, new Map(), NAMES)).toEqual({ "RB-001 a": { exit: 0, lines: [] } });
  });
});

describe("a run", () => {
  const recorded = { exit: 0, lines: ["6 instances"] };

  it("may say more, and other numbers", () => {
    expect(unlike(recorded, 0, "hello\n4 instances\n")).toEqual([]);
  });

  it("is wrong where it says another thing, nothing, or something for nothing, or ends otherwise", () => {
    expect(unlike(recorded, 0, "4 objects\n")).toEqual(["it did not print: 6 instances"]);
    expect(unlike(recorded, 1, "4 instances\n")).toEqual(["it ended with 1 and not 0"]);
    expect(unlike({ exit: 0, lines: [] }, 0, "a word\n")).toEqual(["it printed: a word"]);
  });
});
