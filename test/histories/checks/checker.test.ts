import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { check } from "./check.ts";
import type { Action, History, Operation, Outcome } from "../history.ts";
import { linearizability } from "./linearizability.ts";
import { EPISODE, lessonModel, SETTINGS } from "./models.ts";
import { checkCounts, checkMonotonic } from "./monotonic.ts";
import { checkRepetitions, checkStarts } from "./repetitions.ts";
import { shrink } from "./shrink.ts";

const ok = (value: unknown): Outcome => ({ type: "ok", value });
const refused = (code: string): Outcome => ({ type: "refused", code });
const UNKNOWN: Outcome = { type: "unknown" };
const NEVER = Number.POSITIVE_INFINITY;

function operation(
  [invoked, answered]: readonly [number, number],
  action: Action,
  outcome: Outcome,
  object = "episode 0",
): Operation {
  const clock = { invoked: 0, answered: null };
  return { client: 0, object, action, invoked, answered, clock, outcome };
}

const START = operation([1, 2], { name: "start", task: "t" }, ok({ version: 1 }));
const steps = (at: readonly [number, number], tools: string[], outcome: Outcome): Operation =>
  operation(at, { name: "steps", tools }, outcome);
const get = (at: readonly [number, number], outcome: Outcome): Operation =>
  operation(at, { name: "get" }, outcome);
const remove = (at: readonly [number, number], outcome: Outcome): Operation =>
  operation(at, { name: "delete", if_match: null }, outcome);
const complete = (at: readonly [number, number]): Operation =>
  operation(at, { name: "complete" }, ok({ version: 3, status: "completed" }));

const archive = (at: readonly [number, number]): Operation =>
  operation(at, { name: "archive" }, ok({ version: 4, status: "completed", archived: true }));
const unarchive = (at: readonly [number, number]): Operation =>
  operation(at, { name: "unarchive" }, ok({ status: "completed", archived: false }));

/** Histories of an episode that no right service has, each by what is wrong in it. */
const WRONG: Readonly<Record<string, readonly Operation[]>> = {
  "an acknowledged step is lost": [
    START,
    steps([3, 4], ["a"], ok({ version: 2, last_number: 1 })),
    get([5, 6], ok({ version: 1, tools: [] })),
  ],
  "a repeated step counts twice": [
    START,
    steps([3, 4], ["a"], ok({ version: 2, last_number: 1 })),
    get([5, 6], ok({ version: 3, tools: ["a", "a"] })),
  ],
  "two steps have one number": [
    START,
    steps([3, 6], ["a"], ok({ version: 2, last_number: 1 })),
    steps([4, 5], ["b"], ok({ version: 2, last_number: 1 })),
  ],
  "a step is added after the end": [
    START,
    complete([3, 4]),
    steps([5, 6], ["a"], ok({ version: 4, last_number: 1 })),
  ],
  "a read is older than one before it": [
    START,
    steps([3, 20], ["a"], UNKNOWN),
    get([5, 6], ok({ version: 2, tools: ["a"] })),
    get([7, 8], ok({ version: 1, tools: [] })),
  ],
  "what was deleted comes back": [
    START,
    remove([3, 4], ok({})),
    get([5, 6], ok({ version: 1, tools: [] })),
  ],
  "one that runs is archived": [START, archive([3, 4])],
  "one that was archived is read as if it were not": [
    START,
    complete([3, 4]),
    archive([5, 6]),
    get([7, 8], ok({ version: 4, tools: [], archived: false })),
  ],
  "what is there is not found": [START, get([3, 4], refused("not_found"))],
  "a version is given twice": [
    START,
    operation([3, 4], { name: "note", note: "x", if_match: 1 }, ok({ version: 2, note: "x" })),
    operation([5, 6], { name: "note", note: "y", if_match: 1 }, ok({ version: 2, note: "y" })),
  ],
  "an amend answers with another's": [
    START,
    operation([3, 8], { name: "note", note: "x", if_match: null }, ok({ version: 2, note: "y" })),
    operation([4, 7], { name: "note", note: "y", if_match: null }, ok({ version: 3, note: "y" })),
  ],
  "an answer that is never heard is undone": [
    START,
    steps([3, NEVER], ["a"], UNKNOWN),
    get([5, 6], ok({ version: 2, tools: ["a"] })),
    get([7, 8], ok({ version: 1, tools: [] })),
  ],
};

