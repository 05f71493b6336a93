import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EvidenceEntry } from "../../../src/contract/lessons/requests.ts";
import {
  countEvidence,
  lessonId,
  lessonTerms,
  sameLesson,
  whatWasSaid,
  type Candidate,
  type DaySum,
} from "../../../src/memory/lessons/index.ts";

const candidate = (id: string, text: string): Candidate => ({
  id,
  kind: "do",
  domain: null,
  terms: lessonTerms(text),
});
const isSame = (a: string, b: string): boolean =>
  sameLesson(candidate("a", a), [candidate("b", b)]) !== null;

describe("two sentences are one lesson", () => {
  it.each([
    ["Run the tests before you push.", "Always run tests before pushing!"],
    ["Ask for the fare class first", "ask for the fare class FIRST."],
    [
      "Set NODE_ENV to production when you build",
      "Please set NODE_ENV to production when building",
    ],
    ["Use the /v2 endpoint of the geocoder", "The /v2 endpoint of the geocoder must be used"],
  ])("%s | %s", (a, b) => {
    expect([isSame(a, b), isSame(b, a)]).toEqual([true, true]);
  });

  it.each([
    ["Run the tests before you push.", "Run the tests after you push."],
    ["Use npm ci to install the dependencies", "Use pnpm to install the dependencies"],
    ["The database listens on port 5432", "The database listens on port 5433"],
    ["Deploy the worker on Fridays", "Do not deploy the worker on Fridays"],
    ["Start the API before the worker", "Start the worker before the API"],
    ["Ask for the order number", "Ask for the user name"],
    ["Refund the order at once", "Refund the order unless it was shipped"],
  ])("but not %s | %s", (a, b) => {
    expect([isSame(a, b), isSame(b, a)]).toEqual([false, false]);
  });

  it("whichever is asked about, and whatever order the others come in", () => {
    const words = fc.array(fc.constantFrom("run", "test", "push", "deploy", "3", "never", "lint"), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(words, words, fc.array(words, { maxLength: 5 }), (a, b, others) => {
        const texts = others.map((other, i) => candidate(`o${i}`, other.join(" ")));
        expect(isSame(a.join(" "), b.join(" "))).toBe(isSame(b.join(" "), a.join(" ")));
        const of = candidate("x", a.join(" "));
        expect(sameLesson(of, texts)).toBe(sameLesson(of, texts.toReversed()));
      }),
    );
  });

  it("and have one id where only what stands between their words differs", () => {
    const of = { kind: "do", domain: null } as const;
    expect(lessonId({ ...of, text: "Ask  first!" })).toBe(lessonId({ ...of, text: "ask first" }));
    expect(lessonId({ ...of, text: "Ask last" })).not.toBe(lessonId({ ...of, text: "ask first" }));
    expect(lessonId({ ...of, text: "!" })).not.toBe(lessonId({ ...of, text: "?" }));
  });
});

const DAY = 86_400_000;
const entry = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 30 }), fc.boolean())
  .map(([n, day, isSaid]): EvidenceEntry => {
    const target = { tools: [], domain: null, tags: [], task: null };
    const statement = { text: `text ${n}`, kind: "do", applies_to: target, source: "", by: "k" };
    return {
      source: `${isSaid ? "e" : "r"}:${n}`,
      episode_id: null,
      at: new Date(day * DAY).toISOString(),
      success: isSaid ? 0 : 1_000,
      failure: 0,
      statement: isSaid ? { ...statement, kind: "do" as const } : null,
    };
  });
const entries = fc.uniqueArray(entry, { maxLength: 20, selector: ({ source }) => source });

const daysOf = (of: readonly EvidenceEntry[]): DaySum[] =>
  of.map(({ at, statement, success, failure }) => ({
    day: Date.parse(at) / DAY,
    said: statement ? 1 : 0,
    used: statement ? 0 : 1,
    imported: 0,
    success,
    failure,
  }));

describe("what is known for a lesson", () => {
  it("follows from the set of its entries: in any order, and without one as if it had never been", () => {
    fc.assert(
      fc.property(entries, entry, (all, extra) => {
        const rest = all.filter(({ source }) => source !== extra.source);
        const taken = [...rest, extra].filter(({ source }) => source !== extra.source);
        expect(whatWasSaid(taken)).toEqual(whatWasSaid(rest));
        expect(whatWasSaid(all.toReversed())).toEqual(whatWasSaid(all));
        const now = 40 * DAY;
        expect(countEvidence(daysOf(taken), now)).toEqual(countEvidence(daysOf(rest), now));
      }),
    );
  });

  it("has bounds that close with its uses, and open again as they age", () => {
    const days = (used: number): DaySum[] => [
      { day: 0, said: 0, used, imported: 0, success: used * 1_000, failure: 0 },
    ];
    const width = (used: number, now: number): number => {
      const { low, high } = countEvidence(days(used), now);
      return high - low;
    };
    expect(countEvidence([], 0)).toMatchObject({ rate: null, low: 0, high: 1 });
    expect(width(10, 0)).toBeLessThan(width(2, 0));
    expect(width(10, 300 * DAY)).toBeGreaterThan(width(10, 0));
  });
});
