import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskError } from "../../../../src/memory/learning/texts/mask.ts";
import { likeness } from "../../../../src/memory/learning/recoveries/likeness.ts";

describe("the likeness of errors", () => {
  it("is 1 for the same template, symmetric, and 0…1", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(likeness(a, a)).toBe(1);
        expect(likeness(a, b)).toBe(likeness(b, a));
        expect(likeness(a, b)).toBeGreaterThanOrEqual(0);
        expect(likeness(a, b)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is none where each names a code of its own", () => {
    expect(likeness("connect ECONNREFUSED <number>", "connect ETIMEDOUT <number>")).toBe(0);
    expect(likeness("ImportError: no x in y", "SyntaxError: no x in y")).toBe(0);
  });

  it("is little where only the words of any error are the same", () => {
    expect(likeness("Cannot find module <text>", "Cannot find name <text>")).toBeLessThan(0.5);
    expect(
      likeness("Error: connect ECONNREFUSED <number>", "connect ECONNREFUSED <number> (pg)"),
    ).toBeGreaterThan(0.5);
  });
});

describe("the template of a long message", () => {
  it("is made of the lines that say what went wrong", () => {
    const message = [
      "Exit code 1",
      "> shop@1.0.0 test",
      ...Array.from({ length: 300 }, (_, i) => `ok ${i} renders the page in ${i} ms`),
      "AssertionError [ERR_ASSERTION]: 3 !== 4",
      "    at Object.<anonymous> (/app/a.test.ts:4:1)",
    ].join("\n");
    expect(maskError(message)).toBe("AssertionError [ERR_ASSERTION]: <number> !== <number>");
  });

  it("is that of the whole message where it has one line, or none that tells", () => {
    expect(maskError("order W17 not found")).toBe("order <id> not found");
    expect(maskError("one\ntwo")).toBe("one two");
  });
});