describe("histories that no right service has", () => {
  for (const [wrong, operations] of Object.entries(WRONG))
    it(`are found: ${wrong}`, () => {
      expect(linearizability(EPISODE, operations)).toBe("not linearizable");
    });

  it("are found of a lesson and of a setting", () => {
    const read = operation(
      [3, 4],
      { name: "read" },
      ok({ text: "old", pinned: false }),
      "lesson 0",
    );
    const amend = operation([1, 2], { name: "amend", text: "new" }, ok({}), "lesson 0");
    expect(linearizability(lessonModel("old"), [amend, read])).toBe("not linearizable");
    const set = operation([1, 2], { name: "set", share: 0.5 }, ok(0.5), "settings");
    const view = operation([3, 4], { name: "view" }, ok(0), "settings");
    expect(linearizability(SETTINGS, [set, view])).toBe("not linearizable");
  });

  it("are found in what is shown later", () => {
    const list = (at: readonly [number, number], items: unknown[], degraded = false): Operation =>
      operation(at, { name: "list" }, ok({ degraded, items }), "namespace");
    const search = (at: readonly [number, number], items: string[], isPartial = false): Operation =>
      operation(at, { name: "search", word: "w" }, ok({ items, isPartial }), "namespace");
    const item = { of: "episode 9", version: 2, status: "in_progress" };
    const older = { ...item, version: 1 };
    const broken = (...operations: Operation[]): number =>
      check({ seed: 0, clients: 1, instances: 1, operations, faults: [] }, new Map()).violations
        .length;
    expect(broken(list([1, 2], [item]), list([3, 4], [older]))).toBe(1);
    expect(broken(list([1, 2], [item]), list([3, 4], []))).toBe(1);
    expect(broken(search([1, 2], ["episode 9"]), search([3, 4], []))).toBe(1);
    // They overlap, or it is said that something may be missing.
    expect(broken(list([1, 3], [item]), list([2, 4], []))).toBe(0);
    expect(broken(list([1, 2], [item]), list([3, 4], [], true))).toBe(0);
    expect(broken(search([1, 2], ["episode 9"]), search([3, 4], [], true))).toBe(0);
  });

  it("are found in searches for what was learned", () => {
    const start = operation([1, 2], { name: "start", task: "make w work" }, ok({ version: 1 }));
    const done = { version: 3, status: "completed", learning: "done" };
    const end = operation([3, 4], { name: "complete" }, ok(done));
    const search = operation(
      [5, 6],
      { name: "search", word: "w" },
      ok({ items: [], isPartial: false }),
      "namespace",
    );
    const operations = [start, end, search];
    const history: History = { seed: 0, clients: 1, instances: 1, operations, faults: [] };
    expect(check(history, new Map()).violations).toHaveLength(1);
  });

  it("are found in counters, and in answers to a repetition", () => {
    const counted = (at: readonly [number, number], steps: number): Operation =>
      operation(
        at,
        { name: "count" },
        ok({ created: { 0: 1 }, steps: { 0: steps }, completed: {} }),
        "counters",
      );
    const logged = steps([3, 4], ["a", "b"], ok({ version: 2, last_number: 2 }));
    const history = (...operations: Operation[]): History => ({
      seed: 0,
      clients: 1,
      instances: 1,
      operations,
      faults: [],
    });
    expect(checkMonotonic(history(counted([1, 2], 2), counted([3, 4], 1)))).toHaveLength(1);
    expect(checkCounts(history(START, logged, counted([5, 6], 2)), 0)).toEqual([]);
    expect(checkCounts(history(START, logged, counted([5, 6], 4)), 0)).toHaveLength(1);
    expect(checkCounts(history(START, logged, counted([5, 6], 0)), 0)).toHaveLength(1);
    const again = { ...logged, again: ok({ version: 3, last_number: 4 }) };
    expect(checkRepetitions(history(START, again))).toHaveLength(1);
    expect(checkRepetitions(history(START, { ...logged, again: logged.outcome }))).toEqual([]);
    const early = { ...archive([3, 4]), atOnce: refused("conflict") };
    expect(checkRepetitions(history(START, early))).toEqual([]);
    expect(checkRepetitions(history(START, { ...early, again: refused("conflict") }))).toHaveLength(
      1,
    );
    expect(checkRepetitions(history(START, { ...logged, atOnce: refused("x") }))).toHaveLength(1);
    expect(checkStarts(["a", "b", "a"])).toHaveLength(1);
  });

  it("are found in lists and searches", () => {
    const listed = (at: readonly [number, number], items: unknown[]): Operation =>
      operation(at, { name: "list" }, ok({ degraded: false, items }), "namespace");
    const searched = operation(
      [7, 8],
      { name: "search", word: "w" },
      ok({ items: ["episode 0"], isPartial: false }),
      "namespace",
    );
    const item = { of: "episode 0", version: 1, status: "in_progress" };
    const wrong: Operation[][] = [
      [START, listed([3, 4], [])],
      [START, remove([3, 4], ok({})), listed([5, 6], [item])],
      [START, remove([3, 4], ok({})), searched],
      [START, complete([3, 4]), archive([5, 6]), listed([7, 8], [{ ...item, version: 4 }])],
      [START, complete([3, 4]), unarchive([4, 5]), archive([5, 6]), searched],
      [START, steps([3, 4], ["a"], ok({ version: 2, last_number: 1 })), listed([5, 6], [item])],
    ];
    for (const operations of wrong) {
      const history: History = { seed: 0, clients: 1, instances: 1, operations, faults: [] };
      expect(check(history, new Map()).violations).toHaveLength(1);
    }
  });
});

