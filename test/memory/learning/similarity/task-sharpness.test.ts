import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TaskKernel } from "../../../../src/memory/learning/similarity/task-kernel.ts";
import {
  taskSharpness,
  type RunVotes,
} from "../../../../src/memory/learning/similarity/task-sharpness.ts";

const USUAL = 4;
const THINGS = ["lamp", "chair", "vase", "clock", "mirror", "kettle", "carpet", "shelf"];
const WISHES = ["return", "cancel", "repair", "exchange"];

/** A run of each wish for each thing. @param did what a run did, by its thing and its place */
function runs(did: (thing: string, at: number) => string): RunVotes[] {
  return WISHES.flatMap((wish) => THINGS.map((thing) => ({ wish, thing }))).map(
    ({ wish, thing }, at): RunVotes => ({
      task: `please ${wish} the ${thing} of my order`,
      weights: new Map([[did(thing, at), 1]]),
    }),
  );
}

/** The rarest word of a task says what is done. */
const byThing = runs((thing) => `take_${thing}`);

const sharpnessOf = (votes: readonly RunVotes[]): number =>
  taskSharpness(votes, new TaskKernel(votes.map(({ task }) => ({ task }))));

describe("how much the likeness of tasks tells", () => {
  it("is more than usual where like words lead to like actions", () => {
    expect(sharpnessOf(byThing)).toBeGreaterThan(USUAL);
  });

  it("is less than usual where the words say nothing of what is done", () => {
    const votes = runs((_, at) => ["look", "ask", "wait"][(at * 7 + (at >> 2)) % 3] ?? "");
    expect(sharpnessOf(votes)).toBeLessThan(USUAL);
  });

  it("is the usual one where nothing can tell: one action, or three tasks", () => {
    expect(sharpnessOf(runs(() => "look"))).toBe(USUAL);
    expect(sharpnessOf(byThing.slice(0, 3))).toBe(USUAL);
    expect(sharpnessOf([])).toBe(USUAL);
  });

  it("is told by runs that stand where the present one does, not by the others", () => {
    const far = runs((_, at) => (at % 2 === 0 ? "look" : "ask")).map(({ task, weights }) => ({
      task: `${task}, whenever it suits you`,
      weights: new Map([...weights].map(([name, weight]) => [name, weight * 1e-9])),
    }));
    expect(sharpnessOf([...byThing, ...far].slice(0, 40))).toBe(sharpnessOf(byThing));
  });

  it("does not depend on the order of the runs, nor on how their weights are scaled", () => {
    const votes = runs((thing, at) => (at % 3 === 0 ? "look" : `take_${thing}`));
    const expected = sharpnessOf(votes);
    const anyOrder = fc.shuffledSubarray(votes, { minLength: votes.length });
    fc.assert(
      fc.property(anyOrder, fc.integer({ min: -20, max: 20 }), (shuffled, scale) => {
        const scaled = shuffled.map(({ task, weights }) => ({
          task,
          weights: new Map([...weights].map(([name, weight]) => [name, weight * 2 ** scale])),
        }));
        expect(sharpnessOf(scaled)).toBe(expected);
      }),
    );
  });

  it("does not take runs of one task for evidence of what another leads to", () => {
    const [first] = byThing;
    if (!first) throw new Error("there is a first run");
    const same = Array.from({ length: 12 }, () => first);
    expect(sharpnessOf([...same, ...runs(() => "look").slice(1, 3)])).toBe(USUAL);
  });
});