describe("histories that a right service has", () => {
  it("are let pass, whatever came between", () => {
    const right = [
      START,
      steps([3, 9], ["a"], ok({ version: 3, last_number: 2 })),
      steps([4, 8], ["b"], ok({ version: 2, last_number: 1 })),
      get([5, 6], ok({ version: 1, tools: [] })),
      get([10, 11], ok({ version: 3, tools: ["b", "a"] })),
      steps([12, NEVER], ["c"], UNKNOWN),
      get([13, 14], ok({ version: 3, tools: ["b", "a"] })),
      get([15, 16], ok({ version: 4, tools: ["b", "a", "c"] })),
      remove([17, NEVER], UNKNOWN),
      get([18, 19], refused("not_found")),
    ];
    expect(linearizability(EPISODE, right)).toBe("linearizable");
  });

  it("are those whose episode is archived, refused that while it runs, and brought back", () => {
    const shown = operation(
      [11, 12],
      { name: "list" },
      ok({ degraded: false, items: [{ of: "episode 0", version: 5, status: "completed" }] }),
      "namespace",
    );
    const early = operation([2, 3], { name: "archive" }, refused("conflict"));
    const right = [START, early, complete([4, 5]), archive([6, 9]), unarchive([8, 10]), shown];
    const history: History = { seed: 0, clients: 1, instances: 1, operations: right, faults: [] };
    expect(check(history, new Map())).toEqual({ violations: [], undecided: [] });
  });

  it("are those of any order of calls that overlap", () => {
    const call = fc.record({
      tool: fc.constantFrom("a", "b"),
      early: fc.nat(6),
      late: fc.nat(6),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 8 }), (calls) => {
        // Carried out one after the other; each may have begun earlier, and be answered later.
        const operations = calls.map(({ tool, early, late }, i) =>
          steps(
            [10 * (i + 1) - early, 10 * (i + 1) + late],
            [tool],
            ok({ version: i + 2, last_number: i + 1 }),
          ),
        );
        expect(linearizability(EPISODE, [START, ...operations])).toBe("linearizable");
      }),
    );
  });
});

describe("a failing history", () => {
  it("is shrunk to what shows it", () => {
    const noise = Array.from({ length: 40 }, (_, i) =>
      get([10 * i + 3, 10 * i + 4], ok({ version: 1, tools: [] })),
    );
    const lost = steps([500, 501], ["a"], ok({ version: 2, last_number: 1 }));
    const wrong = get([502, 503], ok({ version: 1, tools: [] }));
    const fails = (some: readonly Operation[]): boolean =>
      linearizability(EPISODE, some) === "not linearizable";
    expect(shrink([START, ...noise, lost, wrong], fails)).toEqual([START, lost, wrong]);
  });
});
